//! The life of one socket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::SplitStream;
use serde_json::Map;

use crate::Shared;
use crate::connections::{Connection, Connections, NORMAL, Opening};
use crate::events::{Handshake, let_in, milliseconds};

/// Of each socket, in bytes; the library's own 128 KB would be 640 MB for 5,000.
const BUFFER: usize = 4 * 1024;
/// What an end without a word is called (RFC 6455, section 7.4.1).
const ABNORMAL: u16 = 1006;

/// Which stage, from where, with what in the address.
type Named = (
    Path<String>,
    ConnectInfo<SocketAddr>,
    Query<BTreeMap<String, String>>,
);

pub(crate) async fn open(
    State(shared): State<Arc<Shared>>,
    (Path(stage), ConnectInfo(from), Query(query)): Named,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let handshake = Handshake {
        id: Connections::new_id(),
        stage,
        from,
        headers,
        query,
        at: milliseconds(),
        authorizer: Map::new(),
    };
    match admit(&shared, handshake).await {
        Ok(handshake) => {
            let (connection, opening) = shared.connections.open(&handshake.id).await;
            let upgrade = upgrade.read_buffer_size(BUFFER);
            upgrade.on_upgrade(|socket| hold(shared, handshake, socket, (connection, opening)))
        }
        Err(refused) => refused.into_response(),
    }
}

/// Asks the authorizer, then `$connect`.
async fn admit(shared: &Shared, mut handshake: Handshake) -> Result<Handshake, StatusCode> {
    let broken = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let functions = &shared.functions;
    let policy = functions.authorize(&handshake.asked()).await;
    if let Some(policy) = policy.map_err(broken)? {
        handshake.authorizer = let_in(&policy).ok_or(StatusCode::FORBIDDEN)?;
    }
    let answer = functions
        .route(&handshake.connect())
        .await
        .map_err(broken)?;
    let status = answer
        .as_ref()
        .and_then(|it| it.get("statusCode")?.as_u64());
    match status.unwrap_or(200) {
        200..=299 => Ok(handshake),
        other => Err(u16::try_from(other)
            .ok()
            .and_then(|other| StatusCode::from_u16(other).ok())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
    }
}

async fn hold(
    shared: Arc<Shared>,
    handshake: Handshake,
    socket: WebSocket,
    (connection, mut opening): (Arc<Connection>, Opening),
) {
    let (sink, mut stream) = socket.split();
    *opening = Some(sink);
    drop(opening);
    let code = until_its_end(&shared, &handshake, &connection, &mut stream).await;
    shared.connections.remove(&handshake.id);
    // A failure is said where it happens, and nobody is left to be told.
    drop(shared.functions.route(&handshake.disconnect(code)).await);
}

/// Passes on what the client says; the code with which it ended.
async fn until_its_end(
    shared: &Arc<Shared>,
    handshake: &Handshake,
    connection: &Connection,
    stream: &mut SplitStream<WebSocket>,
) -> u16 {
    loop {
        let ended = std::pin::pin!(connection.ended.notified());
        let heard = match select(ended, stream.next()).await {
            Either::Left(_) => return NORMAL,
            Either::Right((heard, _)) => heard,
        };
        match heard {
            Some(Ok(Message::Text(text))) => listen(shared, handshake, &text),
            Some(Ok(Message::Close(frame))) => return frame.map_or(ABNORMAL, |frame| frame.code),
            // Pings are answered by the library.
            Some(Ok(_)) => {}
            _ => return ABNORMAL,
        }
    }
}

/// Messages of one client may be under way at the same time, as at API Gateway.
fn listen(shared: &Arc<Shared>, handshake: &Handshake, text: &str) {
    let (shared, id) = (Arc::clone(shared), handshake.id.clone());
    let event = handshake.message(text);
    tokio::spawn(async move {
        if shared.functions.route(&event).await.is_err() {
            let problem = serde_json::json!({
                "message": "Internal server error",
                "connectionId": id,
            });
            if let Some(connection) = shared.connections.get(&id) {
                // The client may be gone already.
                connection
                    .send(Message::Text(problem.to_string().into()))
                    .await;
            }
        }
    });
}
