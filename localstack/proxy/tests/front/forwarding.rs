//! What goes through goes through as it is.

use aws_proxy::{Interference, Proxy, StartError};
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::front::{Front, LIMIT, Outcome, Reply};

#[tokio::test]
async fn method_path_headers_host_and_body_arrive_byte_for_byte() -> Outcome {
    let front = Front::open().await?;
    let target = "/a/../b//c%2F%2e%2e/'x'?q=%27a%27&&b=1+2";
    let sent = format!(
        "PATCH {target} HTTP/1.1\r\nHost: dynamodb.eu-west-1.example:4566\r\n\
         X-Amz-Date: 20260801T000000Z\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close, x-here\r\n\
         X-Here: only\r\nContent-Length: 7\r\n\r\n\u{0}\r\nbyte"
    );
    let answer = front.raw(&sent).await?;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let seen = front.far.seen().pop().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("PATCH", target)
    );
    assert_eq!(&seen.body[..], b"\0\r\nbyte");
    let mut headers: Vec<_> = seen
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    headers.sort_unstable();
    let expected = [
        ("content-length", "7"),
        ("host", "dynamodb.eu-west-1.example:4566"),
        ("x-amz-date", "20260801T000000Z"),
        ("x-twice", "1"),
        ("x-twice", "2"),
    ];
    assert_eq!(
        headers, expected,
        "all headers, none for one hop, none added"
    );
    Ok(())
}

#[tokio::test]
async fn a_call_without_host_or_caller_gets_none() -> Outcome {
    let front = Front::open().await?;
    front.raw("GET / HTTP/1.0\r\n\r\n").await?;
    assert!(front.far.seen()[0].headers.is_empty());
    assert_eq!(front.last_call()?.caller, "");
    Ok(())
}

#[tokio::test]
async fn status_headers_and_body_of_the_answer_come_back() -> Outcome {
    let front = Front::open().await?;
    let mut canned = Response::new(Body::from(&b"\xff\x00two"[..]));
    *canned.status_mut() = StatusCode::IM_A_TEAPOT;
    let headers = canned.headers_mut();
    headers.insert("x-amzn-requestid", HeaderValue::from_static("r-1"));
    headers.append("set-cookie", HeaderValue::from_static("a=1"));
    headers.append("set-cookie", HeaderValue::from_static("b=2"));
    front.far.will_send(canned);
    let response = front.client.get(front.proxy.url()).send().await?;
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-amzn-requestid"], "r-1");
    let cookies = response.headers().get_all("set-cookie");
    assert_eq!(cookies.iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(&response.bytes().await?[..], b"\xff\x00two");
    Ok(())
}

#[tokio::test]
async fn a_body_without_a_length_and_a_head_without_a_body_go_through() -> Outcome {
    let front = Front::open().await?;
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                   Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    front.raw(chunked).await?;
    assert_eq!(&front.far.seen()[0].body[..], b"abcde");
    let response = front.client.head(front.proxy.url()).send().await?;
    assert_eq!(response.headers()["content-length"], "2");
    Ok(())
}

#[tokio::test]
async fn silence_behind_the_proxy_is_a_502_that_says_so() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let nobody = format!("http://{}", listener.local_addr()?);
    drop(listener);
    let proxy = Proxy::start(&nobody, 1).await?;
    let reply = Reply::of(reqwest::get(proxy.url()).await?).await?;
    assert_eq!(reply.status, 502);
    assert!(
        reply.text.contains(&format!("no answer from {nobody}")),
        "{}",
        reply.text
    );
    let row = proxy.calls().calls.pop().unwrap();
    assert_eq!(row.interference, Some(Interference::Unreachable));
    Ok(())
}

#[tokio::test]
async fn a_caller_that_leaves_stops_neither_the_call_nor_the_counting() -> Outcome {
    let front = Front::open().await?;
    front.far.hold();
    let call = front.begin("DynamoDB_20120810.PutItem", &json!({"TableName": "Orders"}));
    front.far.arrivals(1).await?;
    call.abort();
    assert!(call.await.is_err());
    front.far.let_go();
    let counted = async {
        while front.proxy.calls().calls.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, counted).await?;
    assert_eq!(front.last_call()?.status, Some(200));
    Ok(())
}

#[tokio::test]
async fn its_own_paths_are_never_passed_on() -> Outcome {
    let front = Front::open().await?;
    assert_eq!(
        front.control(Method::GET, "/health", None).await?.status,
        200
    );
    assert_eq!(
        front.control(Method::GET, "/elsewhere", None).await?.status,
        404
    );
    assert_eq!(
        front.control(Method::POST, "/trace", None).await?.status,
        405
    );
    assert!(front.far.seen().is_empty());
    assert!(front.proxy.calls().calls.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_upstream_of_another_form_is_refused() {
    for upstream in [
        "https://127.0.0.1:1",
        "127.0.0.1:1",
        "http://127.0.0.1:1/path",
        "",
    ] {
        let refused = Proxy::start(upstream, 1).await;
        assert!(
            matches!(refused, Err(StartError::Upstream { .. })),
            "{upstream}"
        );
    }
}

#[tokio::test]
async fn a_stopped_proxy_lets_go_of_its_port() -> Outcome {
    let front = Front::open().await?;
    let address = front.proxy.url().replace("http://", "");
    front.call("AmazonSQS.SendMessage", &json!({})).await?;
    front.proxy.stop().await?;
    TcpListener::bind(address).await?;
    Ok(())
}
