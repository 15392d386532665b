//! The one place that formats and parses keys.

use audit::Shard as Chain;
use domain::{
    ApiKeyId, Channel, CourseId, CustomerId, DestinationName, GroupId, JobId, MovementId, NewsId,
    OrderId, Period, ProductId, SessionId, Sku, TenantId, Topic,
};
use thiserror::Error;
use uuid::Uuid;

mod index;
#[cfg(test)]
mod tests;

pub use index::{
    JOBS_DUE, LOW, Shard, copies_of, courses_key, created_key, customer_key, day_of, jobs_of,
    keys_of, name_key, parse_customer_key, parse_placed_key, parse_time_key, placed_key,
    products_key, sendings_of, time_key,
};

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
    /// `SOCKETS#person#<tenant>#<customer>#<slice>`, `SOCKETS#stock#<sku>#<slice>`,
    /// `SOCKETS#group#<tenant>#<uuid>#<slice>`: who is told.
    Sockets(Topic, u8),
    /// `GROUP#<tenant>#<uuid>`
    Group(TenantId, GroupId),
    /// `GROUPS#<tenant>`: which groups a shop has.
    Groups(TenantId),
    /// `MEMBERSHIPS#<tenant>#<customer>`: which groups somebody belongs to.
    Memberships(TenantId, CustomerId),
    /// `MEMBERS#<tenant>#<uuid>#<row>`: some of those who belong to a group.
    Members(TenantId, GroupId, u8),
    /// `SAID#<uuid>`: those who run a shop said something.
    Said(Uuid),
    /// `JOB#<uuid>`: heavy work that somebody asked for.
    Job(JobId),
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
            Self::Sockets(Topic::Group(tenant, group), slice) => {
                format!("SOCKETS#group#{tenant}#{group}#{slice}")
            }
            Self::Sockets(Topic::Dashboard(tenant), slice) => {
                format!("SOCKETS#dashboard#{tenant}#{slice}")
            }
            Self::Group(tenant, group) => format!("GROUP#{tenant}#{group}"),
            Self::Groups(tenant) => format!("GROUPS#{tenant}"),
            Self::Memberships(tenant, customer) => format!("MEMBERSHIPS#{tenant}#{customer}"),
            Self::Members(tenant, group, row) => format!("MEMBERS#{tenant}#{group}#{row}"),
            Self::Said(id) => format!("SAID#{id}"),
            Self::Job(id) => format!("JOB#{id}"),
        }
    }

    /// Reads the text stored in `pk`.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything that [`Key::pk`] does not write.
    pub fn parse(pk: &str) -> Result<Self, InvalidKey> {
        parsed(pk).ok_or_else(|| InvalidKey(pk.to_owned()))
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
            | Self::Sockets(..)
            | Self::Group(..)
            | Self::Groups(_)
            | Self::Memberships(..)
            | Self::Members(..)
            | Self::Said(_)
            | Self::Job(_) => None,
        }
    }
}

fn parsed(pk: &str) -> Option<Key> {
    let (kind, rest) = pk.split_once('#')?;
    match kind {
        "ORDER" => OrderId::parse(rest).ok().map(Key::Order),
        "LEASE" => OrderId::parse(rest).ok().map(Key::Lease),
        "STOCK" => Sku::parse(rest).ok().map(Key::Stock),
        "MOVE" => uuid(rest).map(|id| Key::Movement(MovementId(id))),
        "PAYMENT" => OrderId::parse(rest).ok().map(Key::Payment),
        "SHIPMENT" => OrderId::parse(rest).ok().map(Key::Shipment),
        "PRODUCT" => ProductId::parse(rest).ok().map(Key::Product),
        "COURSE" => CourseId::parse(rest).ok().map(Key::Course),
        "CONTACT" => OrderId::parse(rest).ok().map(Key::Contact),
        "INBOX" => inbox(rest),
        "MAIL" => Some(Key::Mail(rest.to_owned())),
        "SENDING" => sending(rest),
        "NOTIFICATION" => notification(rest),
        "NOTIFICATIONS" => person(rest).map(|(tenant, it)| Key::Notifications(tenant, it)),
        "USER" => CustomerId::parse(rest).ok().map(Key::User),
        "EMAIL" => email(rest),
        "SESSION" => uuid(rest).map(|id| Key::Session(SessionId(id))),
        "NEWS" => NewsId::parse(rest).ok().map(Key::News),
        "IDEMPOTENCY" => digest(rest).map(Key::Idempotency),
        "APIKEY" => ApiKeyId::parse(rest).map(Key::ApiKey),
        "AUDIT" => audit_place(rest),
        "AUDITED" => Some(Key::Audited(rest.to_owned())),
        "LIMIT" => Some(Key::Limit(rest.to_owned())),
        "REFUSED" => refused(rest),
        "COPY" => copy(rest),
        "SYNC" if rest == "profiles" => Some(Key::Destinations),
        "BREAKER" => Some(Key::Breaker(rest.to_owned())),
        "SWEEP" if rest == "placed" => Some(Key::Sweep),
        "COUNTED" => OrderId::parse(rest).ok().map(Key::Counted),
        "FIGURES" => figures(rest),
        "NEWEST" => TenantId::parse(rest).ok().map(Key::Newest),
        "SUBSCRIBERS" => subscribers(rest),
        "TICKET" => digest(rest).map(Key::Ticket),
        "SOCKETS" => sockets(rest),
        "GROUP" => group(rest).map(|(tenant, id)| Key::Group(tenant, id)),
        "GROUPS" => TenantId::parse(rest).ok().map(Key::Groups),
        "MEMBERSHIPS" => person(rest).map(|(tenant, it)| Key::Memberships(tenant, it)),
        "MEMBERS" => members(rest),
        "SAID" => uuid(rest).map(Key::Said),
        "JOB" => JobId::parse(rest).map(Key::Job),
        _ => None,
    }
}

/// Reads `<consumer>#<aggregate>`.
fn inbox(text: &str) -> Option<Key> {
    let (name, aggregate) = text.split_once('#')?;
    let mut consumers = Consumer::ALL.into_iter();
    let consumer = consumers.find(|known| known.name() == name)?;
    Some(Key::Inbox(consumer, aggregate.to_owned()))
}

/// Reads `<tenant>#<address>`.
fn email(text: &str) -> Option<Key> {
    let (tenant, address) = text.split_once('#')?;
    let tenant = TenantId::parse(tenant).ok()?;
    Some(Key::Email(tenant, address.to_owned()))
}

/// 64 hexadecimal digits, in the one form that we write.
fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    (hex::encode(digest) == text).then_some(digest)
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
        ("group", which) => {
            let (tenant, id) = group(which)?;
            Topic::Group(tenant, id)
        }
        ("dashboard", shop) => Topic::Dashboard(TenantId::parse(shop).ok()?),
        _ => return None,
    };
    let key = Key::Sockets(topic, slice.parse().ok()?);
    (key.pk().strip_prefix("SOCKETS#") == Some(text)).then_some(key)
}

/// Reads `<tenant>#<group>`.
fn group(text: &str) -> Option<(TenantId, GroupId)> {
    let (tenant, id) = text.split_once('#')?;
    Some((TenantId::parse(tenant).ok()?, GroupId::parse(id)?))
}

/// Reads `<tenant>#<group>#<row>`.
fn members(text: &str) -> Option<Key> {
    let (which, row) = text.rsplit_once('#')?;
    let (tenant, id) = group(which)?;
    let key = Key::Members(tenant, id, row.parse().ok()?);
    (key.pk().strip_prefix("MEMBERS#") == Some(text)).then_some(key)
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
