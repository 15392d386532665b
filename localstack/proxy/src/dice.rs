//! Random choices that a seed repeats.

#[cfg(test)]
mod tests;

/// The generator SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The one with this number of those that follow from a seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        // Two rounds, because neighbouring states would give shifted copies of one sequence.
        let first = Self(seed.wrapping_add(number)).next();
        Self(Self(first ^ number).next())
    }

    /// True for this share of the throws. A share of 1 takes no throw.
    pub(crate) fn falls_within(&mut self, share: f64) -> bool {
        share >= 1.0 || self.throw() < share
    }

    /// At least 0 and less than 1: the upper 32 bits as a fraction.
    fn throw(&mut self) -> f64 {
        let upper = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
