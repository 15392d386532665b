//! `@connections`: what functions do with open sockets
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>).

use std::sync::Arc;

use axum::Json;
use axum::extract::ws::Message;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Shared;

type Named = Path<(String, String)>;

pub(crate) async fn post(
    State(shared): State<Arc<Shared>>,
    Path((_, id)): Named,
    text: String,
) -> Response {
    let is_told = match shared.connections.get(&id) {
        Some(connection) => connection.send(Message::Text(text.into())).await,
        None => false,
    };
    done(is_told, StatusCode::OK)
}

pub(crate) async fn close(State(shared): State<Arc<Shared>>, Path((_, id)): Named) -> Response {
    let is_told = match shared.connections.remove(&id) {
        Some(connection) => connection.close().await,
        None => false,
    };
    done(is_told, StatusCode::NO_CONTENT)
}

pub(crate) async fn tell(State(shared): State<Arc<Shared>>, Path((_, id)): Named) -> Response {
    done(shared.connections.get(&id).is_some(), StatusCode::OK)
}

pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<String>> {
    Json(shared.connections.ids())
}

fn done(is_open: bool, status: StatusCode) -> Response {
    match is_open {
        true => status.into_response(),
        false => (StatusCode::GONE, Json(json!({"message": "Gone"}))).into_response(),
    }
}
