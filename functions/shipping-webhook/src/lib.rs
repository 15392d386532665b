//! Takes in what the carrier tells of parcels.
//!
//! | | |
//! |---|---|
//! | trigger | `POST /api/v1/shipping/webhook` |
//! | reads, writes | the shipping table: the shipment, and the ids of news that were taken in |
//! | emits | `shipment.*`, through the table's stream |
//! | fails with | 400, 401, 413, 503 problems |
//! | safe to repeat because | each id is taken in once, and the shipment only moves forward, in whatever order it is told |

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::ports::{ChangeError, NoteAuthor};
use domain::{AuthorKind, Concern, NewsId, ToldOfParcel};
use http_edge::{Api, By, Policy, Problem, WebhookVerifier};
use jiff::Timestamp;
use lambda_boot::{Clock, ConfigError, Env};
use providers::parcel_news;
use serde_json::{Value, json};
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shipping table.
    pub table: String,
    /// The secrets of the carrier's webhooks, the present one first.
    pub secrets: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("SHIPPING_TABLE");
        let secrets = read.text("CARRIER_WEBHOOK_SECRETS");
        read.finish(|| {
            Some(Self {
                table: table?,
                secrets: secrets?,
            })
        })
    }
}

/// What the function needs of the shipments.
pub trait Shipments: intake::Shipments + NoteAuthor {}
impl<S: intake::Shipments + NoteAuthor> Shipments for S {}

/// What the route works with.
#[derive(Debug)]
pub struct App<S> {
    /// The shipments.
    pub shipments: S,
    /// Tells the carrier from others.
    pub verifier: WebhookVerifier,
    /// The present time.
    pub clock: Clock,
}

/// The route at work.
pub fn api<S: Shipments + Send + Sync + 'static>(app: App<S>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The route. It takes no token: the signature says who it is.
pub fn routes<S: Shipments + Send + Sync + 'static>() -> Api<Arc<App<S>>> {
    Api::default().post("/api/v1/shipping/webhook", Policy::Anybody, hear::<S>)
}

/// Whatever was genuine is answered 200, or the provider would send it again for days; what nobody
/// could take in is answered 503, so that it does.
async fn hear<S: Shipments>(
    State(app): State<Arc<App<S>>>,
    By(mut author): By,
    headers: HeaderMap,
    body: Bytes,
) -> Result<axum::Json<Value>, Problem> {
    let now = app.clock.now();
    app.verifier.verify(&headers, &body, now)?;
    let news = parcel_news(&body)?;
    if let Some(told) = news.told {
        http_edge::note_order(told.order_id);
        author.kind = AuthorKind::Provider;
        take_in(&app.shipments.by(&author), now, (&news.id, &told)).await?;
    }
    Ok(axum::Json(json!({"received": true})))
}

/// What does not fit is told to a person once.
async fn take_in(
    shipments: &impl intake::Shipments,
    now: Timestamp,
    (id, told): (&NewsId, &ToldOfParcel),
) -> Result<(), ChangeError<Concern>> {
    match intake::hear(shipments, now, id, told).await {
        Err(ChangeError::Rejected(concern)) => {
            flag(told, concern);
            Ok(intake::remember(shipments, now, id).await?)
        }
        heard => heard,
    }
}

/// Nobody comes back to it by themselves. The field is what the alarm looks for.
fn flag(told: &ToldOfParcel, concern: Concern) {
    error!(
        needs_attention = true,
        order.id = %told.order_id,
        tracking_number = %told.handover.tracking_number,
        why = %concern,
        "a person must look at what the carrier told"
    );
}

#[cfg(test)]
mod tests;
