//! What a caller gets back: an answer, or a connection that ends without one.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::operation::Operation;
use crate::sms_wire;

/// Status and exact body, so that a replay is equal byte for byte, also after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    #[serde(skip)]
    pub(crate) replayed: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: body.to_string(),
            replayed: false,
        }
    }

    /// A failure of the service itself, in the shape that the operation's party uses.
    pub(crate) fn broken(operation: Operation, status: u16, message: &str) -> Self {
        match operation.party() {
            "payment" => Self::new(
                status,
                &json!({"error": {"type": "api_error", "message": message}}),
            ),
            // Twilio's codes for what is wrong with itself end in the status.
            "sms" => sms_wire::refused(status, 20_000 + u32::from(status), message),
            _ => Self::new(
                status,
                &json!({"error": {"code": "unavailable", "message": message}}),
            ),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (status, json, self.body).into_response();
        if self.replayed {
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert("idempotent-replayed", yes);
        }
        response
    }
}

/// Ends the connection before a byte of the answer was sent: the server gives up on a body that
/// fails at once, and by then it has flushed nothing.
pub(crate) fn cut() -> Response {
    let failure = futures::stream::once(async {
        Err::<Bytes, io::Error>(io::Error::other("the answer is lost on purpose"))
    });
    Response::new(Body::from_stream(failure))
}
