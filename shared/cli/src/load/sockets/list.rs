//! What one client has of a list: which numbers came, which came twice, which did not.

use std::collections::BTreeMap;

/// One list, from the first number that came. Those before it are no business of this client.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    first: Option<u64>,
    /// Up to here nothing is missing.
    whole: u64,
    /// Behind `whole`.
    cursor: Option<String>,
    /// What came before what is missing, with the cursors behind.
    ahead: BTreeMap<u64, String>,
    /// Up to here was told to who asked for what they missed.
    told: u64,
    twice: u64,
}

impl List {
    /// One came; `was_missed` where it may be an answer to who asked for what they missed. What is told
    /// for that reason may also be pushed, before or after.
    pub(crate) fn take(&mut self, number: u64, cursor: &str, was_missed: bool) {
        let first = *self.first.get_or_insert_with(|| {
            self.whole = number.saturating_sub(1);
            number
        });
        if number < first {
            return;
        }
        let is_known = number <= self.whole || self.ahead.contains_key(&number);
        if is_known {
            self.twice += u64::from(!was_missed && number > self.told);
            return;
        }
        self.ahead.insert(number, cursor.to_owned());
        self.close_up();
    }

    /// All up to this one were told.
    pub(crate) fn told_up_to(&mut self, number: u64, cursor: &str) {
        self.first.get_or_insert(number);
        self.told = self.told.max(number);
        if number >= self.whole {
            self.whole = number;
            self.cursor = Some(cursor.to_owned());
            self.ahead.retain(|ahead, _| *ahead > number);
        }
        self.close_up();
    }

    /// Where to ask for what was missed.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The highest number that came or was told; nothing before the first.
    pub(crate) fn last(&self) -> Option<u64> {
        self.first?;
        let ahead = self.ahead.keys().next_back().copied();
        Some(ahead.unwrap_or(self.whole))
    }

    /// How many were pushed that were there.
    pub(crate) const fn twice(&self) -> u64 {
        self.twice
    }

    /// How many did not come and are before one that did.
    pub(crate) fn missing(&self) -> u64 {
        let between = self.last().unwrap_or_default().saturating_sub(self.whole);
        between.saturating_sub(self.ahead.len() as u64)
    }

    fn close_up(&mut self) {
        while let Some(cursor) = self.ahead.remove(&self.whole.saturating_add(1)) {
            self.whole += 1;
            self.cursor = Some(cursor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(numbers: &[u64]) -> List {
        let mut list = List::default();
        numbers
            .iter()
            .for_each(|number| list.take(*number, &format!("c{number}"), false));
        list
    }

    #[test]
    fn what_comes_out_of_order_is_not_missing_once_all_came() {
        let list = after(&[7, 9, 10]);
        assert_eq!(
            (list.missing(), list.twice(), list.cursor()),
            (1, 0, Some("c7"))
        );
        let list = after(&[7, 9, 10, 8]);
        assert_eq!(
            (list.missing(), list.twice(), list.cursor()),
            (0, 0, Some("c10"))
        );
    }

    #[test]
    fn what_comes_again_is_counted_and_what_was_before_is_not() {
        let list = after(&[7, 7, 9, 9, 3]);
        assert_eq!((list.twice(), list.missing()), (2, 1));
    }

    #[test]
    fn what_was_asked_for_may_be_pushed_too_but_only_that() {
        let mut list = after(&[7]);
        list.take(7, "c7", true);
        list.take(8, "c8", true);
        list.told_up_to(8, "c8");
        list.take(8, "c8", false);
        assert_eq!(list.twice(), 0);
        list.take(9, "c9", false);
        list.take(9, "c9", false);
        assert_eq!(list.twice(), 1);
    }

    #[test]
    fn what_was_told_is_not_missing_though_it_never_came() {
        let mut list = after(&[7, 9, 12]);
        list.told_up_to(10, "t10");
        assert_eq!((list.missing(), list.cursor()), (1, Some("t10")));
        list.told_up_to(11, "t11");
        assert_eq!((list.missing(), list.cursor()), (0, Some("c12")));
        list.told_up_to(8, "t8");
        assert_eq!(list.cursor(), Some("c12"));
    }
}
