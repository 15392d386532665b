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
    way: Way,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// All are told the same.
    Plain,
    /// The first socket ends after its first message.
    CutsTheFirst,
    /// Only the third is told something, and only once it pings: by then all are open.
    TellsTheThird,
}

async fn serve(way: Way) -> Played {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let played = Played {
        address: listener.local_addr().unwrap().to_string(),
        opened: Arc::default(),
        way,
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
    upgrade.on_upgrade(move |socket| async move {
        match (played.way, number) {
            (Way::CutsTheFirst, 0) => drop(tell(socket, &[3]).await),
            (Way::TellsTheThird, _) => stay(socket, (number == 2).then_some(3)).await,
            _ => stay(tell(socket, &[3, 5, 5]).await, None).await,
        }
    })
}

async fn tell(mut socket: WebSocket, numbers: &[u64]) -> WebSocket {
    for number in numbers {
        say(&mut socket, notification(*number)).await;
    }
    socket
}

/// 4 is told only to who asks for what it missed.
async fn stay(mut socket: WebSocket, mut at_a_ping: Option<u64>) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let asked: Value = serde_json::from_str(&text).unwrap();
        if asked["action"] == "ping" {
            socket = tell(socket, at_a_ping.take().as_slice()).await;
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
    let played = serve(Way::Plain).await;
    let sockets = sockets("--connections 20 --rate 1000 --hold 2 --ping 1");
    let report = sockets
        .hold(vec![by_ticket(&played)], Duration::ZERO)
        .await
        .unwrap();
    assert_eq!((report.opened, report.refused, report.cuts), (20, 0, 0));
    assert_eq!(
        (report.messages, report.twice, report.missing),
        (60, 20, Some(20))
    );
    assert_eq!(report.ending(), Ending::NotHeard);
    assert_eq!(report.latency.count, 60);
    assert!(report.pongs >= 20, "{report:?}");
}

#[tokio::test]
async fn who_was_cut_comes_back_and_asks_for_what_it_missed() {
    let played = serve(Way::CutsTheFirst).await;
    let sockets = sockets("--connections 1 --hold 3");
    let report = sockets
        .hold(vec![by_ticket(&played)], Duration::ZERO)
        .await
        .unwrap();
    assert_eq!((report.opened, report.cuts, report.resumed), (1, 1, 1));
    assert_eq!(report.missing, Some(0), "{report:?}");
    assert_eq!(report.ending(), Ending::Done);
    assert_eq!(
        report.latency.count, 1,
        "what was missed is late for another reason"
    );
}

#[tokio::test]
async fn who_is_not_let_in_tries_again_until_the_end() {
    let played = serve(Way::Plain).await;
    let url = format!("ws://{}/live?ticket=forged", played.address);
    let report = sockets("--connections 2 --hold 1")
        .hold(vec![Door::Open(url)], Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(
        (report.opened, report.messages, report.missing),
        (0, 0, None)
    );
    assert_eq!(report.ending(), Ending::NotHeard);
    assert!(report.refused >= 2, "{report:?}");
    assert!(
        report.to_string().starts_with("0 of 2 sockets opened"),
        "{report}"
    );
    assert!(
        report.to_string().contains("what is missing is not known"),
        "{report}"
    );
}

/// A customer's sockets are in one row, which has room for 500.
#[tokio::test]
async fn more_sockets_than_the_customers_have_room_for_are_refused() {
    let settings = Settings::of([("API_URL", "http://127.0.0.1:1"), ("CUSTOMER_TOKEN", "t")]);
    for (line, customers) in [
        ("--connections 500", Some(1)),
        ("--connections 501", None),
        ("--connections 501 --token a", None),
        ("--connections 1000 --token a --token b", Some(2)),
        ("--connections 1001 --token a --token b", None),
        ("--connections 5000 --url ws://127.0.0.1:1/", Some(1)),
    ] {
        let doors = sockets(line).doors(&settings);
        let found = doors.as_ref().ok().map(Vec::len);
        assert_eq!(found, customers, "{line}");
        if let Err(refused) = doors {
            assert_eq!(refused.exit_code(), std::process::ExitCode::from(2));
            assert!(refused.in_words().contains("give `--token`"), "{line}");
        }
    }
}

/// All of a customer's sockets are told the same, so what one of them heard the others should have.
#[tokio::test]
async fn who_hears_nothing_while_others_of_the_same_customer_do_misses_it() {
    let played = serve(Way::TellsTheThird).await;
    let sockets = sockets("--connections 3 --rate 1000 --hold 2 --ping 1");
    let report = sockets
        .hold(vec![by_ticket(&played)], Duration::ZERO)
        .await
        .unwrap();
    assert_eq!((report.messages, report.missing), (1, Some(2)));
    assert_eq!(report.ending(), Ending::NotHeard);
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
