//! The life of one client: a ticket, a socket, what it hears; after a cut all of it again, with what
//! it missed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use super::list::List;
use super::pushed::Pushed;
use super::wire::{Socket, open};
use super::{SharedTally, Tally};
use crate::api::Api;

/// After a refusal or a cut.
const REST: Duration = Duration::from_secs(1);

/// How clients come in.
#[derive(Debug)]
pub(crate) enum Door {
    /// At this URL, as it is.
    Open(String),
    /// With a ticket of the API for each socket.
    ByTicket(Box<Api>),
}

/// Whose sockets they are.
#[derive(Debug)]
pub(crate) struct Customer {
    door: Door,
    pushed: Mutex<Pushed>,
}

impl Customer {
    /// Who was pushed nothing yet.
    pub(crate) fn new(door: Door) -> Self {
        Self {
            door,
            pushed: Mutex::default(),
        }
    }
}

/// A client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(super) customer: Arc<Customer>,
    pub(super) tally: SharedTally,
    pub(super) until: Instant,
    pub(super) unsure: Duration,
    pub(super) ping: Duration,
}

/// What a frame says, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Frame {
    Notification {
        list: String,
        number: u64,
        cursor: String,
        notification: Notification,
    },
    Resumed {
        list: String,
        number: u64,
        cursor: String,
        more: bool,
    },
    Pong,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Notification {
    timestamp: Timestamp,
}

/// What a client knows.
#[derive(Debug, Default)]
struct Memory {
    /// When it came in first.
    since: Option<Instant>,
    /// Whether what comes may be what was missed, and late for that reason.
    is_catching_up: bool,
    lists: BTreeMap<String, List>,
}

impl Client {
    /// Comes in, stays until its time is over, and leaves.
    pub(crate) async fn live(self) {
        let mut memory = Memory::default();
        while Instant::now() < self.until {
            match timeout_at(self.until, self.come_in()).await {
                Ok(Some(socket)) => {
                    self.note(|tally| tally.opened += usize::from(memory.since.is_none()));
                    memory.since.get_or_insert_with(Instant::now);
                    self.stay(socket, &mut memory).await;
                }
                Ok(None) => self.note(|tally| tally.refused += 1),
                Err(_) => break,
            }
            sleep_until(self.until.min(Instant::now() + REST)).await;
        }
        let lists = || memory.lists.values();
        let behind = memory.since.map_or(0, |since| self.behind(since, &memory));
        self.note(|tally| {
            tally.ended += usize::from(memory.since.is_some());
            tally.twice += lists().map(List::twice).sum::<u64>();
            tally.missing += lists().map(List::missing).sum::<u64>() + behind;
        });
    }

    /// How many the customer's other sockets have, heard while this one was there, that are behind
    /// all it has.
    fn behind(&self, since: Instant, memory: &Memory) -> u64 {
        let end = self.until.checked_sub(self.unsure).unwrap_or(since);
        let sure = since + self.unsure..end;
        let pushed = self.customer.pushed.lock();
        let pushed = pushed.unwrap_or_else(PoisonError::into_inner);
        pushed.behind(&memory.lists, &sure)
    }

    /// Nothing when it is refused, whoever does.
    async fn come_in(&self) -> Option<Socket> {
        match &self.customer.door {
            Door::Open(url) => open(url).await.ok(),
            Door::ByTicket(api) => {
                let ticket = api.ticket().await.ok()?;
                open(&ticket.address()).await.ok()
            }
        }
    }

    async fn stay(&self, mut socket: Socket, memory: &mut Memory) {
        let mut questions: Vec<String> = memory.questions().collect();
        memory.is_catching_up = !questions.is_empty();
        let mut next_ping = Instant::now() + self.ping;
        loop {
            for question in questions.drain(..) {
                if socket.send(Message::text(question)).await.is_err() {
                    return self.note(|tally| tally.cuts += 1);
                }
            }
            let heard = timeout_at(next_ping.min(self.until), socket.next()).await;
            match heard {
                Ok(Some(Ok(Message::Text(text)))) => questions.extend(self.hear(&text, memory)),
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return self.note(|tally| tally.cuts += 1);
                }
                Ok(Some(Ok(_))) => {}
                Err(_) if Instant::now() >= self.until => {
                    // It leaves; whether that is heard matters to nobody.
                    return drop(socket.close(None).await);
                }
                Err(_) => {
                    next_ping = Instant::now() + self.ping;
                    questions.push(json!({"action": "ping"}).to_string());
                }
            }
        }
    }

    /// Takes a frame in; what is to be asked because of it.
    fn hear(&self, text: &str, memory: &mut Memory) -> Option<String> {
        match serde_json::from_str(text).ok()? {
            Frame::Notification {
                list,
                number,
                cursor,
                notification,
            } => {
                if !memory.is_catching_up {
                    self.was_pushed(&list, number, notification.timestamp);
                }
                let known = memory.lists.entry(list).or_default();
                known.take(number, &cursor, memory.is_catching_up);
                self.note(|tally| tally.messages += 1);
                None
            }
            Frame::Resumed {
                list,
                number,
                cursor,
                more,
            } => {
                let of_list = memory.lists.entry(list.clone()).or_default();
                of_list.told_up_to(number, &cursor);
                if more {
                    return Some(resume(&list, &cursor));
                }
                memory.is_catching_up = false;
                self.note(|tally| tally.resumed += 1);
                None
            }
            Frame::Pong => {
                self.note(|tally| tally.pongs += 1);
                None
            }
            Frame::Other => None,
        }
    }

    fn was_pushed(&self, list: &str, number: u64, at: Timestamp) {
        let after = crate::now().duration_since(at);
        let after = Duration::try_from(after).unwrap_or_default();
        self.note(|tally| tally.latency.note(after));
        let pushed = self.customer.pushed.lock();
        let mut pushed = pushed.unwrap_or_else(PoisonError::into_inner);
        pushed.note(list, number, Instant::now());
    }

    fn note(&self, change: impl FnOnce(&mut Tally)) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut tally);
    }
}

impl Memory {
    /// What was missed, of each list that is known.
    fn questions(&self) -> impl Iterator<Item = String> {
        let known = self.lists.iter();
        known.filter_map(|(list, has)| Some(resume(list, has.cursor()?)))
    }
}

fn resume(list: &str, cursor: &str) -> String {
    json!({"action": "resume", "list": list, "cursor": cursor}).to_string()
}
