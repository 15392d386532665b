//! What is a list of origins, and what is none.

use super::*;

#[test]
fn origins_are_read_from_a_list() {
    let origins: Origins = "https://shop.example, http://localhost:3000"
        .parse()
        .unwrap();
    assert_eq!(origins.0, ["https://shop.example", "http://localhost:3000"]);
}

#[test]
fn what_no_browser_would_send_as_an_origin_is_refused() {
    for text in [
        "",
        "*",
        "null",
        "shop.example",
        "https://",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://Shop.example",
        "https://user@shop.example",
        "ftp://shop.example",
        "https://shop.example,",
        "https://shop.example\nhttps://other.example",
    ] {
        let parsed = text.parse::<Origins>();
        assert_eq!(parsed, Err(InvalidOrigins), "{text:?}");
    }
}
