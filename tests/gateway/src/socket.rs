//! The life of one socket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::future::{Either, select};
use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::Shared;
use crate::connections::{Connections, Order};
use crate::events::{Handshake, let_in, milliseconds};

/// Of each socket, in bytes; the library's own 128 KB would be 640 MB for 5,000.
const BUFFER: usize = 4 * 1024;
/// What an end without a word is called (RFC 6455, section 7.4.1).
const ABNORMAL: u16 = 1006;
/// What API Gateway says when it ends one.
const NORMAL: u16 = 1000;

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
            let orders = shared.connections.open(&handshake.id);
            let upgrade = upgrade.read_buffer_size(BUFFER);
            upgrade.on_upgrade(|socket| hold(shared, handshake, socket, orders))
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
    mut socket: WebSocket,
    mut orders: UnboundedReceiver<Order>,
) {
    let code = until_its_end(&shared, &handshake, &mut socket, &mut orders).await;
    shared.connections.remove(&handshake.id);
    // A failure is said where it happens, and nobody is left to be told.
    drop(shared.functions.route(&handshake.disconnect(code)).await);
}

/// Passes on what comes from either side; the code with which it ended.
async fn until_its_end(
    shared: &Arc<Shared>,
    handshake: &Handshake,
    socket: &mut WebSocket,
    orders: &mut UnboundedReceiver<Order>,
) -> u16 {
    loop {
        let next = {
            let order = std::pin::pin!(orders.recv());
            let heard = std::pin::pin!(socket.recv());
            match select(order, heard).await {
                Either::Left((order, _)) => Either::Left(order.unwrap_or(Order::Close)),
                Either::Right((heard, _)) => Either::Right(heard),
            }
        };
        match next {
            Either::Left(Order::Send(text)) => {
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return ABNORMAL;
                }
            }
            Either::Left(Order::Close) => return say_good_bye(socket).await,
            Either::Right(Some(Ok(Message::Text(text)))) => listen(shared, handshake, &text),
            Either::Right(Some(Ok(Message::Close(frame)))) => {
                return frame.map_or(ABNORMAL, |frame| frame.code);
            }
            // Pings are answered by the library.
            Either::Right(Some(Ok(_))) => {}
            Either::Right(_) => return ABNORMAL,
        }
    }
}

async fn say_good_bye(socket: &mut WebSocket) -> u16 {
    let frame = CloseFrame {
        code: NORMAL,
        reason: "Connection Closed Normally".into(),
    };
    // The client may be gone already.
    drop(socket.send(Message::Close(Some(frame))).await);
    NORMAL
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
            shared
                .connections
                .tell(&id, Order::Send(Value::to_string(&problem)));
        }
    });
}
