//! A place where one thread keeps what it works on, and from which another may have it at any time.
//! The first never waits. What it did before the other asks is in what the other gets: nothing is lost,
//! and nothing is there twice. `tests/slot.rs` tries ways in which the two can meet here.

use std::fmt;

use crate::atomics::{AtomicBool, AtomicCell, AtomicUsize, Ordering::SeqCst, yield_now};

/// Empty, or with what was done since it was taken last.
#[derive(Default)]
pub(crate) struct Slot<T> {
    /// What the thread goes on with.
    held: AtomicCell<Option<Box<T>>>,
    /// What it left to whoever asked.
    given: AtomicCell<Option<Box<T>>>,
    is_wanted: AtomicBool,
    /// Odd while the thread has it in its hand.
    turns: AtomicUsize,
}

/// What the thread has in its hand. It is put back in any case.
struct Hand<'a, T> {
    slot: &'a Slot<T>,
    held: Option<Box<T>>,
}

impl<T: Default> Slot<T> {
    /// Works on what is there, or on something new. One thread only may do this.
    pub(crate) fn work<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        self.turns.fetch_add(1, SeqCst);
        let held = self.held.swap(None);
        let mut hand = Hand { slot: self, held };
        work(hand.held.get_or_insert_default())
    }

    /// Takes what is there, in up to two parts. Waits while the thread has it in its hand, until it puts
    /// it away for the first time. Beside the thread, one other at a time may do this.
    pub(crate) fn take(&self) -> impl Iterator<Item = Box<T>> {
        self.is_wanted.store(true, SeqCst);
        let (held, given) = loop {
            let turn = self.turns.load(SeqCst);
            // It has all that was done before anybody asked.
            if let Some(given) = self.given.swap(None) {
                break (None, Some(given));
            }
            let held = self.held.swap(None);
            let is_resting = turn.is_multiple_of(2) && self.turns.load(SeqCst) == turn;
            if held.is_some() || is_resting {
                break (held, self.take_back());
            }
            yield_now();
        };
        held.into_iter().chain(given)
    }

    /// Wants nothing any more, unless the thread is about to give.
    fn take_back(&self) -> Option<Box<T>> {
        if self.is_wanted.swap(false, SeqCst) {
            return None;
        }
        loop {
            if let Some(given) = self.given.swap(None) {
                return Some(given);
            }
            yield_now();
        }
    }
}

impl<T> Drop for Hand<'_, T> {
    fn drop(&mut self) {
        let slot = self.slot;
        let is_wanted = slot.is_wanted.load(SeqCst) && slot.is_wanted.swap(false, SeqCst);
        let place = if is_wanted { &slot.given } else { &slot.held };
        place.store(self.held.take());
        slot.turns.fetch_add(1, SeqCst);
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Slot");
        shown.field("turns", &self.turns).finish_non_exhaustive()
    }
}
