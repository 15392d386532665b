//! Texts, and mails that could not go out at once: `send-messages` on its schedule, each time in a
//! process that knows nothing, with its real handler; the gateway, the other way, and the breakers that
//! all processes share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use breaker::{PutError, Row, Share, ShareError};
use domain::ports::{FindTexts, KeepChoices, KeepNotifications, ProviderError, SendTexts, Text};
use domain::{Channel, Choices, NotificationKind, Reach, Sending};
use identity::PhoneCodes;
use jiff::{SignedDuration, Timestamp};
use telling::{Codes, LaterMails, Texts};
use testkit::FakeClock;
use testkit::build::{customer, tenant};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeTexts};
use testkit::must;

use super::World;
use super::kernel::{Kernel, Pace, Slot, lock};
use super::ports::Far;
use super::shop::Shop;
use super::wire::Wire;

/// The state that these calls are of.
const STATE: &str = "Send";
/// How long the gateway's client waits.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long that of the mail service does.
pub(super) const MAIL_PATIENCE: Duration = Duration::from_secs(4);
/// How long the function may run.
const BUDGET: Duration = Duration::from_secs(55);
/// The usual schedule.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// The seed of its dice.
const DICE: u64 = 0x7465_7874;

/// A gateway of texts, by the clock of the world.
#[derive(Clone, Debug)]
struct Gateway {
    kernel: Kernel,
    clock: FakeClock,
    texts: FakeTexts,
}

/// Both ways, and what all processes know of them.
#[derive(Clone, Debug)]
pub struct Gateways {
    first: Gateway,
    other: Gateway,
    breakers: Noted,
}

/// What was asked of a gateway or of the mail service, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Second since the beginning.
    pub second: f64,
    /// `texts.send`, `texts.find`, or `sns.send` for the other way; `mail.send`.
    pub port: String,
    /// What went wrong.
    pub fault: Option<String>,
}

/// The breakers, with each row that was written.
#[derive(Clone, Debug)]
pub(super) struct Noted {
    kernel: Kernel,
    end: FakeBreakers,
    rows: Arc<Mutex<Vec<(Timestamp, String, Row)>>>,
}

/// The other way, whose calls have another name.
#[derive(Clone, Debug)]
struct Other(Far<Gateway>);

impl Gateway {
    fn by(kernel: &Kernel) -> Self {
        let clock = FakeClock::default();
        Self {
            kernel: kernel.clone(),
            texts: FakeTexts::on(&clock),
            clock,
        }
    }

    /// The time is the world's.
    fn wind(&self) {
        let gone = self.kernel.now().duration_since(self.clock.now());
        self.clock.advance(gone);
    }
}

impl Gateways {
    pub(super) fn by(kernel: &Kernel) -> Self {
        Self {
            first: Gateway::by(kernel),
            other: Gateway::by(kernel),
            breakers: Noted {
                kernel: kernel.clone(),
                end: FakeBreakers::default(),
                rows: Arc::default(),
            },
        }
    }

    /// What went out either way, the first gateway's in front.
    pub fn sent(&self) -> Vec<Text> {
        let mut sent = self.first.texts.sent();
        sent.extend(self.other.texts.sent());
        sent
    }

    /// How many went out the other way.
    pub fn sent_the_other_way(&self) -> usize {
        self.other.texts.sent().len()
    }
}

impl SendTexts for Gateway {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        self.wind();
        self.texts.send_text(text).await
    }
}

impl FindTexts for Gateway {
    async fn has_text(&self, text: &Text, since: Timestamp) -> Result<bool, ProviderError> {
        self.wind();
        self.texts.has_text(text, since).await
    }
}

impl SendTexts for Far<Gateway> {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        let (end, text) = (self.end.clone(), text.clone());
        let work = async move { end.send_text(&text).await };
        self.wire.call("texts.send", work).await
    }
}

impl FindTexts for Far<Gateway> {
    async fn has_text(&self, text: &Text, since: Timestamp) -> Result<bool, ProviderError> {
        let (end, text) = (self.end.clone(), text.clone());
        let work = async move { end.has_text(&text, since).await };
        self.wire.call("texts.find", work).await
    }
}

impl SendTexts for Other {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        let (end, text) = (self.0.end.clone(), text.clone());
        let work = async move { end.send_text(&text).await };
        self.0.wire.call("sns.send", work).await
    }
}

impl Share for Far<Noted> {
    async fn breaker(&self, name: &str) -> Result<Row, ShareError> {
        let (end, name) = (self.end.end.clone(), name.to_owned());
        let work = async move { end.breaker(&name).await };
        self.wire.call("breakers.read", work).await
    }

    async fn put_breaker(&self, name: &str, row: &Row) -> Result<(), PutError> {
        let (noted, name, row) = (self.end.clone(), name.to_owned(), row.clone());
        let work = async move {
            noted.end.put_breaker(&name, &row).await?;
            lock(&noted.rows).push((noted.kernel.now(), name, row));
            Ok(())
        };
        self.wire.call("breakers.put", work).await
    }
}

impl World {
    /// Somebody wants a text of whatever becomes of their orders.
    pub async fn wants_texts(&self, name: &str, number: &str) {
        let (tenant, reader) = (tenant(), customer(name));
        let reach = Reach {
            takes_mail: true,
            texts_to: Some(number.to_owned()),
        };
        let (realtime, reader) = (&self.shop.realtime, (&tenant, &reader));
        must(realtime.note_reach(reader, &reach, 1).await);
        let all = NotificationKind::ALL.iter();
        let all = all.fold(Choices::default(), |all, kind| all.with(*kind, true));
        must(realtime.choose(reader, Channel::Sms, &all).await);
    }

    /// Starts a process that sends what is due every so often, beside those that still run; from a
    /// second on every minute. What has waited so long goes out the other way while the gateway is not
    /// called.
    pub fn send_every(&mut self, pause: Duration, until: i64, other_after: Option<SignedDuration>) {
        let until = self.second(until);
        self.schedules += 1;
        // Its chances are its own: an order's are the same with it and without.
        let shop = Shop {
            kernel: self.shop.kernel.with_own_dice(DICE),
            ..self.shop.clone()
        };
        let nursery = self.nursery.clone();
        let schedule = self.shop.kernel.process(|pace| async move {
            loop {
                let often = shop.kernel.now() < until;
                pace.sleep(if often { pause } else { MINUTE }).await;
                let run = shop.clone();
                let process = shop
                    .kernel
                    .process(|pace| run.send_messages(pace, other_after));
                nursery.borrow_mut().push(process);
            }
        });
        self.processes.push(schedule);
    }

    /// Every call that was not made by whoever sends what waits, with its moment, a line each.
    pub fn calls_but_of_messages(&self) -> Vec<String> {
        let of_it = format!(" {STATE}.");
        let mut log = self.shop.faults.log();
        log.retain(|line| !line.contains(&of_it));
        log
    }

    /// What was asked by way of ports whose names begin so, oldest first.
    pub fn asked_of(&self, ports: &[&str]) -> Vec<Asked> {
        let log = self.shop.faults.log();
        log.iter()
            .filter_map(|line| self.asked(line, ports))
            .collect()
    }

    fn asked(&self, line: &str, ports: &[&str]) -> Option<Asked> {
        let (call, fault) = match line.split_once(" <- ") {
            Some((call, fault)) => (call, Some(fault.to_owned())),
            None => (line, None),
        };
        let mut words = call.split(' ');
        let at: Timestamp = words.next()?.parse().ok()?;
        let port = words.next_back()?.to_owned();
        let is_meant = ports.iter().any(|it| port.starts_with(it));
        is_meant.then_some(Asked {
            second: self.second_of(at),
            port,
            fault,
        })
    }

    /// Each row that was written of a breaker, with its second.
    pub fn breaker_rows(&self, breaker: &str) -> Vec<(f64, Row)> {
        let rows = lock(&self.shop.texts.breakers.rows);
        let its = rows.iter().filter(|(_, name, _)| name == breaker);
        its.map(|(at, _, row)| (self.second_of(*at), row.clone()))
            .collect()
    }

    fn second_of(&self, at: Timestamp) -> f64 {
        at.duration_since(self.begin).as_secs_f64()
    }
}

impl Shop {
    /// Whether no text waits, and no mail.
    pub(super) fn all_messages_ended(&self) -> bool {
        let all = self.realtime.all_sendings();
        all.iter().all(|it: &Sending| it.next_try().is_none())
    }

    /// What all processes know of third parties, by way of a wire.
    pub(super) fn breakers(&self, wire: &Wire) -> Far<Noted> {
        Far {
            end: self.texts.breakers.clone(),
            wire: wire.clone(),
        }
    }

    /// One run of `send-messages`, by a process that was started for it.
    async fn send_messages(self, pace: Pace, other_after: Option<SignedDuration>) {
        let visit = self.faults.enter(STATE, "schedule");
        let nobody = Slot::default();
        let wire = Wire::new((&self.kernel, &self.faults), pace, visit, &nobody);
        let wire = wire.limited(PATIENCE, BUDGET);
        let far = |end: &Gateway| Far {
            end: end.clone(),
            wire: wire.clone(),
        };
        let realtime = Far {
            end: self.realtime.clone(),
            wire: wire.clone(),
        };
        let codes = must(PhoneCodes::new(&"2".repeat(64)));
        let codes = Codes::new(FakeAccounts::default(), codes);
        let mut texts = Texts::new(self.breakers(&wire), far(&self.texts.first), codes);
        if let Some(after) = other_after {
            let other = Other(far(&self.texts.other));
            texts = texts.with_fallback(self.breakers(&wire), other, after);
        }
        let mails = LaterMails::new(self.mails(&wire), FakeAccounts::default());
        // The next run does what this one could not.
        drop(send_messages::handle(&realtime, &texts, &mails, &wire).await);
    }
}
