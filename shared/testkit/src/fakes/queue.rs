//! A queue: by groups in their order, each hidden while some of it is out, repeats dropped.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::ports::{
    CountMessages, Depth, Letter, ReceiveMessages, Received, SendMessages, StoreError,
};
use jiff::{SignedDuration, Timestamp};

use super::{Fault, cause, unavailable};
use crate::{FakeClock, lock, must};

/// Most that one call receives.
const AT_ONCE: usize = 10;
/// How long a repeat is dropped.
const DROPS: SignedDuration = SignedDuration::from_mins(5);

/// A queue of SQS: with groups first in, first out, without them in no order that counts. What it
/// gives up goes to its dead letters, if it has any.
#[derive(Clone, Debug, Default)]
pub struct FakeQueue {
    inner: Arc<Mutex<Inner>>,
    clock: FakeClock,
    gives_up: Option<(u32, Box<Self>)>,
}

#[derive(Debug, Default)]
struct Inner {
    kept: Vec<Kept>,
    /// What was sent, by group and deduplication id, and when.
    seen: Vec<((Option<String>, String), Timestamp)>,
    sent: u64,
    receipts: u64,
    is_down: bool,
    refused: BTreeSet<String>,
    deletes: VecDeque<Fault>,
}

#[derive(Clone, Debug)]
struct Kept {
    message: Received,
    hidden_until: Timestamp,
}

impl Kept {
    fn is_hidden(&self, now: Timestamp) -> bool {
        self.hidden_until > now
    }

    fn group(&self) -> Option<&str> {
        self.message.letter.group.as_deref()
    }
}

impl FakeQueue {
    /// A queue whose time this clock tells.
    pub fn at(clock: &FakeClock) -> Self {
        Self {
            clock: clock.clone(),
            ..Self::default()
        }
    }

    /// The same queue; what was received so often, and is hidden no longer, goes to the dead letters.
    #[must_use]
    pub fn giving_up_after(mut self, receipts: u32, dead_letters: &Self) -> Self {
        self.gives_up = Some((receipts, Box::new(dead_letters.clone())));
        self
    }

    /// Lets it take nothing more, or again.
    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    /// Refuses what is sent of this group for good.
    pub fn refuse(&self, group: &str) {
        self.lock().refused.insert(group.to_owned());
    }

    /// Lets the next removal go wrong; several queue up.
    pub fn fail_next_delete(&self, fault: Fault) {
        self.lock().deletes.push_back(fault);
    }

    /// What is in it, hidden or not, in its order.
    pub fn letters(&self) -> Vec<Letter> {
        let inner = self.lock();
        let letter = |kept: &Kept| kept.message.letter.clone();
        inner.kept.iter().map(letter).collect()
    }

    /// How many were ever sent and not dropped.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    fn later(&self, by: SignedDuration) -> Timestamp {
        must(self.clock.now().checked_add(by))
    }

    fn give_up(&self) {
        let Some((receipts, dead_letters)) = &self.gives_up else {
            return;
        };
        let now = self.clock.now();
        let is_dead = |kept: &mut Kept| kept.message.receipts >= *receipts && !kept.is_hidden(now);
        let dead: Vec<_> = self.lock().kept.extract_if(.., is_dead).collect();
        dead_letters.lock().kept.extend(dead);
    }
}

impl ReceiveMessages for FakeQueue {
    async fn receive(&self, hidden: Duration) -> Result<Vec<Received>, StoreError> {
        self.give_up();
        let now = self.clock.now();
        let until = self.later(must(hidden.try_into()));
        let mut inner = self.lock();
        let Inner { kept, receipts, .. } = &mut *inner;
        let out = kept.iter().filter(|it| it.is_hidden(now));
        let out: BTreeSet<String> = out.filter_map(|it| it.group().map(str::to_owned)).collect();
        let is_free = |it: &&mut Kept| {
            !it.is_hidden(now) && it.group().is_none_or(|group| !out.contains(group))
        };
        let receive = |it: &mut Kept| {
            *receipts += 1;
            it.hidden_until = until;
            it.message.receipts += 1;
            it.message.handle = format!("receipt-{receipts}");
            it.message.clone()
        };
        let free = kept.iter_mut().filter(is_free).take(AT_ONCE);
        Ok(free.map(receive).collect())
    }

    async fn delete(&self, message: &Received) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut inner = self.lock();
        let fault = inner.deletes.pop_front();
        if fault.is_some_and(|fault| fault != Fault::AppliedButError) {
            return Err(unavailable());
        }
        let is_it = |it: &Kept| it.message.handle == message.handle && it.is_hidden(now);
        let place = inner.kept.iter().position(is_it).ok_or_else(unknown)?;
        inner.kept.remove(place);
        fault.map_or(Ok(()), |_| Err(unavailable()))
    }

    async fn give_back(&self, message: &Received) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut inner = self.lock();
        let mut kept = inner.kept.iter_mut();
        let is_it = |it: &&mut Kept| it.message.handle == message.handle && it.is_hidden(now);
        kept.find(is_it).ok_or_else(unknown)?.hidden_until = now;
        Ok(())
    }
}

impl SendMessages for FakeQueue {
    async fn send(&self, letter: &Letter) -> Result<(), StoreError> {
        let now = self.clock.now();
        let earliest = must(now.checked_sub(DROPS));
        let mut inner = self.lock();
        let group = letter.group.clone();
        if inner.is_down {
            return Err(unavailable());
        }
        if group.as_ref().is_some_and(|it| inner.refused.contains(it)) {
            return Err(StoreError::Broken(cause("refused, as the test said")));
        }
        if let Some(dedupe) = &letter.dedupe {
            inner.seen.retain(|(_, at)| *at > earliest);
            let name = (group, dedupe.clone());
            if inner.seen.iter().any(|(seen, _)| *seen == name) {
                return Ok(());
            }
            inner.seen.push((name, now));
        }
        inner.sent += 1;
        let message = Received {
            id: format!("message-{}", inner.sent),
            handle: String::new(),
            letter: letter.clone(),
            sent_at: now,
            receipts: 0,
        };
        inner.kept.push(Kept {
            message,
            hidden_until: now,
        });
        Ok(())
    }
}

impl CountMessages for FakeQueue {
    async fn depth(&self) -> Result<Depth, StoreError> {
        let now = self.clock.now();
        let inner = self.lock();
        let hidden = inner.kept.iter().filter(|it| it.is_hidden(now)).count();
        Ok(Depth {
            waiting: (inner.kept.len() - hidden) as u64,
            hidden: hidden as u64,
        })
    }
}

fn unknown() -> StoreError {
    StoreError::Broken(cause("no such receipt"))
}
