//! Sums that are exact: the order in which values come changes nothing, and what is read is the float
//! next to the true sum. A sum of floats would be neither.

/// The near part counts in units of 2 to the power of minus this: values from a few billionths to
/// some 30 billions are added there.
const UNIT: i32 = 80;
/// Furthest that a value is moved to the left in the near part, whose 128 bits it then nearly fills.
const FURTHEST: i32 = 64;
/// Exponent of the smallest float above zero.
const LEAST: i32 = -1074;
/// Bits of a digit of the far part.
const BITS: u32 = 32;
const MASK: i64 = 0xffff_ffff;
/// From the smallest float to the largest, and room for as many as anybody can add.
const DIGITS: usize = 70;
/// Additions after which a digit might not hold the next: each adds less than 2 to the power of 32.
const CARRY_AFTER: u32 = 1 << 30;

/// A sum of finite floats.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    near: i128,
    far: Option<Box<Far>>,
}

/// What is too large or too small for the near part: digits from the lowest to the highest.
#[derive(Clone, Debug)]
struct Far {
    digits: [i64; DIGITS],
    added: u32,
}

impl Sum {
    /// Adds a finite value.
    pub(crate) fn add(&mut self, value: f64) {
        let (mantissa, exponent) = parts(value);
        let shift = exponent + UNIT;
        match shift {
            _ if mantissa == 0 => {}
            0..=FURTHEST => self.add_near(i128::from(mantissa) << shift),
            _ => self.far().add(mantissa.into(), exponent),
        }
    }

    /// Adds another sum.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.add_near(other.near);
        if let Some(other) = &other.far {
            self.far().absorb(other);
        }
    }

    /// The float next to it; infinite where no float is as large.
    pub(crate) fn value(&self) -> f64 {
        match &self.far {
            None => scaled(self.near as f64, -UNIT),
            Some(far) => {
                let mut all = far.clone();
                all.add(self.near, -UNIT);
                all.value()
            }
        }
    }

    fn add_near(&mut self, units: i128) {
        if let Some(sum) = self.near.checked_add(units) {
            self.near = sum;
            return;
        }
        let full = std::mem::replace(&mut self.near, units);
        self.far().add(full, -UNIT);
    }

    fn far(&mut self) -> &mut Far {
        self.far.get_or_insert_with(|| Box::new(Far::new()))
    }
}

impl Far {
    const fn new() -> Self {
        Self {
            digits: [0; DIGITS],
            added: 0,
        }
    }

    /// Adds so many times 2 to the power of the exponent, which is not below that of the smallest float.
    fn add(&mut self, times: i128, exponent: i32) {
        if self.added == CARRY_AFTER {
            self.carry();
        }
        self.added += 1;
        let position = exponent.abs_diff(LEAST);
        let (skipped, offset) = (position / BITS, position % BITS);
        let sign = if times < 0 { -1 } else { 1 };
        let mut rest = times.unsigned_abs();
        let mut room = BITS - offset;
        for digit in self.digits.iter_mut().skip(skipped as usize) {
            if rest == 0 {
                return;
            }
            let low = (rest & ((1 << room) - 1)) as i64;
            *digit += sign * (low << (BITS - room));
            rest >>= room;
            room = BITS;
        }
    }

    fn absorb(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        for (digit, more) in self.digits.iter_mut().zip(other.digits) {
            *digit += more;
        }
        self.added = 2;
    }

    /// All digits but the highest are from 0 to the mask then; the sign is that of the highest.
    fn carry(&mut self) {
        let mut carried = 0;
        let last = DIGITS - 1;
        for (place, digit) in self.digits.iter_mut().enumerate() {
            let full = *digit + carried;
            carried = full >> BITS;
            *digit = if place == last { full } else { full & MASK };
        }
        self.added = 1;
    }

    fn value(&mut self) -> f64 {
        self.carry();
        let is_negative = self.digits.last().is_some_and(|highest| *highest < 0);
        if is_negative {
            self.digits.iter_mut().for_each(|digit| *digit = -*digit);
            self.carry();
        }
        let Some(highest) = self.digits.iter().rposition(|digit| *digit != 0) else {
            return 0.0;
        };
        // Three digits hold more bits than a float; of all below them it matters whether there are any.
        let digit = |below: usize| {
            let place = highest.checked_sub(below);
            place
                .and_then(|it| self.digits.get(it))
                .map_or(0, |it| *it as u128)
        };
        let top = (digit(0) << (2 * BITS)) | (digit(1) << BITS) | digit(2);
        let rest = self.digits.iter().take(highest.saturating_sub(2));
        let is_more = rest.into_iter().any(|digit| *digit != 0);
        let exponent = LEAST + BITS as i32 * (highest as i32 - 2);
        let size = scaled((top | u128::from(is_more)) as f64, exponent);
        if is_negative { -size } else { size }
    }
}

/// A finite float as a whole number of at most 53 bits, times 2 to the power of an exponent.
fn parts(value: f64) -> (i64, i32) {
    let bits = value.to_bits();
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let (size, exponent) = match exponent {
        0 => (fraction, LEAST),
        _ => (fraction | (1 << 52), exponent - 1 + LEAST),
    };
    let sign = if value.is_sign_negative() { -1 } else { 1 };
    (sign * size, exponent)
}

/// Times 2 to the power of the exponent. It is not rounded where the result is a float.
fn scaled(value: f64, exponent: i32) -> f64 {
    const STEP: i32 = 1000;
    let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
    let (mut value, mut left) = (value, exponent);
    while left.abs() > STEP {
        value *= power(STEP * left.signum());
        left -= STEP * left.signum();
    }
    value * power(left)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> Sum {
        let mut sum = Sum::default();
        values.iter().for_each(|value| sum.add(*value));
        sum
    }

    #[test]
    fn nothing_is_lost_beside_what_is_large() {
        for (values, exact) in [
            (&[][..], 0.0),
            (&[0.1, 0.2, -0.3], 2.775_557_561_562_891_4e-17),
            (&[1e100, 1.0, -1e100], 1.0),
            (&[1e300, 1e-300, -1e300], 1e-300),
            (&[f64::MAX, f64::MAX, -f64::MAX], f64::MAX),
            (&[f64::MAX, f64::MAX], f64::INFINITY),
            (&[-f64::MAX, -f64::MAX], f64::NEG_INFINITY),
            (&[5e-324, 5e-324], 1e-323),
            (&[-5e-324], -5e-324),
            // Half way between two floats: to the even one, unless a little is added.
            (&[1.0, 1.110_223_024_625_156_5e-16], 1.0),
            (
                &[1.0, 1.110_223_024_625_156_5e-16, 5e-324],
                1.000_000_000_000_000_2,
            ),
            (
                &[-1.0, -1.110_223_024_625_156_5e-16, -5e-324],
                -1.000_000_000_000_000_2,
            ),
        ] {
            assert_eq!(sum(values).value(), exact, "{values:?}");
        }
    }

    #[test]
    fn the_near_part_gives_over_what_it_cannot_hold() {
        let times = 1_u32 << 16;
        let mut all = Sum::default();
        for _ in 0..times {
            all.add(3e10);
        }
        all.add(1e-9);
        for _ in 0..times {
            all.add(-3e10);
        }
        assert_eq!(all.value(), 1e-9);
    }

    fn finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |it| it.is_finite()),
            -1e9..1e9,
            (-1e6..1e6).prop_map(f64::trunc),
        ]
    }

    proptest! {
        /// Whatever the order, and however it is put together.
        #[test]
        fn order_and_parts_change_nothing(values in vec(finite(), 0..40), cut in 0_usize..40) {
            let mut backwards = values.clone();
            backwards.reverse();
            let whole = sum(&values).value();
            prop_assert_eq!(sum(&backwards).value().to_bits(), whole.to_bits());
            let (first, second) = values.split_at(cut.min(values.len()));
            let mut parts = sum(second);
            parts.absorb(&sum(first));
            prop_assert_eq!(parts.value().to_bits(), whole.to_bits());
        }

        /// What is added and taken away is not there.
        #[test]
        fn what_is_taken_away_is_gone(values in vec(finite(), 0..40), left in finite()) {
            let mut all = sum(&values);
            all.add(left);
            values.iter().for_each(|value| all.add(-value));
            prop_assert_eq!(all.value(), left);
        }

        /// Two values: the machine's own addition rounds once, as this does.
        #[test]
        fn two_values_are_added_as_the_machine_does(one in finite(), other in finite()) {
            prop_assert_eq!(sum(&[one, other]).value(), one + other);
        }
    }
}
