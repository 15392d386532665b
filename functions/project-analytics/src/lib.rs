//! Counts what is sold, and keeps what is known of payments, parcels and stock, for reports.
//!
//! | | |
//! |---|---|
//! | trigger | queue of events of orders, payments, shipments, leases, stock and products |
//! | reads, writes | PostgreSQL: what is known of the order, the figures of its shop; or one fact |
//! | emits | – |
//! | fails with | BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | the order and the figures that change by it are one transaction, in which its row is locked first, and each thing that happens to an order is counted once, in whatever order it comes; a fact and its parent are one statement that keeps the first time, or the newest state |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, InvalidEnvelope};
use contracts::http::Secret;
use domain::ports::{CountSales, KeepFacts, ReportedSale, StoreError};
use domain::{InvalidId, MoneyError, OrderId, TenantId};
use lambda_boot::{ConfigError, Env};

mod facts;
mod sales;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with its password.
    pub database: Secret,
    /// The shop whose stock it is: events of stock name none.
    pub shop: TenantId,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        let shop = read.parsed("HOME_TENANT");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
                shop: shop?,
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
    /// Neither on sale nor withdrawn.
    #[error("nobody knows whether the product of the event is on sale")]
    Status,
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

/// Takes one event in; one that names no shop is about the stock of this one.
///
/// # Errors
/// [`ReportError`]; the message goes back to the queue.
pub async fn handle(
    reports: &(impl CountSales + KeepFacts),
    home: &TenantId,
    event: &Envelope,
) -> Result<(), ReportError> {
    if let Some(what) = sales::what_of(event)? {
        let shop = TenantId::parse(event.tenant.as_deref().unwrap_or_default())?;
        let told = ReportedSale {
            order: OrderId::parse(&event.subject)?,
            what,
            at: event.time,
            event_id: event.id.clone(),
        };
        reports.count_sale(&shop, &told).await?;
    } else if let Some((shop, fact)) = facts::fact_of(event, home)? {
        reports.keep_fact(&shop, &fact).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
