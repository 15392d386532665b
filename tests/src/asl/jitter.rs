//! Random retry delays that a seed repeats exactly.

use std::time::Duration;

/// Chooses the delay of a retrier with `JitterStrategy: FULL`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Jitter {
    /// Always the longest delay, which is what the retrier would wait without jitter.
    Off,
    /// `SplitMix64`, public domain, by Sebastiano Vigna; the number is its state.
    Seeded(u64),
}

impl Jitter {
    /// A delay from nothing to `longest`, in whole milliseconds.
    pub(crate) fn delay(&mut self, longest: Duration) -> Duration {
        let Self::Seeded(state) = self else {
            return longest;
        };
        let choices = u64::try_from(longest.as_millis())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        Duration::from_millis(next(state) % choices)
    }
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
