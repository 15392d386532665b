//! One tag, exactly.

use axum::http::Request;

use super::*;

async fn read(values: &[&str]) -> Result<IfMatch, u16> {
    let mut request = Request::builder();
    for value in values {
        request = request.header(header::IF_MATCH, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let read = IfMatch::from_request_parts(&mut parts, &()).await;
    read.map_err(|problem| problem.status().as_u16())
}

#[tokio::test]
async fn a_tag_is_read_back() {
    for version in [0, 1, 42, u64::MAX] {
        let tag = etag(version);
        let read = read(&[tag.to_str().unwrap()]).await.unwrap();
        assert!(read.demand(version).is_ok());
        let refused = read.demand(version.wrapping_add(1)).unwrap_err();
        assert_eq!(refused.status(), 412);
    }
}

#[tokio::test]
async fn a_change_says_what_it_was_made_from() {
    assert_eq!(read(&[]).await, Err(428));
    for values in [
        &[""][..],
        &["*"],
        &["7"],
        &["W/\"7\""],
        &["\"x\""],
        &["\"\""],
        &["\"+7\""],
        &["\"1\", \"2\""],
        &["\"1\"", "\"2\""],
        &["\"99999999999999999999\""],
    ] {
        assert_eq!(read(values).await, Err(400), "{values:?}");
    }
}
