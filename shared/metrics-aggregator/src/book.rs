//! Cells of all types and minutes: what one thread has added since it was asked last, or what all have.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::cell::Cell;
use crate::{Bounds, OTHER, Refusals};

/// Minutes since 1970.
pub(crate) type Minute = i64;

/// Cells by type, then by minute.
#[derive(Debug, Default)]
pub(crate) struct Book {
    types: HashMap<Box<str>, BTreeMap<Minute, Cell>>,
    /// Events that are in no cell.
    pub(crate) refused: Refusals,
    /// The newest minute that anything was added to.
    newest: Option<Minute>,
}

/// One event, of a finite value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) minute: Minute,
    pub(crate) kind: &'a str,
    pub(crate) user: &'a str,
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
            put(minutes, entry);
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
        put(self.types.entry_ref(kind).or_default(), entry);
    }

    /// Takes in all of another that is not older. Types that there is no room for are one, [`OTHER`].
    pub(crate) fn absorb(&mut self, other: Self, bounds: &Bounds, oldest: Minute) {
        for (kind, mut cells) in other.types {
            let cells = cells.split_off(&oldest);
            if cells.is_empty() {
                continue;
            }
            let is_known = self.types.contains_key(&kind);
            let kind = match is_known || self.types.len() < bounds.types {
                true => kind,
                false => OTHER.into(),
            };
            let known = self.types.entry(kind).or_default();
            for (minute, cell) in cells {
                known.entry(minute).or_default().absorb(&cell);
            }
        }
        self.refused.add(&other.refused);
    }

    /// Forgets what is older, and types of which nothing is left.
    pub(crate) fn forget_before(&mut self, oldest: Minute) {
        self.types.retain(|_, cells| {
            *cells = cells.split_off(&oldest);
            !cells.is_empty()
        });
    }

    /// Cells from one minute to another, by type.
    pub(crate) fn cells(
        &self,
        from: Minute,
        to: Minute,
    ) -> impl Iterator<Item = (&str, impl Iterator<Item = &Cell> + Clone)> {
        let types = self.types.iter();
        types
            .map(move |(kind, cells)| (kind.as_ref(), cells.range(from..=to).map(|(_, cell)| cell)))
    }
}

fn put(cells: &mut BTreeMap<Minute, Cell>, entry: Entry<'_>) {
    let cell = cells.entry(entry.minute).or_default();
    cell.add(entry.user, entry.value);
}
