//! How values are spread: counts of values of about the same size. Each counter holds values that are at
//! most a thirty-second of their size apart, so its middle is less than 1.6 % from any of them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Bits of a float that tell two counters apart: sign, exponent, and the first five behind the point.
const DROPPED: u32 = 47;
/// Most counters of a side. Values more than 16 powers of two smaller than the largest share one.
const MOST: usize = 512;

/// What was counted of finite values. Those next to zero, some 300 digits behind the point, are zeros.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread {
    zeros: u32,
    positive: Side,
    negative: Side,
}

/// Counters without a gap between them. They fill up rather than begin anew.
#[derive(Clone, Debug, Default)]
struct Side {
    /// Place of the first.
    first: u16,
    counts: Vec<u32>,
}

impl Spread {
    pub(crate) fn note(&mut self, value: f64) {
        let place = (value.abs().to_bits() >> DROPPED) as u16;
        match value.total_cmp(&0.0) {
            _ if place == 0 => self.zeros = self.zeros.saturating_add(1),
            Ordering::Less => self.negative.note(place, 1),
            _ => self.positive.note(place, 1),
        }
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.zeros = self.zeros.saturating_add(other.zeros);
        self.positive.absorb(&other.positive);
        self.negative.absorb(&other.negative);
    }
}

impl Side {
    fn note(&mut self, place: u16, times: u32) {
        if self.count(place, times).is_none() {
            let place = self.room_for(place);
            self.count(place, times);
        }
    }

    /// Nothing where there is no such counter yet.
    fn count(&mut self, place: u16, times: u32) -> Option<()> {
        let place = place.checked_sub(self.first)?;
        let count = self.counts.get_mut(usize::from(place))?;
        *count = count.saturating_add(times);
        Some(())
    }

    fn absorb(&mut self, other: &Self) {
        for (place, times) in other.counted() {
            self.note(place, times);
        }
    }

    fn counted(&self) -> impl DoubleEndedIterator<Item = (u16, u32)> + '_ {
        let counted = (self.first..).zip(self.counts.iter().copied());
        // A range without end cannot be walked backwards.
        let counted: Vec<(u16, u32)> = counted.filter(|(_, times)| *times > 0).collect();
        counted.into_iter()
    }

    /// Where to count what is of this place: there, or at the lowest that there is room for.
    fn room_for(&mut self, place: u16) -> u16 {
        let Some(last) = self.last() else {
            self.first = place;
            self.counts.push(0);
            return place;
        };
        let lowest = last.max(place).saturating_sub(MOST as u16 - 1);
        let place = place.max(lowest);
        self.give_up_below(lowest);
        if place > last {
            let more = usize::from(place - self.first) + 1;
            self.counts.resize(more, 0);
        }
        if place < self.first {
            let more = usize::from(self.first - place);
            self.counts.splice(..0, std::iter::repeat_n(0, more));
            self.first = place;
        }
        place
    }

    /// What was counted lower is counted there.
    fn give_up_below(&mut self, lowest: u16) {
        let given_up = usize::from(lowest.saturating_sub(self.first));
        let given_up = given_up.min(self.counts.len());
        if given_up == 0 {
            return;
        }
        let lower = self.counts.drain(..given_up);
        let lower = lower.fold(0_u32, u32::saturating_add);
        self.first = lowest;
        match self.counts.first_mut() {
            Some(count) => *count = count.saturating_add(lower),
            None => self.counts.push(lower),
        }
    }

    fn last(&self) -> Option<u16> {
        let length = u16::try_from(self.counts.len()).unwrap_or(u16::MAX);
        (length > 0).then(|| self.first + (length - 1))
    }
}

/// All values in order, of any number of spreads.
#[derive(Debug, Default)]
pub(crate) struct Ranks {
    /// By place; places of negative values are below zero, the largest lowest.
    counts: BTreeMap<i32, u64>,
    total: u64,
}

impl Ranks {
    pub(crate) fn add(&mut self, spread: &Spread) {
        let negative = spread.negative.counted();
        let negative = negative.map(|(place, times)| (-i32::from(place), times));
        let positive = spread.positive.counted();
        let positive = positive.map(|(place, times)| (i32::from(place), times));
        let zeros = (spread.zeros > 0).then_some((0, spread.zeros));
        for (place, times) in negative.chain(zeros).chain(positive) {
            *self.counts.entry(place).or_default() += u64::from(times);
            self.total += u64::from(times);
        }
    }

    /// About the value that so large a part of all values is not above: the nearest rank. 0 of none.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let rank = (part * self.total as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        for (place, times) in &self.counts {
            below += times;
            if below >= rank {
                return middle(*place);
            }
        }
        0.0
    }
}

fn middle(place: i32) -> f64 {
    let of_size = |place: i32| match place {
        0 => 0.0,
        _ => f64::from_bits((place as u64) << DROPPED | 1 << (DROPPED - 1)),
    };
    match place < 0 {
        true => -of_size(-place),
        false => of_size(place),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn ranks(spreads: &[&Spread]) -> Ranks {
        let mut ranks = Ranks::default();
        spreads.iter().for_each(|spread| ranks.add(spread));
        ranks
    }

    fn spread(values: &[f64]) -> Spread {
        let mut spread = Spread::default();
        values.iter().for_each(|value| spread.note(*value));
        spread
    }

    #[test]
    fn values_are_within_a_sixtieth_and_zero_is_zero() {
        for value in [1.0, 1.031, 1.999, 7.0, 1e-9, 1e300, f64::MAX, -3.3, -1e-300] {
            let found = ranks(&[&spread(&[value])]).quantile(0.5);
            assert!((found / value - 1.0).abs() < 0.016, "{value} {found}");
        }
        assert_eq!(ranks(&[&spread(&[0.0, -0.0])]).quantile(0.99), 0.0);
        assert_eq!(ranks(&[]).quantile(0.5), 0.0);
    }

    #[test]
    fn what_is_far_below_the_largest_is_counted_low() {
        let wide = spread(&[1.0, 1e30, 1e-30, 1e30, 1e30]);
        assert!(wide.positive.counts.len() <= MOST);
        assert!(wide.positive.counts.capacity() <= 2 * MOST);
        let ranks = ranks(&[&wide]);
        assert!((ranks.quantile(0.6) / 1e30 - 1.0).abs() < 0.016);
        let lowest = ranks.quantile(0.2);
        assert!(
            lowest < 1e30 / 60_000.0 && lowest > 1e30 / 70_000.0,
            "{lowest}"
        );
    }

    fn sized() -> impl Strategy<Value = f64> {
        prop_oneof![0.01..100.0, -100.0..-0.01, Just(0.0)]
    }

    proptest! {
        #[test]
        fn a_quantile_is_near_the_true_one(
            values in vec(sized(), 1..200),
            part in 0.0..=1.0_f64,
            cut in 0_usize..200,
        ) {
            let (first, second) = values.split_at(cut.min(values.len()));
            let found = ranks(&[&spread(first), &spread(second)]).quantile(part);
            let mut absorbed = spread(second);
            absorbed.absorb(&spread(first));
            prop_assert_eq!(ranks(&[&absorbed]).quantile(part), found);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = (part * values.len() as f64).ceil().max(1.0) as usize;
            let exact = sorted[rank - 1];
            prop_assert!((found - exact).abs() <= exact.abs() * 0.016, "{} {}", found, exact);
        }

        /// The largest keep their places whatever came before them.
        #[test]
        fn order_changes_nothing(values in vec(any::<f64>(), 0..60)) {
            let finite: Vec<f64> = values.into_iter().filter(|it| it.is_finite()).collect();
            let mut backwards = finite.clone();
            backwards.reverse();
            let (one, other) = (spread(&finite), spread(&backwards));
            prop_assert_eq!(ranks(&[&one]).counts, ranks(&[&other]).counts);
        }
    }
}
