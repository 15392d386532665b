//! The way of every call: understood, struck or passed on, counted, answered.

use std::error::Error;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::BodyExt;

use crate::app::App;
use crate::faults::{Fault, Kind};
use crate::gate::through;
use crate::ledger::{Call, Interference};
use crate::outcome::{Answer, Outcome};
use crate::reading::Reading;
use crate::subject::Subject;
use crate::wire;

pub(crate) async fn pass(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return broken(StatusCode::BAD_REQUEST, &error).into_response(),
    };
    // In a task of its own: a caller that leaves stops neither the effect nor the counting.
    match tokio::spawn(carry(app, parts, body)).await {
        Ok(outcome) => outcome.into_response(),
        Err(error) => broken(StatusCode::INTERNAL_SERVER_ERROR, &error).into_response(),
    }
}

async fn carry(app: Arc<App>, parts: Parts, body: Bytes) -> Outcome {
    let started = app.clock.now();
    let subject = Subject::of(&parts, &body);
    let request_bytes = body.len();
    let fault = app.faults.strike(&subject, started);
    let (mut outcome, reading) = match fault.and_then(|fault| instead(fault.kind, &subject)) {
        Some(outcome) => {
            let reading = Reading::of(&subject, &outcome);
            (outcome, reading)
        }
        None => through(&app, &subject, parts, body).await,
    };
    if let Some(fault) = fault {
        outcome = afterwards(&app, fault, outcome).await;
    }
    let mut call = Call::new(subject, reading, &outcome);
    call.request_bytes = request_bytes;
    call.at_ms = started.as_secs_f64() * 1000.0;
    call.took_ms = app.clock.now().saturating_sub(started).as_secs_f64() * 1000.0;
    let number = app.ledger.note(call);
    outcome.with_request_id(number)
}

/// Passes a call on as it is.
pub(crate) async fn forward(app: &App, parts: Parts, body: Bytes) -> Outcome {
    match app.upstream.forward(parts, body).await {
        Ok(answer) => Outcome::passed_on(answer),
        Err(silence) => {
            let text = format!("no answer from {}: {}", app.upstream.url(), chain(&silence));
            Outcome::answered_here(
                plain(StatusCode::BAD_GATEWAY, &text),
                Interference::Unreachable,
            )
        }
    }
}

/// What happens in place of the call; nothing for a fault that lets it happen.
fn instead(kind: Kind, subject: &Subject) -> Option<Outcome> {
    match kind {
        Kind::Throttle => Some(Outcome::answered_here(
            wire::throttled(subject),
            Interference::Throttle,
        )),
        Kind::Error500 => Some(Outcome::answered_here(
            wire::internal_error(subject),
            Interference::Error500,
        )),
        Kind::Drop => Some(Outcome::dropped()),
        Kind::LostAnswer | Kind::Slow => None,
    }
}

async fn afterwards(app: &App, fault: Fault, outcome: Outcome) -> Outcome {
    match fault.kind {
        Kind::LostAnswer => Outcome {
            cut: true,
            ..outcome.struck_by(Interference::LostAnswer)
        },
        Kind::Slow => {
            app.clock.sleep(fault.delay).await;
            outcome.struck_by(Interference::Slow)
        }
        Kind::Throttle | Kind::Error500 | Kind::Drop => outcome,
    }
}

fn broken(status: StatusCode, error: &dyn Error) -> Outcome {
    Outcome::answered_here(plain(status, &chain(error)), Interference::Unreachable)
}

fn plain(status: StatusCode, text: &str) -> Answer {
    Answer::new(
        status,
        "text/plain; charset=utf-8",
        format!("aws-proxy: {text}\n"),
    )
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
