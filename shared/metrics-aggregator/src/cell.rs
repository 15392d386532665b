//! What is known of the events of one type in one minute.

use std::fmt;

use cardinality_estimator::estimator::CardinalityEstimator;

use crate::spread::Spread;
use crate::sum::Sum;

/// 2 to the power of this many registers, some 3 % off; up to 128 users it is exact, but for hashes that
/// are the same.
const PRECISION: usize = 10;

type Estimator = CardinalityEstimator<[u8], wyhash::WyHash, PRECISION, 6>;

/// Counts, sums, extremes, spread and users.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) count: u64,
    pub(crate) sum: Sum,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) spread: Spread,
    pub(crate) users: Users,
}

/// How many users there are, about.
#[derive(Clone, Default)]
pub(crate) struct Users(Estimator);

impl Default for Cell {
    fn default() -> Self {
        Self {
            count: 0,
            sum: Sum::default(),
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            spread: Spread::default(),
            users: Users::default(),
        }
    }
}

impl Cell {
    /// One event, of a finite value.
    pub(crate) fn add(&mut self, user: &[u8], value: f64) {
        self.count += 1;
        self.sum.add(value);
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.spread.note(value);
        self.users.add(user);
    }

    /// All events of another, too.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.sum.absorb(&other.sum);
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        self.spread.absorb(&other.spread);
        self.users.absorb(&other.users);
    }
}

impl Users {
    fn add(&mut self, user: &[u8]) {
        self.0.insert(user);
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.estimate() as u64
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "about {}", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_counted_once_each_however_they_come_together() {
        for (count, off) in [
            (0_u32, 0.0),
            (1, 0.0),
            (100, 0.0),
            (3_000, 0.12),
            (200_000, 0.12),
        ] {
            let mut parts = [Users::default(), Users::default()];
            for user in 0..count {
                for part in &mut parts {
                    part.add(user.to_string().as_bytes());
                }
            }
            let [mut one, other] = parts;
            one.absorb(&other);
            assert_eq!(one.count(), other.count());
            let wrong = (other.count() as f64 - f64::from(count)).abs();
            assert!(wrong <= off * f64::from(count), "{count}: {other:?}");
        }
    }
}
