//! A client of the WebSocket API, as `docs/realtime.md` describes one.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::Value;
use testkit::{must, must_have};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::shop::{SOON, Shop};

/// Of each socket, in bytes; the library's own 128 KB would be much for a thousand.
const BUFFER: usize = 4 * 1024;

/// An open socket.
#[derive(Debug)]
pub struct SocketClient(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// A ticket of whoever has the token, and the address that it is for.
///
/// # Panics
/// When there is none.
pub async fn ticket(shop: &Shop, token: &str) -> (String, String) {
    let request = shop.request(Method::POST, "/realtime/tickets");
    let answer = shop.ask(request.bearer_auth(token)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let text = |name: &str| must_have(body.get(name).and_then(Value::as_str)).to_owned();
    (text("ticket"), text("url"))
}

/// The whole answer of one who does not let a socket be opened: its status line, headers and body.
///
/// # Panics
/// When there is no answer, or not all of it in time.
pub async fn refusal(url: &str) -> String {
    let address = must_have(url.strip_prefix("ws://"));
    let (host, path) = must_have(address.split_once('/'));
    let mut connection = must(TcpStream::connect(host).await);
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    must(connection.write_all(request.as_bytes()).await);
    let mut answer = Vec::new();
    // The body is an object, and comes when it likes.
    while !answer.contains(&b'}') {
        let read = timeout(SOON, connection.read_buf(&mut answer)).await;
        assert!(must(must(read)) > 0, "{}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8_lossy(&answer).into_owned()
}

impl SocketClient {
    /// With a ticket of whoever has this token.
    ///
    /// # Panics
    /// When it is not opened.
    pub async fn open(shop: &Shop, token: &str) -> Self {
        let (ticket, url) = ticket(shop, token).await;
        must(Self::connect(&format!("{url}?ticket={ticket}")).await)
    }

    /// At an address.
    ///
    /// # Errors
    /// Status of the answer.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn connect(url: &str) -> Result<Self, u16> {
        let config = WebSocketConfig::default().read_buffer_size(BUFFER);
        match connect_async_with_config(url, Some(config), false).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a frame.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn say(&mut self, frame: &Value) {
        must(self.0.send(Message::text(frame.to_string())).await);
    }

    /// The next frame; nothing when the socket is closed.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn hear(&mut self, within: Duration) -> Option<Value> {
        loop {
            match must(timeout(within, self.0.next()).await) {
                Some(Ok(Message::Text(text))) => return Some(must(serde_json::from_str(&text))),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Whether a frame of a type comes in time, before any that says that something went wrong.
    pub async fn hears(&mut self, kind: &str, within: Duration) -> bool {
        loop {
            let Ok(Some(Ok(message))) = timeout(within, self.0.next()).await else {
                return false;
            };
            let frame: Value = serde_json::from_slice(&message.into_data()).unwrap_or_default();
            match frame.get("type").and_then(Value::as_str) {
                Some("error") => return false,
                Some(found) if found == kind => return true,
                _ => {}
            }
        }
    }

    /// The next frame of a type; others are passed over.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn hear_of(&mut self, kind: &str, within: Duration) -> Value {
        loop {
            let frame = must_have(self.hear(within).await);
            if frame.get("type").and_then(Value::as_str) == Some(kind) {
                return frame;
            }
        }
    }
}
