//! Money as integer minor units of one currency, with checked arithmetic.

use std::fmt;

use thiserror::Error;

#[cfg(test)]
mod tests;

/// An ISO 4217 currency, such as EUR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Takes an alphabetic code in capitals.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`].
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or(MoneyError::UnknownCurrency)
    }

    /// The alphabetic code, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits the minor unit stands for: 2 for EUR, 0 for JPY.
    pub fn exponent(self) -> u16 {
        self.0.exponent().unwrap_or(0)
    }
}

/// Why an amount cannot be.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a code of ISO 4217.
    #[error("unknown currency")]
    UnknownCurrency,
    /// Below zero.
    #[error("an amount cannot be negative")]
    Negative,
    /// Beyond [`Money::MAX_MINOR`].
    #[error("the amount is too large")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("the amounts are in different currencies")]
    MixedCurrencies,
}

/// An amount that is zero or more, in minor units (cents).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// The largest amount: every integer up to it is exact in JSON readers that use doubles.
    pub const MAX_MINOR: i64 = 9_007_199_254_740_991;

    /// An amount of `minor` units.
    ///
    /// # Errors
    /// [`MoneyError::Negative`], [`MoneyError::TooLarge`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            ..0 => Err(MoneyError::Negative),
            0..=Self::MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Nothing, in its currency.
    #[must_use]
    pub const fn none(self) -> Self {
        Self {
            minor: 0,
            currency: self.currency,
        }
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], [`MoneyError::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::TooLarge)?;
        Self::new(minor, self.currency)
    }

    /// What is left of it when another amount of its currency is taken away.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], [`MoneyError::Negative`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        Self::new(self.minor.saturating_sub(other.minor), self.currency)
    }

    /// The amount `quantity` times.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let minor = self
            .minor
            .checked_mul(i64::from(quantity))
            .ok_or(MoneyError::TooLarge)?;
        Self::new(minor, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.currency.exponent());
        let padded = format!("{:0>width$}", self.minor, width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        let point = if digits == 0 { "" } else { "." };
        write!(f, "{whole}{point}{fraction} {}", self.currency.code())
    }
}
