//! The one place that formats and parses keys.

use audit::Shard as Chain;
use domain::{
    ApiKeyId, Channel, CourseId, CustomerId, DestinationName, MovementId, NewsId, OrderId, Period,
    ProductId, SaleStatus, SessionId, Sku, TenantId, Topic,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// A text that is no key of ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a key")]
pub struct InvalidKey(pub String);

/// Who consumes events in order, and keeps an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Consumer {
    /// `notify`
    Notify,
    /// `track-shipments`
    TrackShipments,
}

impl Consumer {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Notify, Self::TrackShipments];

    /// Name of the function.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::TrackShipments => "track-shipments",
        }
    }

    /// `GAPS#<consumer>`: the list of what it waits for. There is one of each: a gap is rare.
    pub fn gaps(self) -> String {
        format!("GAPS#{}", self.name())
    }
}

/// The partition key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// `ORDER#<uuid>`
    Order(OrderId),
    /// `LEASE#<order uuid>`
    Lease(OrderId),
    /// `STOCK#<sku>`
    Stock(Sku),
    /// `MOVE#<uuid>`: a movement of stock.
    Movement(MovementId),
    /// `PAYMENT#<order uuid>`
    Payment(OrderId),
    /// `SHIPMENT#<order uuid>`
    Shipment(OrderId),
    /// `PRODUCT#<id>`
    Product(ProductId),
    /// `COURSE#<id>`
    Course(CourseId),
    /// `CONTACT#<order uuid>`
    Contact(OrderId),
    /// `INBOX#<consumer>#<aggregate>`: what a consumer applied of one aggregate.
    Inbox(Consumer, String),
    /// `MAIL#<event id>`
    Mail(String),
    /// `SENDING#<channel>#<event id>`: a message that goes out over a third party.
    Sending(Channel, String),
    /// `NOTIFICATION#<tenant>#<customer>#<number>`: what somebody was told.
    Notification(TenantId, CustomerId, u64),
    /// `NOTIFICATIONS#<tenant>#<customer>`: what is known of their list as a whole.
    Notifications(TenantId, CustomerId),
    /// `USER#<id>`: an account.
    User(CustomerId),
    /// `EMAIL#<tenant>#<address in lower case>`: whose address it is.
    Email(TenantId, String),
    /// `SESSION#<uuid>`
    Session(SessionId),
    /// `NEWS#<id>`: news of a third party that were taken in.
    News(NewsId),
    /// `IDEMPOTENCY#<64 hexadecimal digits>`: a request that was sent under a key.
    Idempotency([u8; 32]),
    /// `APIKEY#<uuid>`
    ApiKey(ApiKeyId),
    /// `AUDIT#<chain>#<position>`: an entry of the audit log.
    Audit(Chain, u64),
    /// `AUDITED#<message>`: the message has an entry.
    Audited(String),
    /// `LIMIT#<whose>`: what is held of a limit.
    Limit(String),
    /// `REFUSED#<64 hexadecimal digits>#<minute>`: whom, at what, and when.
    Refused([u8; 32], i64),
    /// `COPY#<destination>#<account>`: what a service has of a profile.
    Copy(DestinationName, CustomerId),
    /// `SYNC#profiles`: how the services stood that copies are for.
    Destinations,
    /// `BREAKER#<third party>`: whether it may be called.
    Breaker(String),
    /// `SWEEP#placed`: how far the sweeper has gone through the orders placed.
    Sweep,
    /// `COUNTED#<order uuid>`: what was counted of an order.
    Counted(OrderId),
    /// `FIGURES#<tenant>#<period>#<part>`: a part of what was counted; they add up.
    Figures(TenantId, Period, u8),
    /// `NEWEST#<tenant>`: the newest courses of a shop.
    Newest(TenantId),
    /// `SUBSCRIBERS#<tenant>#<row>`: some of those who want to hear of new courses.
    Subscribers(TenantId, u8),
    /// `TICKET#<64 hexadecimal digits>`: a ticket, by the hash of its secret.
    Ticket([u8; 32]),
    /// `SOCKETS#person#<tenant>#<customer>#<slice>`, `SOCKETS#stock#<sku>#<slice>`: who is told.
    Sockets(Topic, u8),
}

impl Key {
    /// The text stored in `pk`.
    pub fn pk(&self) -> String {
        match self {
            Self::Order(id) => format!("ORDER#{id}"),
            Self::Lease(id) => format!("LEASE#{id}"),
            Self::Stock(sku) => format!("STOCK#{sku}"),
            Self::Movement(id) => format!("MOVE#{id}"),
            Self::Payment(id) => format!("PAYMENT#{id}"),
            Self::Shipment(id) => format!("SHIPMENT#{id}"),
            Self::Product(id) => format!("PRODUCT#{id}"),
            Self::Course(id) => format!("COURSE#{id}"),
            Self::Contact(id) => format!("CONTACT#{id}"),
            Self::Inbox(consumer, aggregate) => {
                format!("INBOX#{}#{aggregate}", consumer.name())
            }
            Self::Mail(event) => format!("MAIL#{event}"),
            Self::Sending(channel, event) => format!("SENDING#{}#{event}", channel.name()),
            Self::Notification(tenant, customer, number) => {
                format!("NOTIFICATION#{tenant}#{customer}#{number:0POSITION_DIGITS$}")
            }
            Self::Notifications(tenant, customer) => format!("NOTIFICATIONS#{tenant}#{customer}"),
            Self::User(id) => format!("USER#{id}"),
            Self::Email(tenant, address) => format!("EMAIL#{tenant}#{address}"),
            Self::Session(id) => format!("SESSION#{id}"),
            Self::News(id) => format!("NEWS#{id}"),
            Self::Idempotency(key) => format!("IDEMPOTENCY#{}", hex::encode(key)),
            Self::ApiKey(id) => format!("APIKEY#{id}"),
            Self::Audit(chain, position) => {
                format!("AUDIT#{:02}#{position:0POSITION_DIGITS$}", chain.number())
            }
            Self::Audited(message) => format!("AUDITED#{message}"),
            Self::Limit(whose) => format!("LIMIT#{whose}"),
            Self::Refused(whom, minute) => format!("REFUSED#{}#{minute}", hex::encode(whom)),
            Self::Copy(destination, owner) => format!("COPY#{destination}#{owner}"),
            Self::Destinations => "SYNC#profiles".to_owned(),
            Self::Breaker(name) => format!("BREAKER#{name}"),
            Self::Sweep => "SWEEP#placed".to_owned(),
            Self::Counted(id) => format!("COUNTED#{id}"),
            Self::Figures(tenant, period, part) => {
                format!("FIGURES#{tenant}#{}#{part}", period_key(*period))
            }
            Self::Newest(tenant) => format!("NEWEST#{tenant}"),
            Self::Subscribers(tenant, row) => format!("SUBSCRIBERS#{tenant}#{row}"),
            Self::Ticket(secret) => format!("TICKET#{}", hex::encode(secret)),
            Self::Sockets(Topic::Person(tenant, customer), slice) => {
                format!("SOCKETS#person#{tenant}#{customer}#{slice}")
            }
            Self::Sockets(Topic::Stock(sku), slice) => format!("SOCKETS#stock#{sku}#{slice}"),
        }
    }

    /// Reads the text stored in `pk`.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything that [`Key::pk`] does not write.
    pub fn parse(pk: &str) -> Result<Self, InvalidKey> {
        let invalid = || InvalidKey(pk.to_owned());
        let (kind, rest) = pk.split_once('#').ok_or_else(invalid)?;
        let order = || OrderId::parse(rest).map_err(|_| invalid());
        match kind {
            "ORDER" => order().map(Self::Order),
            "LEASE" => order().map(Self::Lease),
            "STOCK" => Sku::parse(rest).map(Self::Stock).map_err(|_| invalid()),
            "PAYMENT" => order().map(Self::Payment),
            "SHIPMENT" => order().map(Self::Shipment),
            "PRODUCT" => ProductId::parse(rest)
                .map(Self::Product)
                .map_err(|_| invalid()),
            "COURSE" => CourseId::parse(rest)
                .map(Self::Course)
                .map_err(|_| invalid()),
            "CONTACT" => order().map(Self::Contact),
            "INBOX" => {
                let (name, aggregate) = rest.split_once('#').ok_or_else(invalid)?;
                let mut consumers = Consumer::ALL.into_iter();
                let consumer = consumers.find(|known| known.name() == name);
                let consumer = consumer.ok_or_else(invalid)?;
                Ok(Self::Inbox(consumer, aggregate.to_owned()))
            }
            "MAIL" => Ok(Self::Mail(rest.to_owned())),
            "SENDING" => sending(rest).ok_or_else(invalid),
            "NOTIFICATION" => notification(rest).ok_or_else(invalid),
            "NOTIFICATIONS" => {
                let (tenant, customer) = person(rest).ok_or_else(invalid)?;
                Ok(Self::Notifications(tenant, customer))
            }
            "USER" => CustomerId::parse(rest)
                .map(Self::User)
                .map_err(|_| invalid()),
            "EMAIL" => {
                let (tenant, address) = rest.split_once('#').ok_or_else(invalid)?;
                let tenant = TenantId::parse(tenant).map_err(|_| invalid())?;
                Ok(Self::Email(tenant, address.to_owned()))
            }
            "SESSION" => uuid(rest)
                .map(|id| Self::Session(SessionId(id)))
                .ok_or_else(invalid),
            "NEWS" => NewsId::parse(rest).map(Self::News).map_err(|_| invalid()),
            "IDEMPOTENCY" => {
                let mut key = [0; 32];
                hex::decode_to_slice(rest, &mut key).map_err(|_| invalid())?;
                (hex::encode(key) == rest)
                    .then_some(Self::Idempotency(key))
                    .ok_or_else(invalid)
            }
            "APIKEY" => ApiKeyId::parse(rest).map(Self::ApiKey).ok_or_else(invalid),
            "AUDIT" => audit_place(rest).ok_or_else(invalid),
            "AUDITED" => Ok(Self::Audited(rest.to_owned())),
            "LIMIT" => Ok(Self::Limit(rest.to_owned())),
            "MOVE" => uuid(rest)
                .map(|id| Self::Movement(MovementId(id)))
                .ok_or_else(invalid),
            "REFUSED" => refused(rest).ok_or_else(invalid),
            "COPY" => copy(rest).ok_or_else(invalid),
            "SYNC" if rest == "profiles" => Ok(Self::Destinations),
            "BREAKER" => Ok(Self::Breaker(rest.to_owned())),
            "SWEEP" if rest == "placed" => Ok(Self::Sweep),
            "COUNTED" => order().map(Self::Counted),
            "FIGURES" => figures(rest).ok_or_else(invalid),
            "NEWEST" => TenantId::parse(rest)
                .map(Self::Newest)
                .map_err(|_| invalid()),
            "SUBSCRIBERS" => subscribers(rest).ok_or_else(invalid),
            "TICKET" => {
                let mut secret = [0; 32];
                hex::decode_to_slice(rest, &mut secret).map_err(|_| invalid())?;
                (hex::encode(secret) == rest)
                    .then_some(Self::Ticket(secret))
                    .ok_or_else(invalid)
            }
            "SOCKETS" => sockets(rest).ok_or_else(invalid),
            _ => Err(invalid()),
        }
    }

    /// The order that the item belongs to, where it belongs to one.
    pub(crate) fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::Order(id)
            | Self::Lease(id)
            | Self::Payment(id)
            | Self::Shipment(id)
            | Self::Contact(id) => Some(*id),
            Self::Stock(_)
            | Self::Movement(_)
            | Self::Product(_)
            | Self::Course(_)
            | Self::Inbox(..)
            | Self::Mail(_)
            | Self::Sending(..)
            | Self::Notification(..)
            | Self::Notifications(..)
            | Self::User(_)
            | Self::Email(..)
            | Self::Session(_)
            | Self::News(_)
            | Self::Idempotency(_)
            | Self::ApiKey(_)
            | Self::Audit(..)
            | Self::Audited(_)
            | Self::Limit(_)
            | Self::Refused(..)
            | Self::Copy(..)
            | Self::Destinations
            | Self::Breaker(_)
            | Self::Sweep
            | Self::Counted(_)
            | Self::Figures(..)
            | Self::Newest(_)
            | Self::Subscribers(..)
            | Self::Ticket(_)
            | Self::Sockets(..) => None,
        }
    }
}

/// Digits of a position in a chain, or in a list; all that fit into 64 bits.
const POSITION_DIGITS: usize = 20;

/// Reads `<chain>#<position>`.
fn audit_place(text: &str) -> Option<Key> {
    let (chain, position) = text.split_once('#')?;
    let chain = Chain::new(chain.parse().ok()?)?;
    let key = Key::Audit(chain, position.parse().ok()?);
    (key.pk().strip_prefix("AUDIT#") == Some(text)).then_some(key)
}

/// Reads `<tenant>#<customer>`.
fn person(text: &str) -> Option<(TenantId, CustomerId)> {
    let (tenant, customer) = text.split_once('#')?;
    let customer = CustomerId::parse(customer).ok()?;
    Some((TenantId::parse(tenant).ok()?, customer))
}

/// Reads `<tenant>#<customer>#<number>`.
fn notification(text: &str) -> Option<Key> {
    let (whose, number) = text.rsplit_once('#')?;
    let (tenant, customer) = person(whose)?;
    let key = Key::Notification(tenant, customer, number.parse().ok()?);
    (key.pk().strip_prefix("NOTIFICATION#") == Some(text)).then_some(key)
}

/// Reads `<channel>#<event id>`.
fn sending(text: &str) -> Option<Key> {
    let (name, event) = text.split_once('#')?;
    let channel = Channel::ALL.into_iter().find(|it| it.name() == name)?;
    Some(Key::Sending(channel, event.to_owned()))
}

/// Reads `<kind>#<topic>#<slice>`.
fn sockets(text: &str) -> Option<Key> {
    let (topic, slice) = text.rsplit_once('#')?;
    let topic = match topic.split_once('#')? {
        ("person", whose) => {
            let (tenant, customer) = person(whose)?;
            Topic::Person(tenant, customer)
        }
        ("stock", sku) => Topic::Stock(Sku::parse(sku).ok()?),
        _ => return None,
    };
    let key = Key::Sockets(topic, slice.parse().ok()?);
    (key.pk().strip_prefix("SOCKETS#") == Some(text)).then_some(key)
}

/// Reads `<whom>#<minute>`.
fn refused(text: &str) -> Option<Key> {
    let (digits, minute) = text.split_once('#')?;
    let mut whom = [0; 32];
    hex::decode_to_slice(digits, &mut whom).ok()?;
    let key = Key::Refused(whom, minute.parse().ok()?);
    (key.pk().strip_prefix("REFUSED#") == Some(text)).then_some(key)
}

/// Reads `<destination>#<account>`.
fn copy(text: &str) -> Option<Key> {
    let (destination, owner) = text.split_once('#')?;
    let destination = DestinationName::parse(destination).ok()?;
    let owner = CustomerId::parse(owner).ok()?;
    Some(Key::Copy(destination, owner))
}

/// `now`, `<yyyy-mm-dd>`, `<yyyy-mm-dd>T<hh>`.
fn period_key(period: Period) -> String {
    match period {
        Period::Now => "now".to_owned(),
        Period::Day(day) => day.to_string(),
        Period::Hour(day, hour) => format!("{day}T{hour:02}"),
    }
}

/// Reads `<tenant>#<period>#<part>`.
fn figures(text: &str) -> Option<Key> {
    let (tenant, rest) = text.split_once('#')?;
    let (period, part) = rest.split_once('#')?;
    let period = match period.split_once('T') {
        None if period == "now" => Period::Now,
        None => Period::Day(period.parse().ok()?),
        Some((day, hour)) => {
            let hour = hour.parse().ok().filter(|hour| (0..24).contains(hour))?;
            Period::Hour(day.parse().ok()?, hour)
        }
    };
    let key = Key::Figures(TenantId::parse(tenant).ok()?, period, part.parse().ok()?);
    (key.pk().strip_prefix("FIGURES#") == Some(text)).then_some(key)
}

/// Reads `<tenant>#<row>`.
fn subscribers(text: &str) -> Option<Key> {
    let (tenant, row) = text.split_once('#')?;
    let key = Key::Subscribers(TenantId::parse(tenant).ok()?, row.parse().ok()?);
    (key.pk().strip_prefix("SUBSCRIBERS#") == Some(text)).then_some(key)
}

/// A UUID in the one form that we write.
fn uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.hyphenated().to_string() == text).then_some(id)
}

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
