//! What whoever verifies our tokens needs to know (OpenID Connect Discovery 1.0; API Gateway's own
//! authorizer reads it).

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The path of the public keys.
pub const JWKS: &str = "/.well-known/jwks.json";
/// The path of [`configuration`].
pub const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// Public, and good for five minutes.
const CACHED: &str = "public, max-age=300";

/// The answer at [`JWKS`].
pub fn keys(jwks: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHED),
    ];
    (headers, jwks.to_owned()).into_response()
}

/// The answer at [`CONFIGURATION`].
pub fn described(issuer: &str) -> Response {
    let cached = [(header::CACHE_CONTROL, CACHED)];
    (cached, Json(configuration(issuer))).into_response()
}

/// What is said of the issuer with this name, an address below which the two paths are found.
pub fn configuration(issuer: &str) -> Value {
    let base = issuer.trim_end_matches('/');
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{base}{JWKS}"),
        "token_endpoint": format!("{base}/api/v1/auth/login"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}
