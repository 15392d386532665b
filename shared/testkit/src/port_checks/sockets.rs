//! Checks of [`PostToSockets`].

use std::future::Future;

use domain::SocketId;
use domain::ports::{PostError, PostToSockets};

use crate::{must, must_fail};

/// What plays the far end of sockets.
pub trait HoldSockets {
    /// Opens one more.
    fn open_one(&self) -> impl Future<Output = SocketId>;
    /// What its client has received, oldest first.
    fn heard(&self, socket: &SocketId) -> impl Future<Output = Vec<String>>;
}

/// Each gets what was posted to it, in order, byte by byte, and nothing else.
pub async fn posts_to_one_socket_what_was_said(sockets: &(impl PostToSockets + HoldSockets)) {
    let (one, other) = (sockets.open_one().await, sockets.open_one().await);
    assert_ne!(one, other);
    must(
        sockets
            .post(&one, r#"{"number":1,"text":"grüße \u{1f600}"}"#)
            .await,
    );
    must(sockets.post(&one, "2").await);
    must(sockets.post(&other, "3").await);
    let received = sockets.heard(&one).await;
    assert_eq!(received, [r#"{"number":1,"text":"grüße \u{1f600}"}"#, "2"]);
    assert_eq!(sockets.heard(&other).await, ["3"]);
}

/// One that never was is gone, and so is one that was closed; the others stay.
pub async fn tells_which_socket_is_gone(sockets: &(impl PostToSockets + HoldSockets)) {
    let never = must(SocketId::parse("bmV2ZXI="));
    assert_eq!(must_fail(sockets.post(&never, "x").await), PostError::Gone);
    assert_eq!(must_fail(sockets.close(&never).await), PostError::Gone);
    let (one, other) = (sockets.open_one().await, sockets.open_one().await);
    must(sockets.close(&one).await);
    assert_eq!(must_fail(sockets.post(&one, "x").await), PostError::Gone);
    assert_eq!(must_fail(sockets.close(&one).await), PostError::Gone);
    must(sockets.post(&other, "y").await);
    assert_eq!(sockets.heard(&other).await, ["y"]);
}
