//! What whoever verifies our tokens needs to know.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use http_edge::token::discovery;

use crate::routes::App;

/// Public, and good for five minutes.
const CACHED: &str = "public, max-age=300";

pub(crate) async fn jwks<S, P>(State(app): State<Arc<App<S, P>>>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHED),
    ];
    (headers, app.tokens.jwks.clone())
}

pub(crate) async fn configuration<S, P>(State(app): State<Arc<App<S, P>>>) -> impl IntoResponse {
    let body = discovery::configuration(&app.tokens.issuer);
    ([(header::CACHE_CONTROL, CACHED)], axum::Json(body))
}
