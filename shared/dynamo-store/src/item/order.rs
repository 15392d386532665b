//! The item of an order: `ORDER#<uuid>`.

use domain::{
    ChangeTracker, Contact, Currency, Epoch, EventRaiser, Order, OrderEvent, OrderFacts, OrderId,
    OrderLine, OrderState, ProductId, RequestHash, Sku, Totals,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{EventItem, read_events, write_events};
use super::parts::{AddressItem, read_currency, read_money, read_trace};
use super::{Image, ItemError, Stored, expect_entity, order_of, read, write_next};
use crate::key::{
    Key, Shard, customer_key, day_of, parse_customer_key, parse_placed_key, parse_time_key,
    placed_key, time_key,
};
use crate::table::Orders;

const ENTITY: &str = "order";

/// Shop, customer and time of placement are kept in index keys only.
#[derive(Debug, Serialize, Deserialize)]
struct OrderItem {
    pk: String,
    entity: String,
    version: u64,
    customer_key: String,
    placed_key: String,
    day_shard: String,
    /// With the time of the next look: present only while recovery looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_look: Option<String>,
    lines: Vec<LineItem>,
    /// Of which shipping and tax; all else is the pieces'.
    total: i64,
    #[serde(default, skip_serializing_if = "is_none")]
    shipping: i64,
    #[serde(default, skip_serializing_if = "is_none")]
    tax: i64,
    currency: String,
    ship_to: AddressItem,
    method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// SHA-256 of the request in hex.
    request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    status: String,
    epoch: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    attention: bool,
    /// The refund that recovery has to carry out: whoever hears of a new one starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund_due: Option<String>,
    events: Vec<EventItem>,
}

/// Orders that were stored before there was shipping or tax read as orders without.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(minor: &i64) -> bool {
    *minor == 0
}

#[derive(Debug, Serialize, Deserialize)]
struct LineItem {
    product: String,
    sku: String,
    qty: u32,
    /// Of one, in minor units of the order's currency.
    price: i64,
}

impl From<&Order> for OrderItem {
    fn from(order: &Order) -> Self {
        let facts = &order.facts;
        let shard = Shard::of(facts.id);
        let open = !order.is_at_rest();
        Self {
            pk: Key::Order(facts.id).pk(),
            entity: ENTITY.to_owned(),
            version: order.changes.next_version(),
            customer_key: customer_key(&facts.tenant, &facts.customer),
            placed_key: placed_key(facts.placed_at, facts.id),
            day_shard: shard.day(day_of(facts.placed_at)),
            look_shard: order.next_look.filter(|_| open).map(|_| shard.look()),
            next_look: order.next_look.map(time_key),
            lines: facts.lines.iter().map(LineItem::from).collect(),
            total: facts.totals.total().minor(),
            shipping: facts.totals.shipping().minor(),
            tax: facts.totals.tax().minor(),
            currency: facts.totals.total().currency().code().to_owned(),
            ship_to: (&facts.ship_to).into(),
            method: facts.payment_method.clone(),
            email: facts.contact.as_ref().map(|contact| contact.email.clone()),
            request: hex::encode(facts.request_hash.0),
            trace: facts.traceparent.as_ref().map(ToString::to_string),
            status: order.state.name().to_owned(),
            epoch: order.epoch.0,
            attention: order.needs_attention,
            refund_due: order.refund_due().map(|refund| refund.id.to_string()),
            events: write_events(&order.events),
        }
    }
}

impl From<&OrderLine> for LineItem {
    fn from(line: &OrderLine) -> Self {
        Self {
            product: line.product_id.to_string(),
            sku: line.sku.to_string(),
            qty: line.quantity,
            price: line.unit_price.minor(),
        }
    }
}

impl TryFrom<OrderItem> for Order {
    type Error = ItemError;

    fn try_from(item: OrderItem) -> Result<Self, ItemError> {
        expect_entity(&item.entity, ENTITY)?;
        let events = read_events(&item.events)?;
        let next_look = item.next_look.as_deref().map(parse_time_key);
        Ok(Self {
            state: state(&item.status, &events)?,
            epoch: Epoch(item.epoch),
            next_look: next_look.transpose().map_err(ItemError::of("next_look"))?,
            needs_attention: item.attention,
            changes: ChangeTracker::stored_at(item.version),
            events,
            facts: facts(item)?,
        })
    }
}

fn facts(item: OrderItem) -> Result<OrderFacts, ItemError> {
    let currency = read_currency(&item.currency)?;
    let line = |line: &LineItem| {
        Ok(OrderLine {
            product_id: ProductId::parse(&line.product).map_err(ItemError::of("product"))?,
            sku: Sku::parse(&line.sku).map_err(ItemError::of("sku"))?,
            quantity: line.qty,
            unit_price: read_money(line.price, currency)?,
        })
    };
    let lines: Result<_, ItemError> = item.lines.iter().map(line).collect();
    let (placed_at, _) = parse_placed_key(&item.placed_key).map_err(ItemError::of("placed_key"))?;
    let mut request = [0_u8; 32];
    hex::decode_to_slice(&item.request, &mut request).map_err(ItemError::of("request"))?;
    let owner = parse_customer_key(&item.customer_key).map_err(ItemError::of("customer_key"))?;
    let (tenant, customer) = owner;
    Ok(OrderFacts {
        id: order_of(&item.pk)?,
        tenant,
        customer,
        lines: lines?,
        totals: totals(&item, currency)?,
        ship_to: item.ship_to.into(),
        payment_method: item.method,
        contact: item.email.map(|email| Contact { email }),
        placed_at,
        request_hash: RequestHash(request),
        traceparent: read_trace(item.trace.as_ref())?,
    })
}

fn totals(item: &OrderItem, currency: Currency) -> Result<Totals, ItemError> {
    let money = |minor| read_money(minor, currency);
    let (shipping, tax) = (money(item.shipping)?, money(item.tax)?);
    let pieces = item.total.saturating_sub(item.shipping);
    let pieces = money(pieces.saturating_sub(item.tax))?;
    Totals::new(pieces, shipping, tax).map_err(ItemError::of("total"))
}

/// What a state carries beside its name is in the event that led to it.
fn state(status: &str, events: &EventRaiser<OrderEvent>) -> Result<OrderState, ItemError> {
    let time = |wanted: &OrderEvent| -> Option<Timestamp> {
        let mut all = events.all().iter();
        all.find(|raised| raised.event == *wanted)
            .map(|raised| raised.at)
    };
    let failure = || {
        let mut all = events.all().iter();
        all.find_map(|raised| match &raised.event {
            OrderEvent::UnwindingDecided { failure } => Some(failure.clone()),
            _ => None,
        })
    };
    let state = match status {
        "pending" => Some(OrderState::Pending),
        "charging" => {
            time(&OrderEvent::ChargingDecided).map(|since| OrderState::Charging { since })
        }
        "unwinding" => failure().map(|failure| OrderState::Unwinding { failure }),
        "confirmed" => time(&OrderEvent::Completed).map(|at| OrderState::Confirmed { at }),
        "shipped" => {
            let mut all = events.all().iter();
            all.find_map(|raised| match &raised.event {
                OrderEvent::Shipped { tracking } => Some(OrderState::Shipped {
                    at: raised.at,
                    tracking: tracking.clone(),
                }),
                _ => None,
            })
        }
        "delivered" => time(&OrderEvent::Delivered).map(|at| OrderState::Delivered { at }),
        "refunded" => {
            let mut all = events.all().iter().rev();
            let last = all.find(|it| matches!(it.event, OrderEvent::Refunded { all: true, .. }));
            last.map(|raised| OrderState::Refunded { at: raised.at })
        }
        "failed" => failure().map(|failure| OrderState::Failed { failure }),
        "cancelled" => Some(OrderState::Cancelled),
        _ => None,
    };
    state.ok_or_else(|| ItemError::of("status")(format!("{status} without its event")))
}

impl Stored for Order {
    type Service = Orders;

    fn key(id: &OrderId) -> Key {
        Key::Order(*id)
    }

    fn encode(&self) -> Result<Image, ItemError> {
        write_next(self, OrderItem::from(self))
    }

    fn decode(image: Image) -> Result<Self, ItemError> {
        read::<OrderItem>(image)?.try_into()
    }
}
