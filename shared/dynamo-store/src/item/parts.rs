//! Pieces that several items share.

use domain::{Address, Currency, Money, Sku, StockLine, TenantId, Traceparent};
use jiff::Timestamp;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ItemError;

/// A time as a number: nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nanos(pub(crate) Timestamp);

impl Serialize for Nanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = i64::try_from(self.0.as_nanosecond()).map_err(S::Error::custom)?;
        serializer.serialize_i64(nanos)
    }
}

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let nanos = i64::deserialize(deserializer)?;
        Timestamp::from_nanosecond(i128::from(nanos))
            .map(Self)
            .map_err(D::Error::custom)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AddressItem {
    name: String,
    street: String,
    city: String,
    postcode: String,
    country: String,
}

impl From<&Address> for AddressItem {
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

impl From<AddressItem> for Address {
    fn from(item: AddressItem) -> Self {
        Self {
            name: item.name,
            street: item.street,
            city: item.city,
            postcode: item.postcode,
            country: item.country,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StockLineItem {
    sku: String,
    qty: u32,
}

pub(crate) fn write_lines(lines: &[StockLine]) -> Vec<StockLineItem> {
    let write = |line: &StockLine| StockLineItem {
        sku: line.sku.to_string(),
        qty: line.quantity,
    };
    lines.iter().map(write).collect()
}

pub(crate) fn read_lines(lines: &[StockLineItem]) -> Result<Vec<StockLine>, ItemError> {
    let read = |line: &StockLineItem| {
        Ok(StockLine {
            sku: Sku::parse(&line.sku).map_err(ItemError::of("sku"))?,
            quantity: line.qty,
        })
    };
    lines.iter().map(read).collect()
}

pub(crate) fn read_tenant(text: &str) -> Result<TenantId, ItemError> {
    TenantId::parse(text).map_err(ItemError::of("tenant"))
}

pub(crate) fn read_trace(text: Option<&String>) -> Result<Option<Traceparent>, ItemError> {
    text.map(|text| Traceparent::parse(text))
        .transpose()
        .map_err(ItemError::of("trace"))
}

pub(crate) fn read_currency(code: &str) -> Result<Currency, ItemError> {
    Currency::parse(code).map_err(ItemError::of("currency"))
}

pub(crate) fn read_money(minor: i64, currency: Currency) -> Result<Money, ItemError> {
    Money::new(minor, currency).map_err(ItemError::of("amount"))
}
