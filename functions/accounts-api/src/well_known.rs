//! What whoever verifies our tokens needs to know (OpenID Connect Discovery 1.0; API Gateway's own
//! authorizer reads it).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use crate::routes::App;

/// Public, and good for five minutes: a new key is published longer than that before it signs.
const CACHED: &str = "public, max-age=300";

pub(crate) async fn jwks<S, P>(State(app): State<Arc<App<S, P>>>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHED),
    ];
    (headers, app.tokens.jwks.clone())
}

pub(crate) async fn configuration<S, P>(State(app): State<Arc<App<S, P>>>) -> impl IntoResponse {
    let issuer = &app.tokens.issuer;
    let base = issuer.trim_end_matches('/');
    let body = json!({
        "issuer": issuer,
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "token_endpoint": format!("{base}/api/v1/auth/login"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    ([(header::CACHE_CONTROL, CACHED)], axum::Json(body))
}
