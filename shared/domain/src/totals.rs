//! What an order costs: its pieces, shipping and tax.
//!
//! Prices and shipping fees are net. Tax is added to the sum of both, once per order, and rounded
//! half up to a whole minor unit. A shop whose prices include the tax has a tariff without one.

use std::str::FromStr;

use thiserror::Error;

use crate::{Currency, Money, MoneyError};

#[cfg(test)]
mod tests;

/// The parts of a sum and the sum: `total = subtotal + shipping + tax`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    subtotal: Money,
    shipping: Money,
    tax: Money,
    total: Money,
}

impl Totals {
    /// Adds the parts up.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], [`MoneyError::TooLarge`].
    pub fn new(subtotal: Money, shipping: Money, tax: Money) -> Result<Self, MoneyError> {
        let total = subtotal.plus(shipping)?.plus(tax)?;
        Ok(Self {
            subtotal,
            shipping,
            tax,
            total,
        })
    }

    /// Of pieces alone, without shipping and tax.
    pub const fn of_pieces(subtotal: Money) -> Self {
        let none = subtotal.none();
        Self {
            subtotal,
            shipping: none,
            tax: none,
            total: subtotal,
        }
    }

    /// Of all pieces, net.
    pub const fn subtotal(&self) -> Money {
        self.subtotal
    }

    /// Of bringing them, net.
    pub const fn shipping(&self) -> Money {
        self.shipping
    }

    /// Tax on both.
    pub const fn tax(&self) -> Money {
        self.tax
    }

    /// What is charged.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The part of the tax that is on so much of the net sum, rounded down: all of it on all.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] for more than the net sum.
    pub fn tax_on(&self, net: Money) -> Result<Money, MoneyError> {
        let whole = self.subtotal.plus(self.shipping)?;
        if net.minor() > whole.minor() {
            return Err(MoneyError::TooLarge);
        }
        let wide = |money: Money| i128::from(money.minor());
        let share = (wide(self.tax) * wide(net)).checked_div(wide(whole));
        let share = i64::try_from(share.unwrap_or(0)).map_err(|_| MoneyError::TooLarge)?;
        Money::new(share, net.currency())
    }
}

/// What a shop adds to the prices of its pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tariff {
    /// At most one per currency; in a currency without one, shipping costs nothing.
    fees: Vec<Fee>,
    /// Hundredths of a per cent.
    tax: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fee {
    flat: Money,
    /// From this subtotal on, shipping costs nothing.
    free_from: Option<i64>,
}

/// The whole, in hundredths of a per cent; also the highest tax.
const WHOLE: i64 = 10_000;

impl Tariff {
    /// What an order of pieces at this sum costs.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn totals(&self, subtotal: Money) -> Result<Totals, MoneyError> {
        let shipping = self.shipping(subtotal);
        let net = subtotal.plus(shipping)?.minor();
        // The whole part and the rest apart: neither product can overflow.
        let rest = ((net % WHOLE) * self.tax + WHOLE / 2) / WHOLE;
        let tax = Money::new((net / WHOLE) * self.tax + rest, subtotal.currency())?;
        Totals::new(subtotal, shipping, tax)
    }

    fn shipping(&self, subtotal: Money) -> Money {
        let currency = subtotal.currency();
        let mut fees = self.fees.iter();
        let fee = fees.find(|fee| fee.flat.currency() == currency);
        let free = |fee: &&Fee| fee.free_from.is_some_and(|from| subtotal.minor() >= from);
        fee.filter(|fee| !free(fee))
            .map_or(subtotal.none(), |fee| fee.flat)
    }
}

/// What is wrong with a text of a tariff.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{0:?} is no tax=<0 to 10000>, <currency>=<fee> or <currency>=<fee>/<free from>, or is there twice"
)]
pub struct InvalidTariff(String);

/// `tax=1900 EUR=490/5000 USD=590`: tax in hundredths of a per cent, then the flat shipping fee of
/// a currency and the subtotal from which on shipping is free, both in minor units. `tax=0` adds
/// nothing.
impl FromStr for Tariff {
    type Err = InvalidTariff;

    fn from_str(text: &str) -> Result<Self, InvalidTariff> {
        let mut tariff = Self::default();
        let mut tax = None;
        for word in text.split_ascii_whitespace() {
            let read = match word.split_once('=') {
                Some(("tax", rate)) if tax.is_none() => {
                    tax = rate.parse().ok().filter(|it| (0..=WHOLE).contains(it));
                    tax.is_some()
                }
                Some((code, fee)) => match Fee::read(code, fee) {
                    Some(fee) if !tariff.has_fee_in(fee.flat.currency()) => {
                        tariff.fees.push(fee);
                        true
                    }
                    _ => false,
                },
                None => false,
            };
            if !read {
                return Err(InvalidTariff(word.to_owned()));
            }
        }
        tariff.tax = tax.unwrap_or(0);
        Ok(tariff)
    }
}

impl Tariff {
    fn has_fee_in(&self, currency: Currency) -> bool {
        let mut fees = self.fees.iter();
        fees.any(|fee| fee.flat.currency() == currency)
    }
}

impl Fee {
    fn read(code: &str, text: &str) -> Option<Self> {
        let currency = Currency::parse(code).ok()?;
        let amount = |text: &str| Money::new(text.parse().ok()?, currency).ok();
        let (flat, free_from) = match text.split_once('/') {
            Some((flat, from)) => (flat, Some(amount(from)?.minor())),
            None => (text, None),
        };
        let flat = amount(flat)?;
        Some(Self { flat, free_from })
    }
}
