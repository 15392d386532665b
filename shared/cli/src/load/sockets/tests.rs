//! Against a small server that plays tickets and sockets.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::super::Load;
use super::*;
use crate::{Arguments, Command};

fn sockets(line: &str) -> Sockets {
    let line = format!("cartwright load sockets {line}");
    let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
    match arguments.command {
        Command::Load(Load::Sockets(sockets)) => *sockets,
        other => panic!("{other:?}"),
    }
}

/// How the server deals with sockets.
#[derive(Clone)]
struct Played {
    address: String,
    opened: Arc<AtomicUsize>,
    /// Ends the first socket after its first messages.
    cuts: bool,
}

async fn serve(cuts: bool) -> Played {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let played = Played {
        address: listener.local_addr().unwrap().to_string(),
        opened: Arc::default(),
        cuts,
    };
    let router = Router::new()
        .route("/api/v1/realtime/tickets", post(ticket))
        .route("/live", get(open))
        .with_state(played.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    played
}

async fn ticket(State(played): State<Played>) -> Json<Value> {
    let url = format!("ws://{}/live", played.address);
    Json(json!({"ticket": "a+b", "url": url, "expires_in": 60}))
}

async fn open(
    State(played): State<Played>,
    Query(query): Query<Vec<(String, String)>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if query != [("ticket".to_owned(), "a+b".to_owned())] {
        return axum::http::StatusCode::FORBIDDEN.into_response();
    }
    let number = played.opened.fetch_add(1, Ordering::Relaxed);
    let is_cut = played.cuts && number == 0;
    upgrade.on_upgrade(move |socket| push(socket, is_cut))
}

/// 3, 5 and 5 again; 4 only to who asks for what it missed.
async fn push(mut socket: WebSocket, is_cut: bool) {
    if is_cut {
        say(&mut socket, notification(3)).await;
        return;
    }
    for number in [3, 5, 5] {
        say(&mut socket, notification(number)).await;
    }
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let asked: Value = serde_json::from_str(&text).unwrap();
        if asked["action"] == "ping" {
            say(&mut socket, json!({"type": "pong"})).await;
            continue;
        }
        assert_eq!(
            asked,
            json!({"action": "resume", "list": "own", "cursor": "c3"})
        );
        say(&mut socket, notification(4)).await;
        let resumed =
            json!({"type": "resumed", "list": "own", "number": 5, "cursor": "c5", "more": false});
        say(&mut socket, resumed).await;
    }
}

fn notification(number: u64) -> Value {
    let at = crate::now().to_string();
    json!({
        "type": "notification", "list": "own", "number": number, "cursor": format!("c{number}"),
        "notification": {"id": number.to_string(), "timestamp": at},
    })
}

async fn say(socket: &mut WebSocket, frame: Value) {
    // The client may have left.
    drop(socket.send(Message::Text(frame.to_string().into())).await);
}

fn by_ticket(played: &Played) -> Door {
    let url = format!("http://{}", played.address);
    let settings = Settings::of([("API_URL", &url), ("CUSTOMER_TOKEN", "token")]);
    Door::ByTicket(Box::new(Api::new(&settings, None).unwrap()))
}

#[tokio::test]
async fn clients_come_in_by_tickets_and_say_what_came_twice_or_not_at_all() {
    let played = serve(false).await;
    let sockets = sockets("--connections 20 --rate 1000 --hold 2 --ping 1");
    let report = sockets.hold(by_ticket(&played)).await.unwrap();
    assert_eq!((report.opened, report.refused, report.cuts), (20, 0, 0));
    assert_eq!(
        (report.messages, report.twice, report.missing),
        (60, 20, 20)
    );
    assert_eq!(report.latency.count, 60);
    assert!(report.pongs >= 20, "{report:?}");
}

#[tokio::test]
async fn who_was_cut_comes_back_and_asks_for_what_it_missed() {
    let played = serve(true).await;
    let sockets = sockets("--connections 1 --hold 3");
    let report = sockets.hold(by_ticket(&played)).await.unwrap();
    assert_eq!((report.opened, report.cuts, report.resumed), (1, 1, 1));
    assert_eq!(report.missing, 0, "{report:?}");
    assert_eq!(
        report.latency.count, 1,
        "what was missed is late for another reason"
    );
}

#[tokio::test]
async fn who_is_not_let_in_tries_again_until_the_end() {
    let played = serve(false).await;
    let url = format!("ws://{}/live?ticket=forged", played.address);
    let report = sockets("--connections 2 --hold 1")
        .hold(Door::Open(url))
        .await
        .unwrap();
    assert_eq!((report.opened, report.messages), (0, 0));
    assert!(report.refused >= 2, "{report:?}");
    assert!(
        report.to_string().starts_with("0 of 2 sockets opened"),
        "{report}"
    );
}

#[tokio::test]
async fn an_address_that_is_no_websockets_is_refused() {
    for url in [
        "http://127.0.0.1:1/",
        "ws:",
        "x",
        "wss://127.0.0.1:1/",
        "ws://127.0.0.1:1/",
    ] {
        assert!(wire::open(url).await.is_err(), "{url}");
    }
}
