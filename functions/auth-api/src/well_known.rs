//! What whoever verifies our tokens needs to know.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http_edge::token::discovery;

use crate::routes::App;

pub(crate) async fn jwks<S, P, T>(State(app): State<Arc<App<S, P, T>>>) -> Response {
    discovery::keys(&app.tokens.jwks)
}

pub(crate) async fn configuration<S, P, T>(State(app): State<Arc<App<S, P, T>>>) -> Response {
    discovery::described(&app.tokens.issuer)
}
