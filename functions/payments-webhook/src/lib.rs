//! Takes in what the payment provider tells on its own account.
//!
//! | | |
//! |---|---|
//! | trigger | `POST /api/v1/payments/webhook` |
//! | reads, writes | the payments table: the payment, and the ids of news that were taken in |
//! | emits | `payment.*`, through the table's stream |
//! | fails with | 400, 401, 413, 503 problems |
//! | safe to repeat because | each id is taken in once, and the payment takes each outcome once, whoever tells it first |

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::ports::{ChangeError, Load, NoteAuthor, RememberNews, Save, change_from};
use domain::{AuthorKind, Concern, Payment, ToldOfPayment};
use http_edge::{Api, By, Policy, Problem, WebhookVerifier};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{Clock, ConfigError, Env};
use providers::payment_news;
use serde_json::{Value, json};
use tracing::error;

/// How long ids of news are remembered: longer than any provider repeats them.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The payments table.
    pub table: String,
    /// The secrets of the provider's webhooks, the present one first.
    pub secrets: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("PAYMENTS_TABLE");
        let secrets = read.text("PAYMENT_WEBHOOK_SECRETS");
        read.finish(|| {
            Some(Self {
                table: table?,
                secrets: secrets?,
            })
        })
    }
}

/// What the function needs of the payments.
pub trait Payments: Load<Payment> + Save<Payment> + NoteAuthor + RememberNews {}
impl<S: Load<Payment> + Save<Payment> + NoteAuthor + RememberNews> Payments for S {}

/// What the route works with.
#[derive(Debug)]
pub struct App<P> {
    /// The payments.
    pub payments: P,
    /// Tells the provider from others.
    pub verifier: WebhookVerifier,
    /// The present time.
    pub clock: Clock,
}

/// The route at work.
pub fn api<P: Payments + Send + Sync + 'static>(app: App<P>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The route. It takes no token: the signature says who it is.
pub fn routes<P: Payments + Send + Sync + 'static>() -> Api<Arc<App<P>>> {
    Api::default().post("/api/v1/payments/webhook", Policy::Anybody, hear::<P>)
}

/// Whatever was genuine is answered 200, or the provider would send it again for days; what nobody
/// could take in is answered 503, so that it does.
async fn hear<P: Payments>(
    State(app): State<Arc<App<P>>>,
    By(mut author): By,
    headers: HeaderMap,
    body: Bytes,
) -> Result<axum::Json<Value>, Problem> {
    let now = app.clock.now();
    app.verifier.verify(&headers, &body, now)?;
    let news = payment_news(&body)?;
    if let Some(told) = news.told {
        http_edge::note_order(told.order_id);
        if !app.payments.is_known(&news.id).await? {
            author.kind = AuthorKind::Provider;
            take_in(&app.payments.by(&author), now, &told).await?;
            let until = now.saturating_add(REMEMBERED);
            app.payments.note(&news.id, until.unwrap_or(now)).await?;
        }
    }
    Ok(axum::Json(json!({"received": true})))
}

async fn take_in(
    payments: &impl Payments,
    now: Timestamp,
    told: &ToldOfPayment,
) -> Result<(), ChangeError<Concern>> {
    let order_id = told.order_id;
    let found = payments.load(&order_id).await?;
    let hear = |found: Option<Payment>| {
        let mut payment = found.unwrap_or_else(|| Payment::none(order_id));
        payment.hear(told, now).map(|()| payment)
    };
    match change_from(payments, &order_id, found, hear).await {
        Ok(payment) if payment.is_captured_after_close() => {
            flag(told, "money was taken after the order had ended");
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(ChangeError::Rejected(concern)) => {
            flag(told, &concern.to_string());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Nobody comes back to it by themselves. The field is what the alarm looks for.
fn flag(told: &ToldOfPayment, why: &str) {
    error!(
        needs_attention = true,
        order.id = %told.order_id,
        reference = %told.reference,
        why,
        "a person must look at what the payment provider told"
    );
}

#[cfg(test)]
mod tests;
