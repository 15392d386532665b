//! The sockets that are open.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

/// What is to be done with a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Send its client this text.
    Send(String),
    /// End it.
    Close,
}

/// By id.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<HashMap<String, UnboundedSender<Order>>>);

impl Connections {
    /// A new id, of the form that Amazon's have.
    pub(crate) fn new_id() -> String {
        #[expect(clippy::disallowed_methods, reason = "an id of a socket is random")]
        let random = Uuid::new_v4().simple().to_string();
        format!("{}=", random.get(..15).unwrap_or_default())
    }

    /// From here on it can be posted to.
    pub(crate) fn open(&self, id: &str) -> UnboundedReceiver<Order> {
        let (sender, orders) = unbounded_channel();
        self.lock().insert(id.to_owned(), sender);
        orders
    }

    /// From here on it is gone.
    pub(crate) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// All that are open.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Whether there is one to be told.
    pub(crate) fn tell(&self, id: &str, order: Order) -> bool {
        let connections = self.lock();
        let sender = connections.get(id);
        sender.is_some_and(|sender| sender.send(order).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, UnboundedSender<Order>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
