//! Takes in what other services ask of the shop by its queue: to place an order, or to move a parcel on.
//!
//! | | |
//! |---|---|
//! | trigger | queue of commands |
//! | reads | the catalogue (cached briefly); orders and shipments |
//! | writes | an order, as `place-order` does; a shipment, as `shipping-webhook` does; dead letters, with the reason, of what it refuses |
//! | emits | `order.placed`, `shipment.*`, through the tables' streams |
//! | fails with | Conflict, Unavailable, Internal; the message goes back to the queue |
//! | safe to repeat because | the order's id is derived from sender and command id, and news of a parcel are taken in once for each |

mod config;

use consumer::set_aside;
use contracts::commands::{Command, InvalidCommand, Wanted};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{ChangeError, NoteAuthor, ReadCatalogue, SendMessages, StoreError};
use domain::{Author, AuthorKind, Concern, InvalidId, Origin, Tariff, TenantId};
use intake::{Orders, PlaceError, Request, Shipments};
use jiff::Timestamp;
use lambda_boot::queue::Unread;

pub use config::Config;

/// What commands work on.
#[derive(Debug)]
pub struct Desk<O, C, S> {
    /// The shop that takes commands.
    pub shop: TenantId,
    /// The orders.
    pub orders: O,
    /// The catalogue.
    pub catalogue: C,
    /// What is added to prices.
    pub tariff: Tariff,
    /// The shipments.
    pub shipments: S,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It cannot be read, or asks for what cannot be.
    #[error(transparent)]
    Command(#[from] InvalidCommand),
    /// No id of news can be made of it.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// The order was not placed.
    #[error(transparent)]
    Order(#[from] PlaceError),
    /// The parcel is not as we know it, or the shipment could not be moved.
    #[error(transparent)]
    Parcel(#[from] ChangeError<Concern>),
    /// The parcel is of another shop.
    #[error("no parcel of this shop")]
    OtherShop,
    /// It is refused, and could not be set aside.
    #[error("the command could not be put to the dead letters")]
    SetAside(#[source] StoreError),
}

impl EdgeError for TakeError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Command(_) | Self::Id(_) | Self::OtherShop => ErrorName::BadInput,
            Self::Order(error) => error.name(),
            Self::Parcel(error) => error.name(),
            Self::SetAside(error) => error.name(),
        }
    }
}

impl TakeError {
    /// Whether it is refused for good. What is left may be done when it comes again.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Command(_)
            | Self::Id(_)
            | Self::OtherShop
            | Self::Parcel(ChangeError::Rejected(_)) => true,
            Self::Order(error) => match error {
                PlaceError::KeyReused
                | PlaceError::Placement(_)
                | PlaceError::TotalDiffers { .. } => true,
                PlaceError::Store(_) | PlaceError::Raced => false,
            },
            Self::Parcel(_) | Self::SetAside(_) => false,
        }
    }
}

/// Does what the command asks for, or sets it aside with the reason why not.
///
/// # Errors
/// [`TakeError`]; the message goes back to the queue.
pub async fn handle<O, C, S>(
    desk: &Desk<O, C, S>,
    dead_letters: &impl SendMessages,
    now: Timestamp,
    message: Unread,
) -> Result<(), TakeError>
where
    O: Orders + NoteAuthor,
    C: ReadCatalogue,
    S: Shipments + NoteAuthor,
{
    match take(desk, now, &message).await {
        Err(refused) if refused.is_refusal() => {
            let aside = set_aside(dead_letters, message.body, &refused).await;
            aside.map_err(TakeError::SetAside)
        }
        taken => taken,
    }
}

async fn take<O, C, S>(
    desk: &Desk<O, C, S>,
    now: Timestamp,
    message: &Unread,
) -> Result<(), TakeError>
where
    O: Orders + NoteAuthor,
    C: ReadCatalogue,
    S: Shipments + NoteAuthor,
{
    let asked = Command::parse(&message.body)?.asked_of(&desk.shop)?;
    let author = Author {
        kind: AuthorKind::Service,
        tenant: Some(desk.shop.clone()),
        subject: Some(asked.source.clone()),
        from: Origin {
            address: None,
            request: Some(message.id.clone()),
        },
    };
    let key = asked.key();
    let news_id = asked.news_id(&desk.shop)?;
    match asked.wanted {
        Wanted::Order(customer, placement) => {
            let request = Request {
                tenant: desk.shop.clone(),
                customer,
                asked_by: asked.source,
                email: None,
                key,
                placement: *placement,
                traceparent: asked.traceparent,
            };
            let prices = (&desk.catalogue, &desk.tariff);
            intake::place(&desk.orders.by(&author), prices, now, request).await?;
        }
        Wanted::Parcel(told) => {
            let shipments = desk.shipments.by(&author);
            let known = shipments.load(&told.order_id).await;
            let known = known.map_err(ChangeError::from)?;
            if known.is_some_and(|it| it.terms.is_some_and(|terms| terms.tenant != desk.shop)) {
                return Err(TakeError::OtherShop);
            }
            intake::hear(&shipments, now, &news_id, &told).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
