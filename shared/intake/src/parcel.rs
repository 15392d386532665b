//! News of a parcel, whoever tells them.

use domain::ports::{ChangeError, Load, RememberNews, Save, StoreError, change_from};
use domain::{Concern, NewsId, Shipment, ToldOfParcel};
use jiff::{SignedDuration, Timestamp};

/// How long ids of news are remembered: longer than anybody repeats them.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is needed of the shipments.
pub trait Shipments: Load<Shipment> + Save<Shipment> + RememberNews {}
impl<S: Load<Shipment> + Save<Shipment> + RememberNews> Shipments for S {}

/// Moves the shipment as far as it was told, once for each id. The shipment only moves forward, in
/// whatever order it is told.
///
/// # Errors
/// `Rejected` with the [`Concern`] that a person has to look at: nothing was changed, and the news are
/// not remembered. Otherwise it may be told again.
pub async fn hear(
    shipments: &impl Shipments,
    now: Timestamp,
    id: &NewsId,
    told: &ToldOfParcel,
) -> Result<(), ChangeError<Concern>> {
    if shipments.is_known(id).await? {
        return Ok(());
    }
    let order_id = told.order_id;
    let found = shipments.load(&order_id).await?;
    let hear = |found: Option<Shipment>| {
        let mut shipment = found.unwrap_or_else(|| Shipment::none(order_id));
        shipment.hear(told, now).map(|()| shipment)
    };
    change_from(shipments, &order_id, found, hear).await?;
    Ok(remember(shipments, now, id).await?)
}

/// Notes that news were taken in, so that a repeat of them changes nothing.
///
/// # Errors
/// When they were perhaps not noted.
pub async fn remember(
    shipments: &impl RememberNews,
    now: Timestamp,
    id: &NewsId,
) -> Result<(), StoreError> {
    let until = now.saturating_add(REMEMBERED).unwrap_or(now);
    shipments.note(id, until).await
}
