//! A client that keeps the rules of `docs/realtime.md`: it shows each notification once and in order,
//! whatever happens to its socket. But for one: it waits for a number that is missing instead of
//! asking for it, so that a test sees what did not come.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::must_have;

use super::shop::{SOON, Shop};
use super::socket::SocketClient;

/// Somebody in front of a screen.
#[derive(Debug, Default)]
pub struct Reader {
    socket: Option<SocketClient>,
    shown: Vec<u64>,
    /// Up to here nothing is missing.
    whole: u64,
    cursor: Option<String>,
    /// What came before its turn, with the cursors behind it.
    aside: BTreeMap<u64, String>,
    again: usize,
}

impl Reader {
    /// Opens a socket, and asks for what was missed since the last one.
    ///
    /// # Panics
    /// When it is not opened.
    pub async fn connect(&mut self, shop: &Shop, token: &str) {
        let mut socket = SocketClient::open(shop, token).await;
        if let Some(cursor) = &self.cursor {
            socket.say(&resume(cursor)).await;
        }
        self.socket = Some(socket);
    }

    /// Is gone, without a closing frame.
    pub fn cut(&mut self) {
        self.socket = None;
    }

    /// Listens until the notification with this number is shown, and so all before it.
    ///
    /// # Panics
    /// When nothing more comes, or something else than was asked for.
    pub async fn until(&mut self, number: u64) {
        while self.whole < number {
            let socket = must_have(self.socket.as_mut());
            let frame = must_have(socket.hear(SOON).await);
            if let Some(question) = self.take(&frame) {
                must_have(self.socket.as_mut()).say(&question).await;
            }
        }
    }

    /// Asks whether anybody is there, and listens until the answer: what was pushed before is heard.
    ///
    /// # Panics
    /// As [`Reader::until`].
    pub async fn settle(&mut self) {
        let socket = must_have(self.socket.as_mut());
        socket.say(&json!({"action": "ping"})).await;
        loop {
            let socket = must_have(self.socket.as_mut());
            let frame = must_have(socket.hear(SOON).await);
            if frame.get("type").and_then(Value::as_str) == Some("pong") {
                return;
            }
            self.take(&frame);
        }
    }

    /// The numbers that it has shown, first to last.
    pub fn shown(&self) -> &[u64] {
        &self.shown
    }

    /// How many came that it had: they were not shown again.
    pub fn again(&self) -> usize {
        self.again
    }

    /// What is to be asked because of a frame.
    fn take(&mut self, frame: &Value) -> Option<Value> {
        let text = |name: &str| frame.get(name).and_then(Value::as_str);
        let number = must_have(frame.get("number").and_then(Value::as_u64));
        let cursor = must_have(text("cursor")).to_owned();
        match text("type") {
            Some("notification") if number <= self.whole || self.aside.contains_key(&number) => {
                self.again += 1;
            }
            Some("notification") => {
                self.aside.insert(number, cursor);
                self.show();
            }
            Some("resumed") => {
                let more = frame.get("more") == Some(&Value::Bool(true));
                let question = more.then(|| resume(&cursor));
                if number > self.whole {
                    (self.whole, self.cursor) = (number, Some(cursor));
                }
                self.show();
                return question;
            }
            _ => panic!("nobody asked for {frame}"),
        }
        None
    }

    /// Shows what is put aside, as far as its turn has come.
    fn show(&mut self) {
        while let Some(first) = self.aside.first_entry() {
            let number = *first.key();
            if number > self.whole + 1 {
                return;
            }
            self.shown.push(number);
            if number > self.whole {
                (self.whole, self.cursor) = (number, Some(first.remove()));
            } else {
                first.remove();
            }
        }
    }
}

fn resume(cursor: &str) -> Value {
    json!({"action": "resume", "list": "own", "cursor": cursor})
}
