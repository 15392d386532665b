//! Events as they might come: few types are frequent, values are spread over some powers of ten.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};

/// When the first one happens.
pub(crate) const BEGUN: i64 = 1_795_428_000;

/// An event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) at: Timestamp,
    pub(crate) kind: u64,
    pub(crate) user: u64,
    pub(crate) value: f64,
}

/// All of them, without an end.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    types: u64,
    users: u64,
    state: u64,
}

impl Lines {
    pub(crate) fn new(types: u64, users: u64) -> Self {
        Self {
            types: types.max(1),
            users: users.max(1),
            state: 0x9E37_79B9_7F4A_7C15,
        }
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    fn next_bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are a float's")]
        let part = (self.next_bits() >> 11) as f64 / (1_u64 << 53) as f64;
        part
    }

    /// One below a number, the small ones most often.
    fn skewed(&mut self, below: u64) -> u64 {
        let (one, other) = (self.next_bits() % below, self.next_bits() % below);
        one.min(other)
    }
}

impl Iterator for Lines {
    type Item = Made;

    fn next(&mut self) -> Option<Made> {
        let kind = self.skewed(self.types);
        let user = self.skewed(self.users);
        // Milliseconds of a request: from 1 to 10,000, with two digits behind the point.
        let value = (10_f64.powf(4.0 * self.part()) * 100.0).round() / 100.0;
        let within = i64::try_from(self.next_bits() % 60_000).unwrap_or_default();
        let begun = Timestamp::from_second(BEGUN).unwrap_or_default();
        Some(Made {
            at: begun
                .saturating_add(SignedDuration::from_millis(within))
                .unwrap_or(begun),
            kind,
            user,
            value,
        })
    }
}

impl Made {
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{{\"timestamp\":\"{}\",\"user_id\":\"user-{}\",\"event_type\":\"type-{}\",\"value\":{}}}",
            self.at, self.user, self.kind, self.value
        )
    }
}
