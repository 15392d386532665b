//! Placing an order, free of the door that it comes by.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::ParsedPlacement;
use domain::ports::{Load, ReadCatalogue, Save, SaveError, StoreError};
use domain::{
    Contact, CustomerId, Money, Order, OrderFacts, OrderId, OrderLine, PlacementError, ProductId,
    RequestHash, Tariff, TenantId, Totals, Traceparent, order_id, price_lines,
};
use jiff::Timestamp;

/// Who asks for what, under which key.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose shop.
    pub tenant: TenantId,
    /// Who orders.
    pub customer: CustomerId,
    /// Who asks, and whose the key is: the customer, or who orders for them.
    pub asked_by: CustomerId,
    /// E-mail address of the token, where messages go unless the body says otherwise.
    pub email: Option<String>,
    /// The `Idempotency-Key`, or what stands for it.
    pub key: String,
    /// What is ordered.
    pub placement: ParsedPlacement,
    /// Trace of the request.
    pub traceparent: Option<Traceparent>,
}

/// An order that was placed, now or before.
#[derive(Clone, Debug)]
pub struct Placed {
    /// What never changes about it.
    pub facts: OrderFacts,
    /// Whether an earlier request placed it.
    pub replayed: bool,
}

/// Why no order was placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The key was used for another request.
    #[error("the key was used with another body")]
    KeyReused,
    /// It cannot be ordered as asked.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// Prices changed since the customer saw them.
    #[error("the total is {actual}, not {expected}")]
    TotalDiffers {
        /// What the customer was shown.
        expected: Money,
        /// What it would be.
        actual: Money,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store refused a new order and did not say what is there.
    #[error("somebody else placed this order meanwhile")]
    Raced,
}

impl EdgeError for PlaceError {
    fn name(&self) -> ErrorName {
        match self {
            Self::KeyReused | Self::Placement(_) => ErrorName::BadInput,
            Self::TotalDiffers { .. } => ErrorName::Conflict,
            Self::Store(error) => error.name(),
            Self::Raced => ErrorName::Unavailable,
        }
    }
}

/// What the function needs of the orders.
pub trait Orders: Load<Order> + Save<Order> {}
impl<S: Load<Order> + Save<Order>> Orders for S {}

/// Places the order, or finds it placed.
///
/// One write where all goes well. Where something that may have changed since (a price, a
/// product) stands against it, an order that is there already answers first.
///
/// # Errors
/// [`PlaceError`]; nothing was written then, or what was written before stands.
pub async fn place(
    orders: &impl Orders,
    (catalogue, tariff): (&impl ReadCatalogue, &Tariff),
    now: Timestamp,
    request: Request,
) -> Result<Placed, PlaceError> {
    let id = order_id(&request.tenant, &request.asked_by, &request.key);
    match price((catalogue, tariff), &request.tenant, &request.placement).await {
        Ok(priced) => save_new(orders, facts(id, request, priced, now)).await,
        Err(refusal) => match orders.load(&id).await? {
            Some(stored) => answer_stored(stored, request.placement.hash),
            None => Err(refusal),
        },
    }
}

async fn price(
    (catalogue, tariff): (&impl ReadCatalogue, &Tariff),
    tenant: &TenantId,
    placement: &ParsedPlacement,
) -> Result<(Vec<OrderLine>, Totals), PlaceError> {
    let ids: Vec<ProductId> = placement
        .lines
        .iter()
        .map(|line| line.product_id.clone())
        .collect();
    let mut products = catalogue.products(&ids).await?;
    // What another shop sells is not there.
    products.retain(|_, product| product.tenant == *tenant);
    let (lines, subtotal) = price_lines(&placement.lines, &products)?;
    let totals = tariff.totals(subtotal).map_err(PlacementError::from)?;
    let total = totals.total();
    match placement.expected_total {
        Some(expected) if expected != total => Err(PlaceError::TotalDiffers {
            expected,
            actual: total,
        }),
        _ => Ok((lines, totals)),
    }
}

fn facts(
    id: OrderId,
    request: Request,
    (lines, totals): (Vec<OrderLine>, Totals),
    now: Timestamp,
) -> OrderFacts {
    let placement = request.placement;
    OrderFacts {
        id,
        tenant: request.tenant,
        customer: request.customer,
        lines,
        totals,
        ship_to: placement.ship_to,
        payment_method: placement.payment_method,
        contact: placement
            .contact
            .or_else(|| request.email.map(|email| Contact { email })),
        placed_at: whole_milliseconds(now),
        request_hash: placement.hash,
        traceparent: request.traceparent,
    }
}

/// The first answer and a repeat, which is read back from the store, must be equal.
fn whole_milliseconds(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

async fn save_new(orders: &impl Orders, facts: OrderFacts) -> Result<Placed, PlaceError> {
    let (id, hash) = (facts.id, facts.request_hash);
    let stored = match orders.save(Order::place(facts)).await {
        Ok(order) => {
            return Ok(Placed {
                facts: order.facts,
                replayed: false,
            });
        }
        Err(SaveError::Conflict(Some(stored))) => Some(*stored),
        Err(SaveError::Conflict(None)) => orders.load(&id).await?,
        Err(SaveError::Store(error)) => return Err(error.into()),
    };
    answer_stored(stored.ok_or(PlaceError::Raced)?, hash)
}

fn answer_stored(stored: Order, asked: RequestHash) -> Result<Placed, PlaceError> {
    if stored.facts.request_hash == asked {
        Ok(Placed {
            facts: stored.facts,
            replayed: true,
        })
    } else {
        Err(PlaceError::KeyReused)
    }
}
