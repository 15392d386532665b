//! Counts what goes on in a shop, for the dashboard of those who run it.
//!
//! | | |
//! |---|---|
//! | trigger | queue of order and course events |
//! | reads, writes | the operations table: what was counted of an order, the figures of its shop, the newest courses |
//! | emits | – |
//! | fails with | BadInput, Conflict (two events of an order at once), Unavailable; the message goes back to the queue |
//! | safe to repeat because | what was counted of an order and the figures that change by it are one transaction, and each thing that happens to an order is counted once, in whatever order it comes |

use contracts::AmountBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{
    CourseState, Envelope, EventType, InvalidEnvelope, OrderCompleted, OrderFailed, OrderPlaced,
    OrderRefund,
};
use domain::ports::{CountOrders, KeepNewest, SaveError, StoreError};
use domain::{
    Counting, CourseId, Currency, FailureCode, InvalidId, Money, MoneyError, NewCourse, OrderId,
    RefundId, TenantId,
};
use lambda_boot::{ConfigError, Env};

/// How often the newest courses are written anew that others write meanwhile.
const MAX_TRIES: u32 = 8;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The operations table.
    pub table: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("OPERATIONS_TABLE");
        read.finish(|| Some(Self { table: table? }))
    }
}

/// What the function needs of the figures.
pub trait Figures: CountOrders + KeepNewest {}
impl<S: CountOrders + KeepNewest> Figures for S {}

/// Why an event was not counted.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The subject is no order or course, or the shop none.
    #[error("an id in the event cannot be")]
    Id(#[from] InvalidId),
    /// An amount is none.
    #[error("an amount in the event cannot be")]
    Amount(#[from] MoneyError),
    /// Nobody knows why it failed.
    #[error("the event has no reason that is known")]
    Reason,
    /// It was counted at the same time as another of the same.
    #[error("others were counted meanwhile")]
    Twice,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for CountError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Id(_) | Self::Amount(_) | Self::Reason => ErrorName::BadInput,
            Self::Twice => ErrorName::Conflict,
            Self::Store(error) => error.name(),
        }
    }
}

/// Takes one event in.
///
/// # Errors
/// [`CountError`]; the message goes back to the queue.
pub async fn handle(figures: &impl Figures, event: &Envelope) -> Result<(), CountError> {
    let shop = || TenantId::parse(event.tenant.as_deref().unwrap_or_default());
    if let Some(what) = counting_of(event)? {
        let order = OrderId::parse(&event.subject)?;
        return count(figures, (&shop()?, order), &what, event).await;
    }
    match course_of(event)? {
        Some(course) => list(figures, &shop()?, course).await,
        None => Ok(()),
    }
}

async fn count(
    figures: &impl CountOrders,
    (shop, order): (&TenantId, OrderId),
    what: &Counting,
    event: &Envelope,
) -> Result<(), CountError> {
    let known = figures.counted(order).await?;
    let mut counted = known.clone();
    let tallies = counted.count(what, event.time);
    if counted == known {
        return Ok(());
    }
    match figures.save_counted(shop, order, counted, &tallies).await {
        Ok(()) => Ok(()),
        Err(SaveError::Conflict(_)) => Err(CountError::Twice),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// Courses that come at once meet at the one list of their shop.
async fn list(
    figures: &impl KeepNewest,
    shop: &TenantId,
    course: NewCourse,
) -> Result<(), CountError> {
    for _ in 0..MAX_TRIES {
        let mut newest = figures.newest(shop).await?;
        if !newest.take(course.clone()) {
            return Ok(());
        }
        match figures.save_newest(shop, newest).await {
            Ok(()) => return Ok(()),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    Err(CountError::Twice)
}

/// What the event says of an order; nothing where it is not counted.
fn counting_of(event: &Envelope) -> Result<Option<Counting>, CountError> {
    Ok(Some(match EventType::parse(&event.event_type) {
        Some(EventType::OrderPlaced) => {
            let placed: OrderPlaced = event.data()?;
            Counting::Placed(Money::try_from(&placed.total)?)
        }
        Some(EventType::OrderCompleted) => {
            let completed: OrderCompleted = event.data()?;
            let currency = Currency::parse(&completed.currency)?;
            Counting::Completed(Money::new(completed.total_amount_minor, currency)?)
        }
        Some(EventType::OrderFailed) => {
            let failed: OrderFailed = event.data()?;
            let code = FailureCode::from_name(&failed.failure.code);
            Counting::Failed(code.ok_or(CountError::Reason)?)
        }
        Some(EventType::OrderRefunded) => {
            let refund = event.data::<OrderRefund>()?.refund;
            let amount: &AmountBody = &refund.amount;
            Counting::Refunded(RefundId::parse(&refund.refund_id)?, amount.try_into()?)
        }
        Some(EventType::OrderShipped) => Counting::Shipped,
        Some(EventType::OrderDelivered) => Counting::Delivered,
        Some(EventType::OrderCancelled) => Counting::Cancelled,
        _ => return Ok(None),
    }))
}

/// The course that the event tells of.
fn course_of(event: &Envelope) -> Result<Option<NewCourse>, CountError> {
    let Some(EventType::CourseCreated) = EventType::parse(&event.event_type) else {
        return Ok(None);
    };
    Ok(Some(NewCourse {
        id: CourseId::parse(&event.subject)?,
        title: event.data::<CourseState>()?.title,
        created_at: event.time,
    }))
}

#[cfg(test)]
mod tests;
