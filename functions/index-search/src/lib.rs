//! Keeps the index that the catalogue is searched by up with products and courses.
//!
//! | | |
//! |---|---|
//! | trigger | queue of product and course events |
//! | reads | – |
//! | writes | the index in PostgreSQL, one row |
//! | emits | – |
//! | fails with | BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | an event carries the whole state, and the index takes none that is not newer than what it has |

use contracts::AmountBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{CourseState, Envelope, EventType, InvalidEnvelope, ProductState};
use contracts::http::Secret;
use domain::ports::{IndexCatalogue, StoreError};
use domain::{
    CourseId, EntryId, InvalidId, Money, MoneyError, ProductId, SaleStatus, SearchEntry, TenantId,
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

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The subject is no entry, or the shop none.
    #[error("an id in the event cannot be")]
    Id(#[from] InvalidId),
    /// The price is none.
    #[error("the price in the event cannot be")]
    Price(#[from] MoneyError),
    /// Nobody knows whether it is on sale.
    #[error("the event has no status that is known")]
    Status,
    /// The index failed.
    #[error(transparent)]
    Index(#[from] StoreError),
}

impl EdgeError for IndexError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Id(_) | Self::Price(_) | Self::Status => ErrorName::BadInput,
            Self::Index(error) => error.name(),
        }
    }
}

/// Takes one event in.
///
/// # Errors
/// [`IndexError`]; the message goes back to the queue.
pub async fn handle(index: &impl IndexCatalogue, event: &Envelope) -> Result<(), IndexError> {
    if let Some(entry) = entry_of(event)? {
        index.index(&entry).await?;
    }
    Ok(())
}

/// What the event says of an entry, in one form for both kinds; nothing where it is about something
/// else.
fn entry_of(event: &Envelope) -> Result<Option<SearchEntry>, IndexError> {
    let (id, said) = match EventType::parse(&event.event_type) {
        Some(EventType::ProductCreated | EventType::ProductUpdated) => {
            let id = EntryId::Product(ProductId::parse(&event.subject)?);
            (id, Said::from(event.data::<ProductState>()?))
        }
        Some(EventType::CourseCreated) => {
            let id = EntryId::Course(CourseId::parse(&event.subject)?);
            (id, Said::from(event.data::<CourseState>()?))
        }
        _ => return Ok(None),
    };
    Ok(Some(SearchEntry {
        id,
        tenant: TenantId::parse(event.tenant.as_deref().unwrap_or_default())?,
        version: event.sequence.into(),
        name: said.name,
        description: said.description,
        price: Money::try_from(&said.price)?,
        status: SaleStatus::from_name(&said.status).ok_or(IndexError::Status)?,
        changed_at: event.time,
    }))
}

/// What is said of products and courses alike.
struct Said {
    name: String,
    description: String,
    price: AmountBody,
    status: String,
}

impl From<ProductState> for Said {
    fn from(product: ProductState) -> Self {
        Self {
            name: product.name,
            description: product.description,
            price: product.price,
            status: product.status,
        }
    }
}

impl From<CourseState> for Said {
    fn from(course: CourseState) -> Self {
        Self {
            name: course.title,
            description: course.description,
            price: course.price,
            status: course.status,
        }
    }
}

#[cfg(test)]
mod tests;
