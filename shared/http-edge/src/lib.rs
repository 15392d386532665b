//! The edge of the HTTP API: everything between API Gateway and a route's own work. One list of
//! routes with who may use each ([`Api`]); one tower stack ([`edge()`]) for request ids, tracing, access tokens, body limits, security headers and
//! the line in the log; one form for every refusal ([`Problem`]); one way to read a body
//! ([`Json`]); one way to go on in a list ([`Cursors`]).

mod api;
mod author;
mod correlation;
mod cors;
mod cursor;
mod edge;
mod etag;
mod headers;
mod json;
mod keyring;
mod limits;
mod measure;
mod once;
mod phones;
mod problem;
mod refusals;
pub mod token;
mod webhook;

pub use api::{Api, Caller, Elsewhere, Policy, Route};
pub use author::By;
pub use correlation::{Correlation, note_order};
pub use cors::{InvalidOrigins, Origins};
pub use cursor::{CursorKeyError, Cursors, MAX_PAGE, page_size};
pub use edge::{BODY_LIMIT, Options, edge};
pub use etag::{IfMatch, etag};
pub use json::Json;
pub use limits::{Guesses, InvalidRates, Limits, Rates};
pub use once::{IdempotencyKey, Once, answer_once, key_reused, mark_replayed};
pub use problem::Problem;
pub use token::{Principal, PrincipalKind, Role, TokenVerifier};
pub use webhook::{WebhookSecretsError, WebhookVerifier};
