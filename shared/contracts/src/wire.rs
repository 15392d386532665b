//! Pieces that several boundaries share.

use domain::{Address, Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(test)]
mod tests;

/// Longest line of free text, in characters.
pub const MAX_TEXT: usize = 120;

/// Longest text of several lines, in characters.
pub(crate) const MAX_LONG_TEXT: usize = 2_000;

/// A body whose shape is right and whose content is not.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{pointer}: {problem}")]
pub struct InvalidBody {
    /// JSON pointer to the field, such as `/lines/0/quantity`.
    pub pointer: String,
    /// What is wrong with it.
    pub problem: String,
}

impl InvalidBody {
    /// A problem with the field at the pointer.
    pub fn at(pointer: impl Into<String>, problem: impl ToString) -> Self {
        Self {
            pointer: pointer.into(),
            problem: problem.to_string(),
        }
    }
}

/// One line of printable text, without white space around it.
///
/// # Errors
/// [`InvalidBody`] at the pointer when it is empty, longer than [`MAX_TEXT`] or has control
/// characters.
pub(crate) fn line_of_text(pointer: &str, text: &str) -> Result<String, InvalidBody> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= MAX_TEXT
        && !text.chars().any(char::is_control);
    if fits {
        Ok(text.trim().to_owned())
    } else {
        let problem = format!("1 to {MAX_TEXT} printable characters");
        Err(InvalidBody::at(pointer, problem))
    }
}

/// Several lines of printable text, or none, without white space around them.
///
/// # Errors
/// [`InvalidBody`] at the pointer when they are longer than [`MAX_LONG_TEXT`] or have control
/// characters other than line ends.
pub(crate) fn lines_of_text(pointer: &str, text: &str) -> Result<String, InvalidBody> {
    let printable = |letter: char| letter == '\n' || !letter.is_control();
    if text.chars().count() <= MAX_LONG_TEXT && text.chars().all(printable) {
        Ok(text.trim().to_owned())
    } else {
        let problem = format!("at most {MAX_LONG_TEXT} printable characters and line ends");
        Err(InvalidBody::at(pointer, problem))
    }
}

/// An amount: integer minor units and an ISO 4217 code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AmountBody {
    /// Minor units, such as cents.
    pub minor: i64,
    /// Such as `EUR`.
    pub currency: String,
}

impl From<Money> for AmountBody {
    fn from(money: Money) -> Self {
        Self {
            minor: money.minor(),
            currency: money.currency().code().to_owned(),
        }
    }
}

impl TryFrom<&AmountBody> for Money {
    type Error = MoneyError;

    fn try_from(body: &AmountBody) -> Result<Self, MoneyError> {
        Self::new(body.minor, Currency::parse(&body.currency)?)
    }
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// Who receives it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
    /// ISO 3166-1 alpha-2 code in capitals.
    pub country: String,
}

/// An address that was checked.
pub type ParsedAddress = Address;

impl From<&Address> for AddressBody {
    fn from(address: &Address) -> Self {
        Self {
            name: address.name.clone(),
            street: address.street.clone(),
            city: address.city.clone(),
            postcode: address.postcode.clone(),
            country: address.country.clone(),
        }
    }
}

impl AddressBody {
    /// Checks the address, which is at the pointer.
    ///
    /// # Errors
    /// [`InvalidBody`] for empty or overlong lines, control characters and a country that is not
    /// two capital letters.
    pub fn parse(&self, pointer: &str) -> Result<Address, InvalidBody> {
        let line = |field: &str, text: &str| line_of_text(&format!("{pointer}/{field}"), text);
        let country = &self.country;
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let problem = "a country code of two capital letters";
            return Err(InvalidBody::at(format!("{pointer}/country"), problem));
        }
        Ok(Address {
            name: line("name", &self.name)?,
            street: line("street", &self.street)?,
            city: line("city", &self.city)?,
            postcode: line("postcode", &self.postcode)?,
            country: country.clone(),
        })
    }
}
