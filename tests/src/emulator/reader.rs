//! A client that keeps the rules of `docs/realtime.md`: it shows each notification once and in order,
//! whatever happens to its socket.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::must_have;
use tokio::time::timeout;

use super::shop::{SOON, Shop};
use super::socket::SocketClient;

/// After so long without a word it asks whether anybody is there.
const PATIENCE: Duration = Duration::from_secs(5);
/// So often, before it takes nobody to be there.
const PINGS: usize = 24;

/// Somebody in front of a screen.
#[derive(Debug, Default)]
pub struct Reader {
    socket: Option<SocketClient>,
    shown: Vec<u64>,
    /// Up to here nothing is missing.
    whole: u64,
    cursor: String,
    /// What came before its turn, with the cursors behind it.
    aside: BTreeMap<u64, String>,
    again: usize,
    /// It asked for what is missing, and was not answered yet.
    is_asking: bool,
    asked: usize,
    /// Its last ping was answered.
    is_answered: bool,
}

impl Reader {
    /// Who was told nothing yet, and may ask for what is behind this cursor.
    pub fn behind(cursor: &str) -> Self {
        Self {
            cursor: cursor.to_owned(),
            ..Self::default()
        }
    }

    /// Opens a socket, and asks for what was missed since the last one.
    ///
    /// # Panics
    /// When it is not opened.
    pub async fn connect(&mut self, shop: &Shop, token: &str) {
        self.socket = Some(SocketClient::open(shop, token).await);
        self.is_asking = false;
        if self.whole > 0 {
            self.ask().await;
        }
    }

    /// Is gone, without a closing frame.
    pub fn cut(&mut self) {
        self.socket = None;
    }

    /// Listens until the notification with this number is shown, and so all before it.
    ///
    /// # Panics
    /// When nothing more comes, or something that nobody asked for.
    pub async fn until(&mut self, number: u64) {
        let mut pings = 0;
        while self.whole < number {
            self.next(&mut pings).await;
        }
    }

    /// Asks whether anybody is there, and listens until the answer: what was pushed before is heard.
    ///
    /// # Panics
    /// As [`Reader::until`].
    pub async fn settle(&mut self) {
        let mut pings = 0;
        self.ping().await;
        while !self.is_answered || self.is_asking {
            self.next(&mut pings).await;
        }
    }

    /// Takes what comes next. Where nothing does, an answer was lost.
    async fn next(&mut self, pings: &mut usize) {
        match self.hear().await {
            Some(frame) => self.take(&frame).await,
            None => {
                *pings += 1;
                assert!(*pings <= PINGS, "nobody is there: {self:?}");
                self.is_asking = false;
                self.ping().await;
            }
        }
    }

    async fn ping(&mut self) {
        self.is_answered = false;
        self.say(&json!({"action": "ping"})).await;
    }

    /// How often it asked for what it missed.
    pub fn asked(&self) -> usize {
        self.asked
    }

    async fn hear(&mut self) -> Option<Value> {
        let socket = must_have(self.socket.as_mut());
        timeout(PATIENCE, socket.hear(SOON))
            .await
            .ok()
            .map(must_have)
    }

    async fn say(&mut self, frame: &Value) {
        must_have(self.socket.as_mut()).say(frame).await;
    }

    /// Asks for what is behind all that it has.
    async fn ask(&mut self) {
        if !self.is_asking {
            (self.is_asking, self.asked) = (true, self.asked + 1);
            let resume = json!({"action": "resume", "list": "own", "cursor": self.cursor});
            self.say(&resume).await;
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

    async fn take(&mut self, frame: &Value) {
        if is_no_answer(frame) {
            return;
        }
        let text = |name: &str| frame.get(name).and_then(Value::as_str);
        let Some(number) = frame.get("number").and_then(Value::as_u64) else {
            panic!("nobody asked for {frame}");
        };
        let cursor = text("cursor").map(str::to_owned);
        let misses = match text("type") {
            Some("notification") if number <= self.whole || self.aside.contains_key(&number) => {
                self.again += 1;
                false
            }
            Some("notification") => {
                self.aside.insert(number, must_have(cursor));
                self.show();
                !self.aside.is_empty()
            }
            Some("resumed") => {
                self.is_asking = false;
                if number > self.whole {
                    (self.whole, self.cursor) = (number, must_have(cursor));
                }
                self.show();
                frame.get("more") == Some(&Value::Bool(true))
            }
            Some("pong") => {
                self.is_answered = true;
                number > self.whole
            }
            _ => panic!("nobody asked for {frame}"),
        };
        if misses {
            self.ask().await;
        }
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
                (self.whole, self.cursor) = (number, first.remove());
            } else {
                first.remove();
            }
        }
    }
}

/// What API Gateway says for itself, and what we say of a hurry or a bad moment: silence brings the next ping.
fn is_no_answer(frame: &Value) -> bool {
    let status = frame.pointer("/problem/status").and_then(Value::as_u64);
    frame.get("type").is_none() || status.is_some_and(|it| it == 429 || it >= 500)
}
