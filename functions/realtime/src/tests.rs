//! Sockets of a gateway in memory, through the runner.

use contracts::sockets::SocketOwner;
use domain::SessionId;
use domain::ports::{KeepAccounts, KeepSessions, KeepSockets};
use domain::ports::{KeepNotifications, ReadNotifications};
use domain::{Notice, Notification, Session, SessionLimits, SocketId, Ticket, Topic};
use http_edge::Rates;
use lambda_boot::{Clock, Diagnostic, task};
use serde_json::{Value, json};
use testkit::build::{a_notice, an_account, at, customer, session_id, sku, tenant};
use testkit::fakes::{FakeAccounts, FakeCounters, FakeRealtime, FakeSockets, Fault, SocketFault};
use testkit::http::cursors;

use super::*;

mod dashboard;
mod groups;
mod leaving;
mod pushes;

/// Alice, her list, and the gateway.
struct World {
    lists: FakeRealtime,
    accounts: FakeAccounts,
    gateway: FakeSockets,
    app: App<FakeRealtime, FakeAccounts, FakeSockets>,
}

fn alice() -> (TenantId, CustomerId) {
    (tenant(), customer("alice"))
}

fn her_sockets() -> Topic {
    let (tenant, reader) = alice();
    Topic::Person(tenant, reader)
}

fn id(text: &str) -> SocketId {
    SocketId::parse(text).unwrap()
}

fn owner(session: Option<SessionId>) -> SocketOwner {
    SocketOwner::of(&Ticket::new(alice(), session, at(0)), at(0))
}

fn event(kind: &str, socket: &str, owner: &SocketOwner, body: Option<Value>) -> Value {
    json!({
        "requestContext": {
            "eventType": kind, "connectionId": socket, "authorizer": owner, "stage": "live",
        },
        "body": body.map(|body| body.to_string()),
        "isBase64Encoded": false,
    })
}

impl World {
    fn new() -> Self {
        Self::on_day(0)
    }

    fn on_day(day: i64) -> Self {
        let (lists, accounts) = (FakeRealtime::default(), FakeAccounts::default());
        let gateway = FakeSockets::default();
        gateway.open(&id("one"));
        let rates = Rates {
            user: 100,
            ..Rates::default()
        };
        let app = App {
            lists: lists.clone(),
            accounts: accounts.clone(),
            gateway: gateway.clone(),
            cursors: cursors(),
            clock: Clock::fixed(at(day * 86_400 + 60)),
            limits: Limits::new(FakeCounters::default(), rates, || at(60)),
        };
        Self {
            lists,
            accounts,
            gateway,
            app,
        }
    }

    async fn send(&self, event: Value) -> Result<Value, Diagnostic> {
        task::answer(async |event| handle_socket(&self.app, event).await, event).await
    }

    async fn connect(&self, socket: &str, session: Option<SessionId>) -> Value {
        let answer = self.send(event("CONNECT", socket, &owner(session), None));
        let status = answer.await.unwrap()["statusCode"].clone();
        if status == json!(200) {
            self.gateway.open(&id(socket));
        }
        status
    }

    /// What is said last to a frame; nothing where nothing is.
    async fn say(&self, socket: &str, frame: Value) -> Value {
        self.say_as(&owner(None), socket, frame).await
    }

    async fn say_as(&self, owner: &SocketOwner, socket: &str, frame: Value) -> Value {
        let before = self.gateway.received(&id(socket)).len();
        let answer = self.send(event("MESSAGE", socket, owner, Some(frame)));
        assert_eq!(answer.await.unwrap(), json!({"statusCode": 200}));
        let mut said = self.gateway.received(&id(socket)).split_off(before);
        let last = said.pop().map(|text| serde_json::from_str(&text).unwrap());
        last.unwrap_or_default()
    }

    async fn refused(&self, frame: Value) -> (Value, u64) {
        let answer = self.say("one", frame).await;
        assert_eq!(answer["type"], json!("error"), "{answer}");
        let status = answer["problem"]["status"].as_u64().unwrap();
        (answer["id"].clone(), status)
    }

    async fn tell(&self, notice: Notice) -> Notification {
        let (tenant, reader) = alice();
        let reader = (&tenant, &reader);
        let list = self.lists.list_of(reader).await.unwrap();
        let next = list.next(notice, false).unwrap();
        self.lists.keep(reader, next).await.unwrap()
    }

    async fn hers(&self) -> Vec<SocketId> {
        let sockets = self.lists.sockets_of(&her_sockets()).await.unwrap();
        sockets.into_iter().map(|socket| socket.id).collect()
    }

    /// Frames that a socket received, as type and number.
    fn heard(&self, socket: &str) -> Vec<(String, Option<u64>)> {
        let frames = self.gateway.received(&id(socket)).into_iter();
        let frame = |text: String| {
            let frame: Value = serde_json::from_str(&text).unwrap();
            let kind = frame["type"].as_str().unwrap().to_owned();
            (kind, frame["number"].as_u64())
        };
        frames.map(frame).collect()
    }
}

fn cursor(number: u64) -> String {
    let (tenant, reader) = alice();
    let name = contracts::sockets::own_list(&tenant, &reader);
    cursors().make(&name, &number.to_string())
}

fn resume(number: u64) -> Value {
    json!({"action": "resume", "list": "own", "cursor": cursor(number), "id": "r"})
}

#[tokio::test]
async fn a_socket_is_its_readers_while_it_is_open() {
    let world = World::new();
    for _ in 0..2 {
        assert_eq!(world.connect("one", None).await, json!(200));
    }
    assert_eq!(world.connect("two", None).await, json!(200));
    assert_eq!(world.hers().await, [id("one"), id("two")]);
    let closed = event("DISCONNECT", "one", &owner(None), None);
    for _ in 0..2 {
        world.send(closed.clone()).await.unwrap();
    }
    assert_eq!(world.hers().await, [id("two")]);
}

async fn sign_in(world: &World) -> Session {
    let account = world.accounts.register(an_account("alice")).await.unwrap();
    let limits = SessionLimits::default();
    let session = Session::begin(session_id(1), &account, &limits, at(0));
    world.accounts.save_session(session).await.unwrap()
}

#[tokio::test]
async fn who_is_signed_in_connects() {
    let world = World::new();
    let session = sign_in(&world).await;
    assert_eq!(world.connect("one", Some(session.id)).await, json!(200));
    assert_eq!(world.hers().await, [id("one")]);
}

/// F31: with a ticket that was taken out before the end.
#[tokio::test]
async fn who_signed_out_meanwhile_does_not() {
    let world = World::new();
    let mut session = sign_in(&world).await;
    let unknown = Some(session_id(2));
    assert_eq!(world.connect("one", unknown).await, json!(401));
    session.sign_out(at(1));
    world.accounts.save_session(session.clone()).await.unwrap();
    assert_eq!(world.connect("one", Some(session.id)).await, json!(401));
    assert_eq!(world.hers().await, []);
}

#[tokio::test]
async fn whose_account_is_closed_does_not() {
    let world = World::new();
    let session = sign_in(&world).await;
    let alice = world.accounts.account(&customer("alice")).await.unwrap();
    let mut account = alice.unwrap();
    account.deactivate(at(1));
    world.accounts.save_account(account).await.unwrap();
    for session in [None, Some(session.id)] {
        assert_eq!(world.connect("one", session).await, json!(401));
    }
    assert_eq!(world.hers().await, []);
}

/// The row first: whoever signs out in between finds it.
#[tokio::test]
async fn nobody_connects_without_a_row() {
    let world = World::new();
    world.lists.fail_next_write(Fault::FailBefore);
    let connect = event("CONNECT", "one", &owner(None), None);
    let refused = world.send(connect).await.unwrap_err();
    assert_eq!(refused.error_type, "Unavailable");
}

#[tokio::test]
async fn somebody_has_so_many_sockets_and_those_that_are_over_do_not_count() {
    let world = World::new();
    for number in 0..domain::ports::MOST_SOCKETS {
        let socket = Socket {
            id: id(&format!("old-{number}")),
            session: None,
            since: at(if number < 10 { -2 * 86_400 } else { 0 }),
        };
        world.lists.join(&her_sockets(), &socket).await.unwrap();
    }
    for number in 0..10 {
        let opened = world.connect(&format!("new-{number}"), None).await;
        assert_eq!(opened, json!(200), "{number}");
    }
    assert_eq!(world.connect("late", None).await, json!(429));
}

/// Those of a SKU are told by nobody that they are over while its stock stays.
#[tokio::test]
async fn sockets_that_are_over_make_room_for_who_asks_for_stock() {
    let world = World::new();
    let tea = Topic::Stock(sku("tea"));
    let old = |number| Socket {
        id: id(&format!("old-{number}")),
        session: None,
        since: at(-2 * 86_400),
    };
    let row = |socket: &Socket| tea.slice_of(&socket.id) == tea.slice_of(&id("one"));
    let fill = (0..).map(old).filter(row).take(domain::ports::MOST_SOCKETS);
    for socket in fill {
        assert!(world.lists.join(&tea, &socket).await.unwrap());
    }
    let frame = json!({"action": "subscribe", "to": ["stock:tea"]});
    assert_eq!(world.say("one", frame).await["type"], json!("subscribed"));
}

#[tokio::test]
async fn a_ping_is_answered_with_the_clients_id() {
    let world = World::new();
    let ping = json!({"action": "ping", "id": "7"});
    assert_eq!(
        world.say("one", ping).await,
        json!({"type": "pong", "number": 0, "id": "7"})
    );
}

/// Who lost the last push hears of it by the next pong.
#[tokio::test]
async fn a_pong_says_how_far_the_list_is() {
    let world = World::new();
    world.tell(a_notice(1)).await;
    world.tell(a_notice(2)).await;
    let pong = world.say("one", json!({"action": "ping"})).await;
    assert_eq!(pong, json!({"type": "pong", "number": 2}));
}

/// Whatever they are: each costs an invocation.
#[tokio::test]
async fn frames_count_like_requests() {
    let world = World::new();
    for number in 0..100 {
        let frame = match number % 2 {
            0 => json!({"action": "ping"}),
            _ => json!({"action": "shout"}),
        };
        assert_ne!(
            world.say("one", frame).await["problem"]["status"],
            json!(429)
        );
    }
    let ping = json!({"action": "ping", "id": "7"});
    assert_eq!(world.refused(ping).await, (json!("7"), 429));
}

#[tokio::test]
async fn a_frame_that_is_none_is_refused() {
    let world = World::new();
    for wrong in [
        json!({"action": "shout", "id": "7"}),
        json!({"action": "ping", "id": "7", "also": 1}),
        json!({"action": "ping", "id": "a".repeat(5_000)}),
    ] {
        assert_eq!(world.refused(wrong).await, (Value::Null, 422));
    }
    let topic = json!({"action": "subscribe", "to": ["group:1"], "id": "7"});
    assert_eq!(world.refused(topic).await, (json!("7"), 422));
}

#[tokio::test]
async fn who_subscribes_is_among_those_who_are_told() {
    let world = World::new();
    let tea = Topic::Stock(sku("tea"));
    let frame = |action: &str| json!({"action": action, "to": ["stock:tea"], "id": "1"});
    let answer = world.say("one", frame("subscribe")).await;
    assert_eq!(
        answer,
        json!({"type": "subscribed", "id": "1", "to": ["stock:tea"]})
    );
    let sockets = world.lists.sockets_of(&tea).await.unwrap();
    assert_eq!(sockets.len(), 1);
    let answer = world.say("one", frame("unsubscribe")).await;
    assert_eq!(answer["type"], json!("unsubscribed"));
    assert_eq!(world.lists.sockets_of(&tea).await.unwrap(), []);
    world.lists.fail_next_write(Fault::FailBefore);
    assert_eq!(world.refused(frame("subscribe")).await, (json!("1"), 503));
}

#[tokio::test]
async fn what_was_missed_is_said_in_order_and_by_pages() {
    let world = World::new();
    world.connect("one", None).await;
    for number in 1..=30 {
        world.tell(a_notice(number)).await;
    }
    let last = world.say("one", resume(2)).await;
    let number = |number| ("notification".to_owned(), Some(number));
    let resumed = |number| ("resumed".to_owned(), Some(number));
    let mut wanted: Vec<_> = (3..=27).map(number).collect();
    wanted.push(resumed(27));
    assert_eq!(world.heard("one"), wanted);
    assert_eq!((&last["more"], &last["id"]), (&json!(true), &json!("r")));
    assert_eq!(last["cursor"], json!(cursor(27)));
    world.say("one", resume(27)).await;
    wanted.extend((28..=30).map(number).chain([resumed(30)]));
    assert_eq!(world.heard("one"), wanted);
    world.say("one", resume(30)).await;
    wanted.push(resumed(30));
    assert_eq!(world.heard("one"), wanted);
}

#[tokio::test]
async fn what_has_ended_is_passed_over() {
    let world = World::on_day(31);
    world.connect("one", None).await;
    world.tell(a_notice(1)).await;
    let fresh = Notice {
        at: at(30 * 86_400),
        ..a_notice(2)
    };
    world.tell(fresh).await;
    world.say("one", resume(0)).await;
    let wanted = [("notification", 2), ("resumed", 2)];
    assert_eq!(
        world.heard("one"),
        wanted.map(|(kind, number)| (kind.to_owned(), Some(number)))
    );
}

#[tokio::test]
async fn a_cursor_of_somebody_else_and_an_unknown_list_are_refused() {
    let world = World::new();
    let bobs = cursors().make(&["notifications", "main", "bob"], "0");
    for (list, cursor, status) in [
        ("own", bobs.as_str(), 400),
        ("own", "0", 400),
        ("own", "", 400),
        ("group:1", &cursor(0), 404),
    ] {
        let frame = json!({"action": "resume", "list": list, "cursor": cursor, "id": "7"});
        assert_eq!(
            world.refused(frame).await,
            (json!("7"), status),
            "{list} {cursor}"
        );
    }
}

#[tokio::test]
async fn a_post_without_an_answer_is_made_once_more() {
    let world = World::new();
    world.connect("one", None).await;
    world.tell(a_notice(1)).await;
    world.gateway.fail_next(SocketFault::UnknownAfter);
    world.say("one", resume(0)).await;
    let numbers: Vec<_> = world
        .heard("one")
        .into_iter()
        .map(|(_, number)| number)
        .collect();
    assert_eq!(numbers, [Some(1), Some(1), Some(1)]);
    for _ in 0..2 {
        world.gateway.fail_next(SocketFault::NotPosted);
    }
    assert_eq!(world.refused(resume(0)).await, (json!("r"), 503));
}

#[tokio::test]
async fn nothing_is_said_to_who_is_gone() {
    let world = World::new();
    world.connect("one", None).await;
    world.tell(a_notice(1)).await;
    world.gateway.cut(&id("one"));
    assert_eq!(world.say("one", resume(0)).await, Value::Null);
}

#[tokio::test]
async fn what_our_authorizer_does_not_say_is_refused() {
    let world = World::new();
    let mut strange = event("CONNECT", "one", &owner(None), None);
    strange["requestContext"]["authorizer"] =
        json!({"tenant": "main", "reader": "a#b", "since": "1"});
    let refused = world.send(strange).await.unwrap_err();
    assert_eq!(refused.error_type, "BadInput");
}
