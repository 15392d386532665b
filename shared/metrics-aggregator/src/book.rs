//! Cells of all types and minutes: what one thread has added since it was asked last, or what all have.

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::cell::Cell;
use crate::{Bounds, OTHER, Refusals};

/// Minutes since 1970.
pub(crate) type Minute = i64;

/// Cells by type, then by minute.
#[derive(Debug, Default)]
pub(crate) struct Book {
    types: HashMap<Box<str>, Minutes>,
    /// Events that are in no cell.
    pub(crate) refused: Refusals,
    /// The newest minute that anything was added to.
    newest: Option<Minute>,
}

/// Cells of one type, from the oldest minute on. The book of a thread mostly has one, which lies beside the type then.
#[derive(Debug, Default)]
struct Minutes(SmallVec<[(Minute, Cell); 1]>);

/// One event, of a finite value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) minute: Minute,
    pub(crate) kind: &'a str,
    /// In UTF-8.
    pub(crate) user: &'a [u8],
    pub(crate) value: f64,
}

/// There is no room for one more type, or a new minute begins: what is here is to be handed on first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Book {
    /// Adds an event.
    ///
    /// # Errors
    /// [`Full`], before anything is added.
    pub(crate) fn add(&mut self, entry: Entry<'_>, bounds: &Bounds) -> Result<(), Full> {
        if self.newest.is_some_and(|newest| entry.minute > newest) {
            return Err(Full);
        }
        if let Some(minutes) = self.types.get_mut(entry.kind) {
            minutes.put(entry);
            return Ok(());
        }
        if self.types.len() >= bounds.types {
            return Err(Full);
        }
        self.push(entry, bounds);
        Ok(())
    }

    /// Adds an event though there may be no room: then its type is [`OTHER`].
    pub(crate) fn push(&mut self, entry: Entry<'_>, bounds: &Bounds) {
        let is_full = self.types.len() >= bounds.types.saturating_mul(2);
        let kind = match is_full && !self.types.contains_key(entry.kind) {
            true => OTHER,
            false => entry.kind,
        };
        self.newest = self.newest.max(Some(entry.minute));
        self.types.entry_ref(kind).or_default().put(entry);
    }

    /// Takes in all of another that is not older. Types that there is no room for are one, [`OTHER`].
    pub(crate) fn absorb(&mut self, other: Self, bounds: &Bounds, oldest: Minute) {
        for (kind, mut minutes) in other.types {
            minutes.forget_before(oldest);
            if minutes.0.is_empty() {
                continue;
            }
            let is_known = self.types.contains_key(&kind);
            let kind = match is_known || self.types.len() < bounds.types {
                true => kind,
                false => OTHER.into(),
            };
            let known = self.types.entry(kind).or_default();
            for (minute, cell) in minutes.0 {
                known.cell(minute).absorb(&cell);
            }
        }
        self.refused.add(&other.refused);
    }

    /// Forgets what is older, and types of which nothing is left.
    pub(crate) fn forget_before(&mut self, oldest: Minute) {
        self.types.retain(|_, minutes| {
            minutes.forget_before(oldest);
            !minutes.0.is_empty()
        });
    }

    /// Cells from one minute to another, by type.
    pub(crate) fn cells(
        &self,
        from: Minute,
        to: Minute,
    ) -> impl Iterator<Item = (&str, impl Iterator<Item = &Cell> + Clone)> {
        let types = self.types.iter();
        types.map(move |(kind, minutes)| (kind.as_ref(), minutes.cells(from, to)))
    }
}

impl Minutes {
    fn put(&mut self, entry: Entry<'_>) {
        let cell = match self.0.last_mut() {
            Some((minute, cell)) if *minute == entry.minute => cell,
            _ => self.cell(entry.minute),
        };
        cell.add(entry.user, entry.value);
    }

    /// Makes it where there is none.
    #[expect(clippy::indexing_slicing, reason = "it was found there, or put there")]
    fn cell(&mut self, minute: Minute) -> &mut Cell {
        let found = self.0.binary_search_by_key(&minute, |(minute, _)| *minute);
        let place = found.unwrap_or_else(|place| {
            self.0.insert(place, (minute, Cell::default()));
            place
        });
        &mut self.0[place].1
    }

    fn forget_before(&mut self, oldest: Minute) {
        let forgotten = self.0.partition_point(|(minute, _)| *minute < oldest);
        self.0.drain(..forgotten);
    }

    fn cells(&self, from: Minute, to: Minute) -> impl Iterator<Item = &Cell> + Clone {
        let within = self
            .0
            .iter()
            .filter(move |(minute, _)| (from..=to).contains(minute));
        within.map(|(_, cell)| cell)
    }
}
