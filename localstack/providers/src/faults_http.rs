//! Switches faults on and off over HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::faults::{Fault, Kind, Lost, Target};
use crate::params::Params;

/// Most copies of one webhook, of each sort.
const MOST_COPIES: u32 = 200;
/// No fault reaches further than a day.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(list).delete(clear))
        .route("/{target}", put(switch_on).delete(switch_off))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    kind: KindName,
    ms: Option<u64>,
    code: Option<String>,
    answer: Option<Lost>,
    #[serde(rename = "match")]
    matching: Option<String>,
    times: Option<u64>,
    genuine: Option<u32>,
    forged: Option<u32>,
    aged: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Decline,
    Slow,
    Hang,
    Error500,
    Down,
    Drop,
    AppliedNoAnswer,
    LateEffect,
    LookupLag,
    Repeat,
    Swap,
}

async fn list(State(app): State<Arc<App>>) -> Response {
    Json(app.faults.list()).into_response()
}

async fn switch_on(
    State(app): State<Arc<App>>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    match understand(&target, &body) {
        Ok(fault) => Json(app.faults.put(fault)).into_response(),
        Err(message) => bad(&message),
    }
}

async fn switch_off(
    State(app): State<Arc<App>>,
    Path(target): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match target.parse::<Target>() {
        Ok(target) => removed(app.faults.remove(&target, matching(query).as_deref())),
        Err(message) => bad(&message),
    }
}

async fn clear(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    removed(app.faults.clear(matching(query).as_deref()))
}

fn understand(target: &str, body: &[u8]) -> Result<Fault, String> {
    let target = target.parse::<Target>()?;
    let body: FaultBody = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let kind = body.to_kind()?;
    Ok(Fault::new(target, kind, body.matching, body.times))
}

impl FaultBody {
    fn to_kind(&self) -> Result<Kind, String> {
        let answer = self.answer.unwrap_or_default();
        Ok(match self.kind {
            KindName::Decline => Kind::Decline {
                code: self
                    .code
                    .clone()
                    .unwrap_or_else(|| "generic_decline".to_owned()),
            },
            KindName::Slow => Kind::Slow {
                ms: self.need_ms()?,
            },
            KindName::Hang => Kind::Hang,
            KindName::Error500 => Kind::Error500,
            KindName::Down => Kind::Down,
            KindName::Drop => Kind::Drop,
            KindName::AppliedNoAnswer => Kind::AppliedNoAnswer { answer },
            KindName::LateEffect => Kind::LateEffect {
                ms: self.need_ms()?,
                answer,
            },
            KindName::LookupLag => Kind::LookupLag {
                ms: self.need_ms()?,
            },
            KindName::Repeat => Kind::Repeat {
                genuine: copies(self.genuine, 1)?,
                forged: copies(self.forged, 0)?,
                aged: copies(self.aged, 0)?,
            },
            KindName::Swap => Kind::Swap,
        })
    }

    fn need_ms(&self) -> Result<u64, String> {
        self.ms
            .filter(|ms| *ms <= LONGEST_MS)
            .ok_or_else(|| format!("this kind needs `ms`, at most {LONGEST_MS}"))
    }
}

fn copies(wanted: Option<u32>, default: u32) -> Result<u32, String> {
    let copies = wanted.unwrap_or(default);
    if copies <= MOST_COPIES {
        Ok(copies)
    } else {
        Err(format!("at most {MOST_COPIES} copies of each sort"))
    }
}

pub(crate) fn matching(query: Option<String>) -> Option<String> {
    let mut params = Params::parse(query?.as_bytes()).ok()?;
    params.take("match")
}

fn removed(count: usize) -> Response {
    Json(json!({"removed": count})).into_response()
}

fn bad(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message}))).into_response()
}
