//! Why an event is not counted.

use serde::Serialize;
use thiserror::Error;

/// Why an event is not counted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// It is older than what is held.
    #[error("the event is older than what is held")]
    Late,
    /// It is more than [`AHEAD`](crate::AHEAD) minutes in the future.
    #[error("the event is in the future")]
    Future,
    /// Its value is infinite, or no number.
    #[error("the value is not finite")]
    NotFinite,
    /// Its type or its user is empty, longer than [`LONGEST`](crate::LONGEST), or
    /// [`OTHER`](crate::OTHER).
    #[error("the type or the user is empty, too long, or taken")]
    Name,
    /// It is no event.
    #[error("it cannot be read as an event")]
    Unreadable,
    /// The processor was closed.
    #[error("the processor is closed")]
    Closed,
}

/// How many events were not counted, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// [`Refusal::Late`].
    pub late: u64,
    /// [`Refusal::Future`].
    pub future: u64,
    /// [`Refusal::NotFinite`].
    pub not_finite: u64,
    /// [`Refusal::Name`].
    pub name: u64,
    /// [`Refusal::Unreadable`].
    pub unreadable: u64,
    /// [`Refusal::Closed`].
    pub closed: u64,
}

impl Refusals {
    /// Each reason by name.
    pub const fn by_reason(&self) -> [(&'static str, u64); 6] {
        [
            ("late", self.late),
            ("future", self.future),
            ("not_finite", self.not_finite),
            ("name", self.name),
            ("unreadable", self.unreadable),
            ("closed", self.closed),
        ]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.by_reason().iter().map(|(_, count)| count).sum()
    }

    pub(crate) const fn note(&mut self, refusal: Refusal) {
        let count = match refusal {
            Refusal::Late => &mut self.late,
            Refusal::Future => &mut self.future,
            Refusal::NotFinite => &mut self.not_finite,
            Refusal::Name => &mut self.name,
            Refusal::Unreadable => &mut self.unreadable,
            Refusal::Closed => &mut self.closed,
        };
        *count += 1;
    }

    pub(crate) const fn add(&mut self, other: &Self) {
        self.late += other.late;
        self.future += other.future;
        self.not_finite += other.not_finite;
        self.name += other.name;
        self.unreadable += other.unreadable;
        self.closed += other.closed;
    }
}
