//! What was pushed to one customer, whichever of their sockets heard it: each of them should have.

use std::collections::BTreeMap;
use std::ops::Range;

use tokio::time::Instant;

use super::list::List;

/// Numbers of lists, with the times at which the first socket heard them.
#[derive(Debug, Default)]
pub(crate) struct Pushed(BTreeMap<(String, u64), Instant>);

impl Pushed {
    /// A socket heard it.
    pub(crate) fn note(&mut self, list: &str, number: u64, at: Instant) {
        self.0.entry((list.to_owned(), number)).or_insert(at);
    }

    /// How many were heard between two times that are behind all that somebody has.
    pub(crate) fn behind(&self, has: &BTreeMap<String, List>, between: &Range<Instant>) -> u64 {
        let last = |list: &str| has.get(list).and_then(List::last);
        let behind = self.0.iter().filter(|((list, number), at)| {
            between.contains(at) && last(list).is_none_or(|last| *number > last)
        });
        behind.count() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_heard_nothing_misses_what_the_others_heard_while_it_was_there() {
        let begun = Instant::now();
        let second = |at: u64| begun + Duration::from_secs(at);
        let mut pushed = Pushed::default();
        for (number, at) in [(3, 1), (4, 5), (5, 6), (5, 2), (6, 9)] {
            pushed.note("own", number, second(at));
        }
        let there = second(2)..second(8);
        let nothing = BTreeMap::new();
        assert_eq!(pushed.behind(&nothing, &there), 2);
        let mut list = List::default();
        list.take(4, "c4", false);
        let one = BTreeMap::from([("own".to_owned(), list)]);
        assert_eq!(pushed.behind(&one, &there), 1);
        let of_another = BTreeMap::from([("group:1".to_owned(), List::default())]);
        assert_eq!(pushed.behind(&of_another, &there), 2);
    }
}
