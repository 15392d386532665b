//! Inboxes in memory, for the fakes that keep some.

use std::collections::BTreeMap;

use domain::Taken;
use domain::ports::SaveError;
use jiff::Timestamp;

/// Inboxes by aggregate.
#[derive(Debug, Default)]
pub(super) struct Inboxes(BTreeMap<String, Taken>);

impl Inboxes {
    pub(super) fn taken(&self, aggregate: &str) -> Taken {
        self.0.get(aggregate).cloned().unwrap_or_default()
    }

    pub(super) fn save(
        &mut self,
        aggregate: &str,
        mut taken: Taken,
    ) -> Result<Taken, SaveError<Taken>> {
        let stored = self.taken(aggregate);
        if stored.version != taken.version {
            return Err(SaveError::Conflict(Some(Box::new(stored))));
        }
        taken.version += 1;
        self.0.insert(aggregate.to_owned(), taken.clone());
        Ok(taken)
    }

    pub(super) fn due(&self, before: Timestamp, limit: u16) -> Vec<String> {
        let look = |(aggregate, taken): (&String, &Taken)| {
            let look = taken.gap?.next_look;
            (look < before).then(|| (look, aggregate.clone()))
        };
        let mut due: Vec<_> = self.0.iter().filter_map(look).collect();
        due.sort();
        let aggregates = due.into_iter().map(|(_, aggregate)| aggregate);
        aggregates.take(limit.into()).collect()
    }
}
