//! The SDK's way out: one connection that is opened ahead, and failures that it may try again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use hyper::body::{Body, Bytes, Frame};
use tokio::net::TcpListener;

use super::*;

fn impatient() -> AwsLimits {
    AwsLimits {
        read: Duration::from_millis(50),
        ..AwsLimits::default()
    }
}

fn connections(limits: &AwsLimits) -> Connections {
    Connections::new(limits, &Roots::amazon()).unwrap()
}

/// An endpoint that answers what it is asked, but never `/slow`; and how often it was connected.
async fn endpoint() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connected = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connected);
    let counted = listener.tap_io(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let routes = Router::new()
        .route("/ping", get(async || "healthy"))
        .route("/", post(async || "{}"))
        .route("/slow", post(std::future::pending::<&str>));
    tokio::spawn(async move { axum::serve(counted, routes).await.unwrap() });
    (url, connected)
}

fn request(address: &str) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from("{}"));
    request.set_method("POST").unwrap();
    request.set_uri(address).unwrap();
    request
}

async fn call(connections: &Connections, address: &str) -> Result<u16, ConnectorError> {
    let request = request(address);
    let answer = connections.0.call(request).await?;
    Ok(answer.status().as_u16())
}

#[tokio::test]
async fn the_first_call_goes_over_the_connection_that_was_opened_ahead() {
    let (url, connected) = endpoint().await;
    let connections = connections(&AwsLimits::default());
    connections.open(&url).await;
    assert_eq!(connected.load(Ordering::SeqCst), 1);
    assert_eq!(call(&connections, &url).await.unwrap(), 200);
    assert_eq!(connected.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_the_sdk_gives_up_is_not_used_again() {
    let (url, connected) = endpoint().await;
    let connections = connections(&AwsLimits::default());
    let taken = CaptureSmithyConnection::new();
    let mut first = request(&url);
    first.add_extension(taken.clone());
    connections.0.call(first).await.unwrap();
    taken.get().unwrap().poison();
    assert_eq!(call(&connections, &url).await.unwrap(), 200);
    assert_eq!(connected.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let (url, _) = endpoint().await;
    let error = call(&connections(&impatient()), &format!("{url}/slow")).await;
    assert!(error.unwrap_err().is_timeout());
}

#[tokio::test]
async fn an_endpoint_that_is_away_may_be_tried_again_and_does_not_stop_a_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let connections = connections(&AwsLimits::default());
    connections.open(&url).await;
    assert!(call(&connections, &url).await.unwrap_err().is_io());
}

/// A body that breaks off on our own side.
struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("our own mistake"))))
    }
}

#[tokio::test]
async fn what_we_did_wrong_is_not_tried_again() {
    let (url, _) = endpoint().await;
    let mut request = HttpRequest::new(SdkBody::from_body_1_x(Broken));
    request.set_method("POST").unwrap();
    request.set_uri(url).unwrap();
    let error = connections(&AwsLimits::default()).0.call(request).await;
    let error = error.unwrap_err();
    assert!(error.is_user(), "{error:?}");
}
