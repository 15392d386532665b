//! Real stream events through the runner, against rows and a gateway in memory.

use domain::{ByMail, CustomerId, Notification, Socket, SocketId, TenantId};
use lambda_boot::{Diagnostic, StreamFailure, stream};
use serde_json::{Value, json};
use testkit::build::{a_notice, a_socket, at, customer, session_id, sku, tenant};
use testkit::fakes::{FakeQueue, FakeRealtime, FakeSockets, Fault, SocketFault};
use testkit::http::cursors;
use testkit::stream::{ItemChange, notification_image, stream_event};

use super::*;

mod dashboards;
mod groups;

/// Alice's sockets, and the gateway.
struct World {
    sockets: FakeRealtime,
    gateway: FakeSockets,
    slices: FakeQueue,
    dashboards: FakeQueue,
    second: i64,
}

fn alice() -> (TenantId, CustomerId) {
    (tenant(), customer("alice"))
}

fn hers() -> Topic {
    Topic::Person(tenant(), customer("alice"))
}

fn tea() -> Topic {
    Topic::Stock(sku("sku-tea"))
}

fn told(number: u64) -> ItemChange {
    let (tenant, reader) = alice();
    let notification = Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::NoAddress,
        texted: false,
        read: false,
    };
    ItemChange::inserted(notification_image((&tenant, &reader), &notification))
}

fn stock(version: u32, available: u32) -> ItemChange {
    let image = |version: u32, available: u32| {
        json!({
            "pk": {"S": "STOCK#sku-tea"}, "entity": {"S": "stock"},
            "version": {"N": version.to_string()}, "available": {"N": available.to_string()},
            "changed_at": {"N": "0"},
        })
    };
    ItemChange::modified(image(version - 1, available + 1), image(version, available))
}

/// Alice signs out of her n-th session.
fn signed_out(number: u64) -> ItemChange {
    let id = session_id(number);
    let begun = json!({
        "pk": {"S": format!("SESSION#{id}")}, "entity": {"S": "session"}, "version": {"N": "1"},
        "account": {"S": "alice"}, "tenant": {"S": "main"}, "epoch": {"N": "0"},
        "live": {"N": "1"}, "began_at": {"N": "0"}, "rotated_at": {"N": "0"},
        "ends_at": {"N": "9"}, "expires": {"N": "9"},
    });
    let mut ended = begun.clone();
    ended["ended"] = json!({"S": "signed-out"});
    ended["ended_at"] = json!({"N": "5"});
    ItemChange::modified(begun, ended)
}

impl World {
    fn new() -> Self {
        Self {
            sockets: FakeRealtime::default(),
            gateway: FakeSockets::default(),
            slices: FakeQueue::default(),
            dashboards: FakeQueue::default(),
            second: 100,
        }
    }

    async fn open(&self, topic: &Topic, number: u64) -> Socket {
        let socket = a_socket(number);
        self.sockets.join(topic, &socket).await.unwrap();
        self.gateway.open(&socket.id);
        socket
    }

    async fn run(&self, changes: &[ItemChange]) -> Result<Value, Diagnostic> {
        let app = App {
            sockets: self.sockets.clone(),
            gateway: self.gateway.clone(),
            slices: self.slices.clone(),
            dashboards: self.dashboards.clone(),
            tenant: tenant(),
            cursors: cursors(),
            clock: Clock::fixed(at(self.second)),
            pause: Duration::ZERO,
        };
        let handler = async |records| handle(&app, records).await;
        stream::answer(handler, stream_event(changes), StreamFailure::Items).await
    }

    async fn in_row(&self, topic: &Topic) -> Vec<SocketId> {
        let sockets = self.sockets.sockets_of(topic).await.unwrap();
        sockets.into_iter().map(|socket| socket.id).collect()
    }

    /// One field of everything that a socket received.
    fn heard(&self, socket: &Socket, field: &str) -> Vec<Value> {
        let frames = self.gateway.received(&socket.id).into_iter();
        let field = |text: String| {
            let frame: Value = serde_json::from_str(&text).unwrap();
            frame[field].clone()
        };
        frames.map(field).collect()
    }
}

fn nothing_failed() -> Result<Value, Diagnostic> {
    Ok(json!({"batchItemFailures": []}))
}

fn failed_from(record: usize) -> Result<Value, Diagnostic> {
    Ok(json!({"batchItemFailures": [{"itemIdentifier": record.to_string()}]}))
}

#[tokio::test]
async fn what_somebody_is_told_is_said_to_all_of_their_sockets() {
    let world = World::new();
    let [one, two] = [world.open(&hers(), 1).await, world.open(&hers(), 2).await];
    let bob = world
        .open(&Topic::Person(tenant(), customer("bob")), 3)
        .await;
    assert_eq!(world.run(&[told(7), told(8)]).await, nothing_failed());
    for socket in [&one, &two] {
        assert_eq!(world.heard(socket, "number"), [7, 8]);
    }
    assert_eq!(world.heard(&bob, "type"), Vec::<Value>::new());
    let said: Value = serde_json::from_str(&world.gateway.received(&one.id)[0]).unwrap();
    let (tenant, reader) = alice();
    let wanted = json!({
        "type": "notification",
        "list": "own",
        "number": 7,
        "cursor": cursors().make(&own_list(&tenant, &reader), "7"),
        "notification": {
            "id": a_notice(7).id,
            "number": 7,
            "type": "order-shipped",
            "title": a_notice(7).title,
            "message": "Your parcel has left us.",
            "data": a_notice(7).data,
            "timestamp": "2026-07-20T12:00:07Z",
            "read": false,
            "deliveries": [{"channel": "email", "outcome": "no-address"}],
        },
    });
    assert_eq!(said, wanted);
}

/// I6: nothing is said without an image of the stream, and a mark on one is none.
#[tokio::test]
async fn i6_what_is_not_newly_stored_is_not_said() {
    let world = World::new();
    let one = world.open(&hers(), 1).await;
    let (tenant, reader) = alice();
    let notification = Notification {
        number: 1,
        notice: a_notice(1),
        by_mail: ByMail::NoAddress,
        texted: false,
        read: false,
    };
    let image = notification_image((&tenant, &reader), &notification);
    let changes = [
        ItemChange::modified(image.clone(), image.clone()),
        ItemChange::removed(image),
        ItemChange::inserted(json!({"pk": {"S": "MAIL#a"}, "entity": {"S": "delivery"}})),
    ];
    assert_eq!(world.run(&changes).await, nothing_failed());
    assert_eq!(world.gateway.received(&one.id), Vec::<String>::new());
}

#[tokio::test]
async fn stock_is_said_to_those_who_asked_for_it() {
    let world = World::new();
    let [one, other] = [world.open(&tea(), 1).await, world.open(&hers(), 2).await];
    assert_eq!(world.run(&[stock(4, 3)]).await, nothing_failed());
    let frame = r#"{"type":"stock","sku":"sku-tea","available":3,"sequence":4}"#;
    assert_eq!(world.gateway.received(&one.id), [frame]);
    assert_eq!(world.heard(&other, "type"), Vec::<Value>::new());
}

/// The acceptance: sockets that were cut without a word leave their rows at the next post.
#[tokio::test]
async fn what_is_gone_leaves_the_row() {
    let world = World::new();
    let mut open = Vec::new();
    for number in 1..=10 {
        open.push(world.open(&hers(), number).await);
    }
    let cut = open.split_off(8);
    cut.iter().for_each(|socket| world.gateway.cut(&socket.id));
    assert_eq!(world.run(&[told(1)]).await, nothing_failed());
    let mut left: Vec<SocketId> = open.iter().map(|socket| socket.id.clone()).collect();
    left.sort();
    assert_eq!(world.in_row(&hers()).await, left);
    for socket in &open {
        assert_eq!(world.heard(socket, "number"), [1]);
    }
}

/// Its row is written before the gateway has it.
#[tokio::test]
async fn a_socket_that_may_be_opening_stays() {
    let mut world = World::new();
    let socket = a_socket(98);
    world.sockets.join(&hers(), &socket).await.unwrap();
    assert_eq!(world.run(&[told(1)]).await, nothing_failed());
    assert_eq!(
        world.in_row(&hers()).await,
        std::slice::from_ref(&socket.id)
    );
    world.second = 113;
    assert_eq!(world.run(&[told(2)]).await, nothing_failed());
    assert_eq!(world.in_row(&hers()).await, []);
}

#[tokio::test]
async fn a_socket_that_is_over_is_not_posted_to() {
    let mut world = World::new();
    let socket = world.open(&hers(), 1).await;
    world.second = 3 * 3_600;
    assert_eq!(world.run(&[told(1)]).await, nothing_failed());
    assert_eq!(world.heard(&socket, "number"), Vec::<Value>::new());
    assert_eq!(world.in_row(&hers()).await, []);
}

#[tokio::test]
async fn a_post_is_made_twice_at_most_and_holds_nothing_up() {
    for (faults, posts) in [
        (vec![SocketFault::NotPosted], 1),
        (vec![SocketFault::UnknownBefore], 1),
        (vec![SocketFault::UnknownAfter], 2),
        (vec![SocketFault::UnknownAfter; 2], 2),
        (vec![SocketFault::NotPosted; 2], 0),
        (vec![SocketFault::Refused], 0),
    ] {
        let world = World::new();
        let socket = world.open(&hers(), 1).await;
        faults
            .iter()
            .for_each(|fault| world.gateway.fail_next(*fault));
        assert_eq!(world.run(&[told(1)]).await, nothing_failed());
        assert_eq!(world.heard(&socket, "number").len(), posts, "{faults:?}");
        assert_eq!(world.in_row(&hers()).await, [socket.id]);
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_brings_the_record_again() {
    let world = World::new();
    let socket = world.open(&hers(), 1).await;
    world.gateway.cut(&socket.id);
    world.sockets.fail_next_write(Fault::FailBefore);
    assert_eq!(world.run(&[stock(4, 3), told(1)]).await, failed_from(2));
    assert_eq!(world.run(&[told(1)]).await, nothing_failed());
    assert_eq!(world.in_row(&hers()).await, []);
}

/// F31: with the session, the sockets of whoever has its tokens are closed, and no others.
#[tokio::test]
async fn the_sockets_of_a_session_close_with_it() {
    let world = World::new();
    let [one, two] = [world.open(&hers(), 1).await, world.open(&hers(), 2).await];
    assert_eq!(world.run(&[signed_out(1)]).await, nothing_failed());
    assert_eq!(world.heard(&one, "reason"), ["signed-out"]);
    assert!(!world.gateway.is_open(&one.id) && world.gateway.is_open(&two.id));
    assert_eq!(world.in_row(&hers()).await, std::slice::from_ref(&two.id));
    assert_eq!(world.run(&[signed_out(1)]).await, nothing_failed(), "again");
    assert!(world.gateway.is_open(&two.id));
}

/// All sessions of Alice end, at second 0.
fn signed_out_everywhere() -> ItemChange {
    let account = |epoch: u64| {
        json!({
            "pk": {"S": "USER#alice"}, "entity": {"S": "account"}, "version": {"N": "1"},
            "tenant": {"S": "main"}, "email": {"S": "alice@example.test"}, "name": {"S": "Alice"},
            "by_email": {"BOOL": true}, "by_sms": {"BOOL": false}, "roles": {"L": []},
            "password": {"S": "a hash"}, "status": {"S": "active"},
            "epoch": {"N": epoch.to_string()},
            "registered_at": {"N": "0"}, "changed_at": {"N": "0"},
        })
    };
    ItemChange::modified(account(0), account(1))
}

#[tokio::test]
async fn who_signed_in_again_meanwhile_keeps_what_was_opened_since() {
    let world = World::new();
    let [before, after] = [world.open(&hers(), 1).await, world.open(&hers(), 9).await];
    assert_eq!(
        world.run(&[signed_out_everywhere()]).await,
        nothing_failed()
    );
    assert!(!world.gateway.is_open(&before.id) && world.gateway.is_open(&after.id));
    assert_eq!(world.in_row(&hers()).await, [after.id]);
}

/// One after the other they would hold the stream up.
#[tokio::test]
async fn all_sockets_are_closed_and_a_refusal_holds_nothing_up() {
    let world = World::new();
    let mut open = Vec::new();
    for number in 1..=2 {
        open.push(world.open(&hers(), number).await);
    }
    world.gateway.fail_next_close(SocketFault::Refused);
    assert_eq!(
        world.run(&[signed_out_everywhere()]).await,
        nothing_failed()
    );
    let left = open.iter().filter(|it| world.gateway.is_open(&it.id));
    assert_eq!(left.count(), 1);
    assert_eq!(world.in_row(&hers()).await, []);
    let socket = world.open(&hers(), 1).await;
    world.gateway.fail_next_close(SocketFault::NotPosted);
    assert_eq!(world.run(&[signed_out(1)]).await, failed_from(1));
    assert_eq!(world.in_row(&hers()).await, [socket.id]);
}

/// Of a SKU that sells fast only the newest is posted, and what came before it is done with it.
#[tokio::test]
async fn of_stock_the_newest_is_said_once() {
    let world = World::new();
    let socket = world.open(&tea(), 1).await;
    let changes = [stock(4, 9), told(1), stock(5, 8), stock(6, 7)];
    assert_eq!(world.run(&changes).await, nothing_failed());
    assert_eq!(world.heard(&socket, "sequence"), [6]);
}

/// Here the stream waits: a socket of somebody who signed out must not stay.
#[tokio::test]
async fn what_is_not_closed_is_tried_again() {
    let mut world = World::new();
    let socket = a_socket(98);
    world.sockets.join(&hers(), &socket).await.unwrap();
    assert_eq!(
        world.run(&[signed_out(98)]).await,
        failed_from(1),
        "it may be opening"
    );
    world.gateway.open(&socket.id);
    assert_eq!(world.run(&[signed_out(98)]).await, nothing_failed());
    assert!(!world.gateway.is_open(&socket.id));
    world.second = 200;
    world.sockets.join(&hers(), &socket).await.unwrap();
    assert_eq!(
        world.run(&[signed_out(98)]).await,
        nothing_failed(),
        "it is gone"
    );
    assert_eq!(world.in_row(&hers()).await, []);
}

#[tokio::test]
async fn an_image_that_cannot_be_read_holds_nothing_up() {
    let world = World::new();
    let socket = world.open(&hers(), 1).await;
    let strange = json!({"pk": {"S": "NOTIFICATION#main"}, "entity": {"S": "notification"}});
    let changes = [ItemChange::inserted(strange), told(1)];
    assert_eq!(world.run(&changes).await, nothing_failed());
    assert_eq!(world.heard(&socket, "number"), [1]);
}
