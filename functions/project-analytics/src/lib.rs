//! Counts what is sold, for reports.
//!
//! | | |
//! |---|---|
//! | trigger | queue of order events |
//! | reads, writes | PostgreSQL: what is known of the order, the figures of its shop |
//! | emits | – |
//! | fails with | BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | the order and the figures that change by it are one transaction, in which its row is locked first, and each thing that happens to an order is counted once, in whatever order it comes |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{
    Envelope, EventType, InvalidEnvelope, LineBody, OrderCompleted, OrderFailed, OrderPlaced,
    OrderRefund, RefundBody,
};
use contracts::http::Secret;
use domain::ports::{CountSales, ReportedSale, StoreError};
use domain::{
    Charge, Currency, FailureCode, InvalidId, Money, MoneyError, OrderId, OrderLine, PlacedSale,
    ProductId, RefundId, RefundedSale, ReturnedLine, SaleEvent, Sku, TenantId,
};
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with its password.
    pub database: Secret,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
            })
        })
    }
}

/// Why an event was not counted.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The subject is no order, or the shop, a product or a refund none.
    #[error("an id in the event cannot be")]
    Id(#[from] InvalidId),
    /// An amount is none.
    #[error("an amount in the event cannot be")]
    Amount(#[from] MoneyError),
    /// Nobody knows why it failed.
    #[error("the event has no reason that is known")]
    Reason,
    /// Tax below zero, or above what was charged.
    #[error("the tax in the event cannot be")]
    Tax,
    /// A line of nothing.
    #[error("a line of the event has no pieces")]
    Nothing,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for ReportError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            _ => ErrorName::BadInput,
        }
    }
}

/// Takes one event in.
///
/// # Errors
/// [`ReportError`]; the message goes back to the queue.
pub async fn handle(reports: &impl CountSales, event: &Envelope) -> Result<(), ReportError> {
    let Some(what) = what_of(event)? else {
        return Ok(());
    };
    let shop = TenantId::parse(event.tenant.as_deref().unwrap_or_default())?;
    let told = ReportedSale {
        order: OrderId::parse(&event.subject)?,
        what,
        at: event.time,
        event_id: event.id.clone(),
    };
    Ok(reports.count_sale(&shop, &told).await?)
}

/// What the event says of an order; nothing where it is not reported.
fn what_of(event: &Envelope) -> Result<Option<SaleEvent>, ReportError> {
    Ok(Some(match EventType::parse(&event.event_type) {
        Some(EventType::OrderPlaced) => SaleEvent::Placed(placed(&event.data()?)?),
        Some(EventType::OrderCompleted) => SaleEvent::Completed(charge(&event.data()?)?),
        Some(EventType::OrderFailed) => {
            let failed: OrderFailed = event.data()?;
            let code = FailureCode::from_name(&failed.failure.code);
            SaleEvent::Failed(code.ok_or(ReportError::Reason)?)
        }
        Some(EventType::OrderCancelled) => SaleEvent::Cancelled,
        Some(EventType::OrderRefunded) => {
            let refund = event.data::<OrderRefund>()?.refund;
            SaleEvent::Refunded(RefundId::parse(&refund.refund_id)?, refunded(&refund)?)
        }
        _ => return Ok(None),
    }))
}

fn placed(order: &OrderPlaced) -> Result<PlacedSale, ReportError> {
    let total = Money::try_from(&order.total)?;
    let line = |line: &LineBody| {
        Ok(OrderLine {
            product_id: ProductId::parse(&line.product_id)?,
            sku: Sku::parse(&line.sku)?,
            quantity: pieces(line.quantity)?,
            unit_price: Money::new(line.unit_price_minor, total.currency())?,
        })
    };
    let lines = order.lines.iter().map(line);
    Ok(PlacedSale {
        total,
        lines: lines.collect::<Result<_, ReportError>>()?,
    })
}

fn charge(order: &OrderCompleted) -> Result<Charge, ReportError> {
    let currency = Currency::parse(&order.currency)?;
    let total = Money::new(order.total_amount_minor, currency)?;
    let tax_minor = order.tax_amount_minor;
    match (0..=total.minor()).contains(&tax_minor) {
        true => Ok(Charge { total, tax_minor }),
        false => Err(ReportError::Tax),
    }
}

fn refunded(refund: &RefundBody) -> Result<RefundedSale, ReportError> {
    let lines = refund.lines.iter().map(|line| {
        Ok(ReturnedLine {
            product_id: ProductId::parse(&line.product_id)?,
            quantity: line.quantity,
        })
    });
    Ok(RefundedSale {
        amount: Money::try_from(&refund.amount)?,
        lines: lines.collect::<Result<_, ReportError>>()?,
    })
}

fn pieces(quantity: u32) -> Result<u32, ReportError> {
    match quantity {
        0 => Err(ReportError::Nothing),
        pieces => Ok(pieces),
    }
}

#[cfg(test)]
mod tests;
