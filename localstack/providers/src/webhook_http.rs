//! Says over HTTP where webhooks go, and what became of them.

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
use crate::faults_http::matching;
use crate::params::Params;
use crate::webhook::{Sender, Target};

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(list))
        .route("/deliveries", get(deliveries))
        .route("/{sender}", put(aim).delete(forget))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetBody {
    url: String,
    secret: String,
    #[serde(rename = "match")]
    matching: Option<String>,
}

async fn list(State(app): State<Arc<App>>) -> Response {
    Json(app.courier.targets()).into_response()
}

async fn deliveries(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let params = query.and_then(|query| Params::parse(query.as_bytes()).ok());
    let order_id = params.and_then(|mut params| params.take("order_id"));
    Json(app.courier.deliveries(order_id.as_deref())).into_response()
}

async fn aim(State(app): State<Arc<App>>, Path(sender): Path<Sender>, body: Bytes) -> Response {
    let body: TargetBody = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => {
            let message = json!({"error": error.to_string()});
            return (StatusCode::BAD_REQUEST, Json(message)).into_response();
        }
    };
    let target = Target {
        sender,
        url: body.url,
        secret: body.secret,
        matching: body.matching,
    };
    app.courier.aim(target.clone());
    Json(target).into_response()
}

async fn forget(
    State(app): State<Arc<App>>,
    Path(sender): Path<Sender>,
    RawQuery(query): RawQuery,
) -> Response {
    app.courier.forget(sender, matching(query).as_deref());
    StatusCode::NO_CONTENT.into_response()
}
