//! The sockets that are open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::SinkExt;
use futures::stream::SplitSink;
use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};
use uuid::Uuid;

/// What API Gateway says when it ends one (RFC 6455, section 7.4.1).
pub(crate) const NORMAL: u16 = 1000;

type Sink = SplitSink<WebSocket, Message>;

/// The way to one client. Whoever posts writes to it, without another task between.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// Locked until the handshake is answered.
    sink: Arc<AsyncMutex<Option<Sink>>>,
    pub(crate) ended: Notify,
}

/// Fills in the way to a client once its handshake is answered; until then posts wait.
pub(crate) type Opening = OwnedMutexGuard<Option<Sink>>;

/// By id.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<HashMap<String, Arc<Connection>>>);

impl Connection {
    /// Whether it is written.
    pub(crate) async fn send(&self, message: Message) -> bool {
        match &mut *self.sink.lock().await {
            Some(sink) => sink.send(message).await.is_ok(),
            None => false,
        }
    }

    /// Whether its end is written. No answer to it is waited for.
    pub(crate) async fn close(&self) -> bool {
        let frame = CloseFrame {
            code: NORMAL,
            reason: "Connection Closed Normally".into(),
        };
        let is_said = self.send(Message::Close(Some(frame))).await;
        self.ended.notify_one();
        is_said
    }
}

impl Connections {
    /// A new id, of the form that Amazon's have.
    pub(crate) fn new_id() -> String {
        #[expect(clippy::disallowed_methods, reason = "an id of a socket is random")]
        let random = Uuid::new_v4().simple().to_string();
        format!("{}=", random.get(..15).unwrap_or_default())
    }

    /// From here on it can be posted to.
    pub(crate) async fn open(&self, id: &str) -> (Arc<Connection>, Opening) {
        let connection = Arc::<Connection>::default();
        let opening = Arc::clone(&connection.sink).lock_owned().await;
        self.lock().insert(id.to_owned(), Arc::clone(&connection));
        (connection, opening)
    }

    /// From here on it is gone; what it was.
    pub(crate) fn remove(&self, id: &str) -> Option<Arc<Connection>> {
        self.lock().remove(id)
    }

    /// All that are open.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The one with this id, if it is open.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Connection>> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
