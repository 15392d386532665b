//! Requests of pages, and of methods that a route has not.

use super::*;

const SHOP: &str = "https://shop.example";

fn open() -> Router {
    let options = Options::public(new_id).open_to(SHOP.parse().unwrap());
    edge(routes(Policy::Anybody), options)
}

fn preflight(origin: &str) -> Request {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,if-match"),
    ];
    request(Method::OPTIONS, "/anything", &headers, Body::empty())
}

#[tokio::test]
async fn a_page_of_the_shop_may_call_and_read() {
    let answer = ask(open(), preflight(SHOP)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), SHOP);
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("if-match")
    );
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("PUT")
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let answer = ask(open(), get_request("/cached", &[("origin", SHOP)])).await;
    assert_eq!(answer.header("access-control-allow-origin"), SHOP);
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("etag")
    );
    assert!(answer.header("vary").contains("origin"));
}

#[tokio::test]
async fn no_other_page_may() {
    for origin in [
        "null",
        "https://evil.example",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "HTTPS://SHOP.EXAMPLE",
    ] {
        for request in [
            preflight(origin),
            get_request("/cached", &[("origin", origin)]),
        ] {
            let answer = ask(open(), request).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
            let credentials = answer.header("access-control-allow-credentials");
            assert_eq!(credentials, "", "{origin}");
        }
    }
}

#[tokio::test]
async fn refusals_can_be_read_too() {
    let headers = [("origin", SHOP)];
    let answer = ask(open(), get_request("/nowhere", &headers)).await;
    assert_eq!(answer.slug(), "not-found");
    assert_eq!(answer.header("access-control-allow-origin"), SHOP);
    let answer = ask(open(), get_request("/broken", &headers)).await;
    assert_eq!(answer.slug(), "internal");
    assert_eq!(answer.header("access-control-allow-origin"), SHOP);
}

#[tokio::test]
async fn nobody_may_when_no_origin_is_named() {
    let answer = ask(public(), get_request("/cached", &[("origin", SHOP)])).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(ask(public(), preflight(SHOP)).await.status, 404);
}

#[tokio::test]
async fn a_method_that_a_path_of_another_function_has_not_is_405() {
    let paths: &[crate::api::Elsewhere] = &[("/teas/{id}", "GET,PUT")];
    let router = edge(Api::default().elsewhere(paths), Options::public(new_id));
    let asked = request(Method::PATCH, "/teas/7", &[], Body::empty());
    let answer = ask(router.clone(), asked).await;
    assert_eq!(
        (answer.status, answer.slug()),
        (405, "method-not-allowed".into())
    );
    assert_eq!(answer.header("allow"), "GET,PUT");
    let answer = ask(router, get_request("/cups/7", &[])).await;
    assert_eq!((answer.status, answer.slug()), (404, "not-found".into()));
}
