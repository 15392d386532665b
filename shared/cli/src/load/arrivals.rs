//! When customers come: nobody waits for those before.

use std::time::Duration;

/// 2⁵³: as many numbers as a float tells apart between 0 and 1.
const STEPS: f64 = 9_007_199_254_740_992.0;

/// Times since the beginning, without an end.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    gap: Duration,
    /// Of the random numbers; nothing for equal gaps.
    seed: Option<u64>,
    at: Duration,
}

impl Arrivals {
    /// So many a second, at equal gaps.
    pub(crate) fn even(rate: f64) -> Self {
        Self {
            gap: Duration::from_secs_f64(1.0 / rate),
            seed: None,
            at: Duration::ZERO,
        }
    }

    /// So many a second on average, each independent of the others (a Poisson process). The same
    /// seed gives the same times.
    pub(crate) fn random(rate: f64, seed: u64) -> Self {
        Self {
            seed: Some(seed),
            ..Self::even(rate)
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let at = self.at;
        let gap = match &mut self.seed {
            Some(seed) => self.gap.mul_f64(-(1.0 - fraction(seed)).ln()),
            None => self.gap,
        };
        self.at = at.saturating_add(gap);
        Some(at)
    }
}

/// A random number of at least 0 and less than 1 (splitmix64, <https://prng.di.unimi.it/splitmix64.c>).
fn fraction(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *seed;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let fraction = (bits >> 11) as f64 / STEPS;
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_arrivals_keep_their_gap() {
        let times: Vec<u128> = Arrivals::even(4.0)
            .take(3)
            .map(|at| at.as_millis())
            .collect();
        assert_eq!(times, [0, 250, 500]);
    }

    #[test]
    fn random_arrivals_have_the_rate_and_the_spread_of_a_poisson_process() {
        let times: Vec<f64> = Arrivals::random(50.0, 7)
            .take(20_001)
            .map(|at| at.as_secs_f64())
            .collect();
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / 20_000.0;
        assert!((mean - 0.02).abs() < 0.0005, "{mean}");
        // Of gaps that are independent of each other the deviation is the mean.
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.05, "{variance}");
        assert!(
            Arrivals::random(50.0, 7)
                .take(9)
                .eq(Arrivals::random(50.0, 7).take(9))
        );
    }
}
