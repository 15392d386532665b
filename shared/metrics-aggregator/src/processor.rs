//! The processor: any number of threads give it events, anybody asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crossbeam_utils::CachePadded;
use jiff::Timestamp;
use memchr::memchr_iter;
use serde::Serialize;
use thiserror::Error;
use thread_local::ThreadLocal;

use crate::book::{Book, Entry, Minute};
use crate::line::{Reader, minute_of};
use crate::slot::Slot;
use crate::usual::trimmed;
use crate::{AHEAD, Aggregate, Aggregates, Bounds, Event, LONGEST, OTHER, Refusal, Refusals};

/// Counts events. `C` is the clock.
#[derive(Debug)]
pub struct MetricsProcessor<C> {
    bounds: Bounds,
    clock: C,
    /// What each thread has added since it was asked last.
    threads: ThreadLocal<CachePadded<Slot<Book>>>,
    /// What was taken from all of them.
    kept: Mutex<Book>,
    is_closed: AtomicBool,
}

/// That there are no aggregates of so many minutes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{asked} minutes: from 1 to {most} are held")]
pub struct InvalidMinutes {
    asked: u32,
    most: u32,
}

/// What became of a batch of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Events that were counted.
    pub taken: u64,
    /// Those that were not.
    pub refused: Refusals,
}

impl<C: Fn() -> Timestamp> MetricsProcessor<C> {
    /// Holds at most so much, and goes by this clock.
    pub fn new(bounds: Bounds, clock: C) -> Self {
        Self {
            bounds,
            clock,
            threads: ThreadLocal::new(),
            kept: Mutex::default(),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Counts an event. Never waits for another thread.
    ///
    /// # Errors
    /// [`Refusal`]; it is counted among those that were refused.
    pub fn process_event(&self, event: &Event<'_>) -> Result<(), Refusal> {
        let now = self.now();
        let entry = Entry {
            minute: minute_of(event.timestamp),
            kind: event.event_type,
            user: event.user_id.as_bytes(),
            value: event.value,
        };
        self.work(|book| self.add(book, Ok(entry), now))
    }

    /// Counts events that are lines of JSON; empty lines are none. The clock is read once for all.
    pub fn process_lines(&self, lines: &[u8]) -> Taken {
        let now = self.now();
        self.work(|book| {
            let (mut taken, mut reader) = (Taken::default(), Reader::default());
            let mut from = 0;
            for end in memchr_iter(b'\n', lines).chain([lines.len()]) {
                let line = trimmed(lines.get(from..end).unwrap_or_default());
                from = end + 1;
                if line.is_empty() {
                    continue;
                }
                let added = reader.read(line, |read| {
                    self.add(book, read.map_err(|_| Refusal::Unreadable), now)
                });
                match added {
                    Ok(()) => taken.taken += 1,
                    Err(refusal) => taken.refused.note(refusal),
                }
            }
            taken
        })
    }

    /// What the events of the last minutes were, the one under way included. All that any thread has
    /// counted before this is in it.
    ///
    /// # Errors
    /// [`InvalidMinutes`] for 0, and for more than are held.
    pub fn aggregates(&self, minutes: u32) -> Result<Aggregates, InvalidMinutes> {
        if !(1..=self.bounds.minutes).contains(&minutes) {
            return Err(InvalidMinutes {
                asked: minutes,
                most: self.bounds.minutes,
            });
        }
        Ok(self.of(minutes))
    }

    /// What the events of all minutes were that are held.
    pub fn everything(&self) -> Aggregates {
        self.of(self.bounds.minutes)
    }

    /// Takes the books of all threads together, so that they stay small. Once a second is often enough;
    /// a thread does it for its own when a minute begins, or when it has no room.
    pub fn collect(&self) {
        drop(self.collected(self.now()));
    }

    /// Takes no event any more; what was counted can still be asked for. An event is refused from here on
    /// or is in what is asked for after this.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.collect();
    }

    fn of(&self, minutes: u32) -> Aggregates {
        let now = self.now();
        let kept = self.collected(now);
        let cells = kept.cells(now - i64::from(minutes) + 1, now);
        let of = |(kind, cells)| Some((str::to_owned(kind), Aggregate::of(cells)?));
        Aggregates {
            minutes,
            types: cells.filter_map(of).collect(),
            refused: kept.refused,
        }
    }

    fn now(&self) -> Minute {
        minute_of((self.clock)())
    }

    fn oldest(&self, now: Minute) -> Minute {
        now - i64::from(self.bounds.minutes) + 1
    }

    fn work<R>(&self, work: impl FnOnce(&mut Book) -> R) -> R {
        self.threads.get_or_default().work(work)
    }

    fn add(
        &self,
        book: &mut Book,
        entry: Result<Entry<'_>, Refusal>,
        now: Minute,
    ) -> Result<(), Refusal> {
        match entry.and_then(|entry| self.checked(entry, now)) {
            Ok(entry) => {
                self.put(book, entry, now);
                Ok(())
            }
            Err(refusal) => {
                book.refused.note(refusal);
                Err(refusal)
            }
        }
    }

    fn checked<'a>(&self, entry: Entry<'a>, now: Minute) -> Result<Entry<'a>, Refusal> {
        let is_name = |text: &[u8]| (1..=LONGEST).contains(&text.len()) && text != OTHER.as_bytes();
        match entry {
            // Whoever closes waits for the book that is in the hand here.
            _ if self.is_closed.load(Ordering::SeqCst) => Err(Refusal::Closed),
            Entry { value, .. } if !value.is_finite() => Err(Refusal::NotFinite),
            Entry { kind, user, .. } if !is_name(kind.as_bytes()) || !is_name(user) => {
                Err(Refusal::Name)
            }
            Entry { minute, .. } if minute > now + AHEAD => Err(Refusal::Future),
            Entry { minute, .. } if minute < self.oldest(now) => Err(Refusal::Late),
            entry => Ok(entry),
        }
    }

    /// Hands on first what is in the book where there is no room. While somebody asks it goes on as it is.
    fn put(&self, book: &mut Book, entry: Entry<'_>, now: Minute) {
        if book.add(entry, &self.bounds).is_ok() {
            return;
        }
        let kept = match self.kept.try_lock() {
            Ok(kept) => Some(kept),
            Err(TryLockError::Poisoned(kept)) => Some(kept.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        if let Some(mut kept) = kept {
            kept.forget_before(self.oldest(now));
            self.absorb(&mut kept, std::mem::take(book), now);
        }
        book.push(entry, &self.bounds);
    }

    fn absorb(&self, kept: &mut Book, book: Book, now: Minute) {
        kept.absorb(book, &self.bounds, self.oldest(now));
    }

    fn collected(&self, now: Minute) -> MutexGuard<'_, Book> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget_before(self.oldest(now));
        for thread in &self.threads {
            for book in thread.take() {
                self.absorb(&mut kept, *book, now);
            }
        }
        kept
    }

    /// Cells in the book that is kept.
    #[cfg(test)]
    pub(crate) fn minutes_held(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let cells = kept.cells(Minute::MIN, Minute::MAX);
        cells.map(|(_, cells)| cells.count()).sum()
    }
}
