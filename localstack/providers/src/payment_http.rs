//! The payment provider's routes: form in, JSON out, as Stripe does it.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::answer::Answer;
use crate::app::{App, Request, Work};
use crate::gate;
use crate::idempotency::Key;
use crate::intent::Terms;
use crate::operation::{Operation, Subject};
use crate::params::{BadParam, Params};
use crate::party::{self, Call};
use crate::payment::{Command, Query};
use crate::payment_wire::unauthorised;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/payment_intents", post(create).get(list))
        .route("/payment_intents/{id}", get(retrieve))
        .route("/payment_intents/{id}/capture", post(capture))
        .route("/payment_intents/{id}/cancel", post(cancel))
        .route("/refunds", post(refund).get(refunds))
}

async fn create(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let command = |mut params: Params| {
        params.need_exactly("capture_method", "manual")?;
        params.need_exactly("confirm", "true")?;
        // Nobody acts here: a card that asks for it is declined whatever this says.
        params.take("error_on_requires_action");
        let terms = Terms {
            amount: charge(params.amount("amount")?)?,
            currency: currency(&params.need("currency")?)?,
            payment_method: params.need("payment_method")?,
            metadata: params.metadata(),
        };
        params.end()?;
        Ok(Command::Create(terms))
    };
    let sent = Sent::new(
        Operation::PaymentCreate,
        "/payment_intents",
        &headers,
        &body,
    );
    act(app, sent, command).await
}

/// The least and the most that Stripe charges in one payment: the equivalent of 0.50 USD, here the
/// same in every currency, and eight digits (API reference, "Create a PaymentIntent").
const CHARGES: RangeInclusive<i64> = 50..=99_999_999;

fn charge(amount: Option<i64>) -> Result<i64, BadParam> {
    let refused = match amount {
        None => "parameter_missing",
        Some(amount) if amount < *CHARGES.start() => "amount_too_small",
        Some(amount) if amount > *CHARGES.end() => "amount_too_large",
        Some(amount) => return Ok(amount),
    };
    Err(BadParam::new(refused, "amount"))
}

async fn capture(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/payment_intents/{id}/capture");
    let command = |mut params: Params| {
        let amount = params.amount("amount_to_capture")?;
        params.end()?;
        Ok(Command::Capture { intent: id, amount })
    };
    let sent = Sent::new(Operation::PaymentCapture, &path, &headers, &body);
    act(app, sent, command).await
}

async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/payment_intents/{id}/cancel");
    let command = |mut params: Params| {
        let reason = params.take("cancellation_reason");
        params.end()?;
        Ok(Command::Cancel { intent: id, reason })
    };
    let sent = Sent::new(Operation::PaymentCancel, &path, &headers, &body);
    act(app, sent, command).await
}

async fn refund(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let command = |mut params: Params| {
        let intent = params.need("payment_intent")?;
        let amount = params.amount("amount")?;
        let metadata = params.metadata();
        params.end()?;
        Ok(Command::Refund {
            intent,
            amount,
            metadata,
        })
    };
    let sent = Sent::new(Operation::PaymentRefund, "/refunds", &headers, &body);
    act(app, sent, command).await
}

async fn retrieve(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !has_api_key(&headers) {
        return unauthorised().into_response();
    }
    let subject = Subject {
        operation: Operation::PaymentRetrieve,
        about: app.order_of(&id),
        intent: Some(id.clone()),
        key: None,
    };
    ask(app, subject, Query::Intent(id)).await
}

async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !has_api_key(&headers) {
        return unauthorised().into_response();
    }
    let parsed = Params::parse(query.unwrap_or_default().as_bytes()).and_then(|mut params| {
        let metadata = params.metadata();
        params.end()?;
        Ok(metadata)
    });
    let metadata = match parsed {
        Ok(metadata) => metadata,
        Err(bad) => return bad.answer().into_response(),
    };
    let subject = Subject::new(Operation::PaymentList, metadata.get("order_id").cloned());
    let lag = app.faults.lookup_lag(&subject);
    ask(app, subject, Query::Intents { metadata, lag }).await
}

/// The refunds of one payment.
async fn refunds(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !has_api_key(&headers) {
        return unauthorised().into_response();
    }
    let parsed = Params::parse(query.unwrap_or_default().as_bytes()).and_then(|mut params| {
        // All of them fit any page.
        params.take("limit");
        let intent = params.need("payment_intent")?;
        params.end()?;
        Ok(intent)
    });
    let intent = match parsed {
        Ok(intent) => intent,
        Err(bad) => return bad.answer().into_response(),
    };
    let subject = Subject {
        operation: Operation::RefundList,
        about: app.order_of(&intent),
        intent: Some(intent.clone()),
        key: None,
    };
    ask(app, subject, Query::Refunds(intent)).await
}

async fn ask(app: Arc<App>, subject: Subject, query: Query) -> Response {
    gate::pass(app, subject, Work::Read(party::Query::Payment(query))).await
}

/// A request that changes something, before its form is understood.
struct Sent<'a> {
    operation: Operation,
    path: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl<'a> Sent<'a> {
    fn new(operation: Operation, path: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self {
            operation,
            path,
            headers,
            body,
        }
    }
}

async fn act(
    app: Arc<App>,
    sent: Sent<'_>,
    command: impl FnOnce(Params) -> Result<Command, BadParam>,
) -> Response {
    match understand(&app, &sent, command) {
        Ok((subject, request)) => gate::pass(app, subject, Work::Write(request)).await,
        Err(answer) => answer.into_response(),
    }
}

fn understand(
    app: &App,
    sent: &Sent<'_>,
    command: impl FnOnce(Params) -> Result<Command, BadParam>,
) -> Result<(Subject, Request), Answer> {
    if !has_api_key(sent.headers) {
        return Err(unauthorised());
    }
    let params = Params::parse(sent.body).map_err(|bad| bad.answer())?;
    let key = key_name(sent.headers)?.map(|name| Key {
        name,
        fingerprint: params.fingerprint(sent.path),
    });
    let command = command(params).map_err(|bad| bad.answer())?;
    let intent = match &command {
        Command::Create(_) => None,
        Command::Capture { intent, .. }
        | Command::Cancel { intent, .. }
        | Command::Refund { intent, .. } => Some(intent.clone()),
    };
    let about = match &command {
        Command::Create(terms) => terms.metadata.get("order_id").cloned(),
        _ => intent.as_deref().and_then(|intent| app.order_of(intent)),
    };
    let subject = Subject {
        operation: sent.operation,
        about,
        intent,
        key: key.as_ref().map(|key| key.name.clone()),
    };
    let call = Call::Payment(command);
    Ok((subject, Request { call, key }))
}

fn has_api_key(headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|key| !key.trim().is_empty())
}

fn key_name(headers: &HeaderMap) -> Result<Option<String>, Answer> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(name) if (1..=255).contains(&name.len()) => Ok(Some(name.to_owned())),
        _ => Err(BadParam::new("parameter_invalid", "Idempotency-Key").answer()),
    }
}

fn currency(text: &str) -> Result<String, BadParam> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(BadParam::new("parameter_invalid", "currency"))
}
