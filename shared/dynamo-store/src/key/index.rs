//! What items are found and sorted by beside their own key.

use domain::{Channel, CustomerId, DestinationName, OrderId, SaleStatus, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::InvalidKey;

/// Digits of a time in nanoseconds since 1970; they last until the year 2262.
const TIME_DIGITS: usize = 19;

/// A time that sorts as text: nanoseconds since 1970, zero-padded. Times out of range are moved
/// to the nearest end.
pub fn time_key(time: Timestamp) -> String {
    let nanos = time.as_nanosecond().clamp(0, i128::from(i64::MAX));
    format!("{nanos:0TIME_DIGITS$}")
}

/// Reads what [`time_key`] wrote.
///
/// # Errors
/// [`InvalidKey`].
pub fn parse_time_key(text: &str) -> Result<Timestamp, InvalidKey> {
    let invalid = || InvalidKey(text.to_owned());
    if text.len() != TIME_DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let nanos: i128 = text.parse().map_err(|_| invalid())?;
    Timestamp::from_nanosecond(nanos).map_err(|_| invalid())
}

/// When an order was placed, and which: `<time>#<uuid>`. Sorts by time.
pub fn placed_key(placed_at: Timestamp, id: OrderId) -> String {
    format!("{}#{id}", time_key(placed_at))
}

/// Reads what [`placed_key`] wrote.
///
/// # Errors
/// [`InvalidKey`].
pub fn parse_placed_key(text: &str) -> Result<(Timestamp, OrderId), InvalidKey> {
    let invalid = || InvalidKey(text.to_owned());
    let (time, id) = text.split_once('#').ok_or_else(invalid)?;
    let id = OrderId::parse(id).map_err(|_| invalid())?;
    Ok((parse_time_key(time)?, id))
}

/// `CUSTOMER#<tenant>#<id>`: two shops may have a customer of the same id.
pub fn customer_key(tenant: &TenantId, customer: &CustomerId) -> String {
    format!("CUSTOMER#{tenant}#{customer}")
}

/// `COPIES#<destination>`: the profiles that a service is behind with.
pub fn copies_of(destination: &DestinationName) -> String {
    format!("COPIES#{destination}")
}

/// `SENDINGS#<channel>`: the messages of a channel that have not ended.
pub fn sendings_of(channel: Channel) -> String {
    format!("SENDINGS#{}", channel.name())
}

/// `KEYS#<tenant>`: the API keys of a shop.
pub fn keys_of(tenant: &TenantId) -> String {
    format!("KEYS#{tenant}")
}

/// `JOBS#<tenant>`: the jobs of a shop.
pub fn jobs_of(tenant: &TenantId) -> String {
    format!("JOBS#{tenant}")
}

/// The one list of jobs that have not ended: there are few at a time.
pub const JOBS_DUE: &str = "JOBS";

/// Reads what [`customer_key`] wrote.
///
/// # Errors
/// [`InvalidKey`].
pub fn parse_customer_key(text: &str) -> Result<(TenantId, CustomerId), InvalidKey> {
    let invalid = || InvalidKey(text.to_owned());
    let owner = text.strip_prefix("CUSTOMER#").ok_or_else(invalid)?;
    let (tenant, customer) = owner.split_once('#').ok_or_else(invalid)?;
    let tenant = TenantId::parse(tenant).map_err(|_| invalid())?;
    let customer = CustomerId::parse(customer).map_err(|_| invalid())?;
    Ok((tenant, customer))
}

/// `PRODUCTS#<tenant>#<status>`: one list per shop and status. One partition answers 3,000 reads a
/// second, and a page of keys costs half of one, so it is not spread over shards.
pub fn products_key(tenant: &TenantId, status: SaleStatus) -> String {
    format!("PRODUCTS#{tenant}#{}", status.name())
}

/// The one list of what is low: an entry is written only when stock becomes low or is so no longer.
pub const LOW: &str = "LOW";

/// `COURSES#<tenant>#<status>`
pub fn courses_key(tenant: &TenantId, status: SaleStatus) -> String {
    format!("COURSES#{tenant}#{}", status.name())
}

/// When something was made, and what: `<time>#<id>`. Sorts by time.
pub fn created_key(created_at: Timestamp, id: &str) -> String {
    format!("{}#{id}", time_key(created_at))
}

/// A name as it is sorted: in small letters, as long as a sort key may be
/// (1,024 bytes; DynamoDB developer guide, "Constraints").
pub fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        if key.len() + letter.len_utf8() > MAX_SORT_KEY {
            break;
        }
        key.push(letter);
    }
    key
}

/// Longest sort key, in bytes.
const MAX_SORT_KEY: usize = 1_024;

/// Spreads what would be one hot index partition over four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard(u8);

impl Shard {
    /// All shards.
    pub const ALL: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];

    /// The shard of an order. Order ids are hashes, so their last bits are spread evenly.
    pub const fn of(id: OrderId) -> Self {
        Self((id.0.as_u128() & 3) as u8)
    }

    /// `LOOK#<shard>`
    pub fn look(self) -> String {
        format!("LOOK#{}", self.0)
    }

    /// `CLOSING#<shard>`
    pub fn closing(self) -> String {
        format!("CLOSING#{}", self.0)
    }

    /// `<day>#<shard>`, such as `2026-07-20#3`.
    pub fn day(self, day: Date) -> String {
        format!("{day}#{}", self.0)
    }
}

/// The day of a time, in UTC.
pub fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}
