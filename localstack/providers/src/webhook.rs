//! The courier: takes what happened to whoever wants to know, signed as Stripe signs it, and comes
//! again where nobody took it. Where to is told over HTTP and, like faults, not kept over a
//! restart; nor is what was still to be delivered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::future::join_all;
use reqwest::Client;
use reqwest::redirect::Policy;
use ring::hmac;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::App;
use crate::clock::Clock;
use crate::faults::Kind;
use crate::operation::{Operation, Subject};

#[cfg(test)]
mod tests;

/// How long after each failure the courier comes again, in milliseconds; then never more.
const AGAIN_AFTER: [i64; 5] = [1_000, 2_000, 4_000, 8_000, 16_000];
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How old an old copy is, in seconds.
const AGED: i64 = 600;
/// Copies that are on their way at one time.
const AT_ONCE: usize = 10;
/// Deliveries that are remembered.
const REMEMBERED: usize = 10_000;

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    Payment,
    Carrier,
}

/// What is told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) sender: Sender,
    pub(crate) order_id: Option<String>,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
}

/// Where it is told, and what it is signed with.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Target {
    pub(crate) sender: Sender,
    pub(crate) url: String,
    #[serde(skip)]
    pub(crate) secret: String,
    /// Of this order only.
    #[serde(rename = "match")]
    pub(crate) matching: Option<String>,
}

/// A copy of a notice: what is wrong with it, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Copy {
    Genuine,
    Forged,
    Aged,
}

/// One copy that was sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) order_id: Option<String>,
    pub(crate) copy: Copy,
    /// Nothing where no answer came.
    pub(crate) status: Option<u16>,
}

#[derive(Debug)]
pub(crate) struct Courier {
    client: Client,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    targets: Vec<Target>,
    held: Vec<Notice>,
    deliveries: VecDeque<Delivery>,
}

impl Default for Courier {
    fn default() -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE);
        Self {
            client: client.build().unwrap_or_default(),
            inner: Mutex::default(),
        }
    }
}

/// Takes notices until nobody makes any more. Holds no part of the app while it waits.
pub(crate) async fn send_all(app: Weak<App>, mut notices: UnboundedReceiver<Notice>) {
    while let Some(notice) = notices.recv().await {
        let Some(app) = app.upgrade() else {
            return;
        };
        let Some(target) = app.courier.target_of(&notice) else {
            continue;
        };
        let (courier, clock) = (Arc::clone(&app.courier), app.clock.clone());
        let kind = app.faults.take(&notice.subject()).map(|(_, kind)| kind);
        if kind == Some(Kind::Swap) {
            courier.inner().held.push(notice);
            continue;
        }
        tokio::spawn(async move {
            courier.bring(&clock, &target, &notice, kind).await;
            for held in courier.let_go(&notice) {
                courier.bring(&clock, &target, &held, None).await;
            }
        });
    }
}

impl Courier {
    /// Sets where a sender tells, in place of the target with the same sender and match.
    pub(crate) fn aim(&self, target: Target) {
        let mut inner = self.inner();
        let same = |old: &Target| old.sender == target.sender && old.matching == target.matching;
        inner.targets.retain(|old| !same(old));
        inner.targets.push(target);
    }

    pub(crate) fn forget(&self, sender: Sender, matching: Option<&str>) {
        let mut inner = self.inner();
        let same = |old: &Target| old.sender == sender && old.matching.as_deref() == matching;
        inner.targets.retain(|old| !same(old));
    }

    pub(crate) fn targets(&self) -> Vec<Target> {
        self.inner().targets.clone()
    }

    /// What was sent, of one order or of all, oldest first.
    pub(crate) fn deliveries(&self, order_id: Option<&str>) -> Vec<Delivery> {
        let inner = self.inner();
        let wanted = |it: &&Delivery| order_id.is_none() || it.order_id.as_deref() == order_id;
        inner.deliveries.iter().filter(wanted).cloned().collect()
    }

    /// The target of the notice's order before that of all orders.
    fn target_of(&self, notice: &Notice) -> Option<Target> {
        let inner = self.inner();
        let fits = |target: &&Target| {
            let own = target.matching.is_none() || target.matching == notice.order_id;
            target.sender == notice.sender && own
        };
        let fitting = inner.targets.iter().filter(fits);
        fitting.min_by_key(|it| it.matching.is_none()).cloned()
    }

    /// What waited for a notice of this order to be delivered.
    fn let_go(&self, notice: &Notice) -> Vec<Notice> {
        let waited =
            |held: &mut Notice| held.order_id == notice.order_id && held.sender == notice.sender;
        self.inner().held.extract_if(.., waited).collect()
    }

    async fn bring(&self, clock: &Clock, target: &Target, notice: &Notice, kind: Option<Kind>) {
        match kind {
            Some(Kind::Drop) => {}
            Some(Kind::Slow { ms }) => {
                clock.until(clock.now().saturating_add_unsigned(ms)).await;
                self.insist(clock, target, notice).await;
            }
            Some(Kind::Repeat {
                genuine,
                forged,
                aged,
            }) => {
                let copies = mixed(genuine, forged, aged);
                for some in copies.chunks(AT_ONCE) {
                    let sent = some
                        .iter()
                        .map(|copy| self.send(clock, target, notice, *copy));
                    join_all(sent).await;
                }
            }
            _ => self.insist(clock, target, notice).await,
        }
    }

    /// Comes again, a few times, until it is taken.
    async fn insist(&self, clock: &Clock, target: &Target, notice: &Notice) {
        for wait in AGAIN_AFTER.into_iter().map(Some).chain([None]) {
            let status = self.send(clock, target, notice, Copy::Genuine).await;
            let taken = status.is_some_and(|status| (200..300).contains(&status));
            let Some(wait) = wait.filter(|_| !taken) else {
                return;
            };
            clock.until(clock.now().saturating_add(wait)).await;
        }
    }

    async fn send(
        &self,
        clock: &Clock,
        target: &Target,
        notice: &Notice,
        copy: Copy,
    ) -> Option<u16> {
        let signature = copy.signature(&target.secret, clock.now() / 1000, &notice.body);
        let sent = self
            .client
            .post(&target.url)
            .header(notice.sender.header(), signature)
            .header("content-type", "application/json; charset=utf-8")
            .body(notice.body.clone())
            .send()
            .await;
        let status = sent.ok().map(|answer| answer.status().as_u16());
        let mut inner = self.inner();
        if inner.deliveries.len() >= REMEMBERED {
            inner.deliveries.pop_front();
        }
        inner.deliveries.push_back(Delivery {
            id: notice.id.clone(),
            kind: notice.kind,
            order_id: notice.order_id.clone(),
            copy,
            status,
        });
        status
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notice {
    fn subject(&self) -> Subject {
        Subject::new(self.sender.operation(), self.order_id.clone())
    }
}

impl Sender {
    fn operation(self) -> Operation {
        match self {
            Self::Payment => Operation::PaymentWebhook,
            Self::Carrier => Operation::CarrierWebhook,
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Payment => "stripe-signature",
            Self::Carrier => "carrier-signature",
        }
    }
}

impl Copy {
    /// `t=<seconds>,v1=<HMAC-SHA-256 of "t.body">`.
    fn signature(self, secret: &str, now: i64, body: &str) -> String {
        let (secret, seconds) = match self {
            Self::Genuine => (secret.to_owned(), now),
            Self::Forged => (format!("not {secret}"), now),
            Self::Aged => (secret.to_owned(), now.saturating_sub(AGED)),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
        format!("t={seconds},v1={}", hex::encode(tag))
    }
}

/// Copies of all sorts, one sort after the other as long as there are any.
fn mixed(genuine: u32, forged: u32, aged: u32) -> Vec<Copy> {
    let most = genuine.max(forged).max(aged);
    let of_round = |round: u32| {
        [
            (Copy::Forged, forged),
            (Copy::Aged, aged),
            (Copy::Genuine, genuine),
        ]
        .into_iter()
        .filter(move |(_, count)| round < *count)
        .map(|(copy, _)| copy)
    };
    (0..most).flat_map(of_round).collect()
}
