//! Groups: what is said to one reaches each socket of each member once, and no stranger; who was taken
//! out hears nothing more; what was missed is resumed. And what is said to some people, once to each.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ports::KeepSockets;
use domain::{GroupId, Role, TenantId, Topic};
use http_edge::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::TENANT;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::socket::SocketClient;
use tests::emulator::wait::until;

/// What has not come by then is taken not to come.
const QUIET: Duration = Duration::from_secs(3);

/// A shop with a group, and whoever runs it.
struct World {
    shop: Shop,
    admin: String,
    group: String,
}

/// Somebody with an account, and a token.
struct Person {
    id: String,
    token: String,
}

impl World {
    async fn new(name: &str) -> Self {
        let shop = Shop::open(name).await;
        let admin = shop.sign(&Claims {
            roles: vec![Role::Admin],
            ..shop.claims("the-admin")
        });
        let mut world = Self {
            shop,
            admin,
            group: String::new(),
        };
        let made = world
            .post("/admin/groups", "group", &json!({"name": name}))
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        world.group = must_have(made.json()["group_id"].as_str()).to_owned();
        world
    }

    fn key(&self, key: &str) -> String {
        format!("{key}-{}", self.shop.name())
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.shop.request(Method::POST, path).json(body);
        let request = request.header("idempotency-key", self.key(key));
        self.shop.ask(request.bearer_auth(&self.admin)).await
    }

    async fn person(&self, name: &str) -> Person {
        let body = json!({
            "email": format!("{name}-{}@example.test", self.shop.name()),
            "password": "correct horse battery", "name": name,
        });
        let made = self.shop.send("/users", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let id = must_have(made.json()["user_id"].as_str()).to_owned();
        let token = self.shop.token(&id);
        Person { id, token }
    }

    async fn member(&self, method: Method, person: &Person) {
        let path = format!("/admin/groups/{}/members/{}", self.group, person.id);
        let request = self.shop.request(method, &path).bearer_auth(&self.admin);
        let answer = self.shop.ask(request).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// Says something to the group, and answers its number.
    async fn broadcast(&self, key: &str) -> u64 {
        let path = format!("/admin/groups/{}/notifications", self.group);
        let said = self
            .post(&path, key, &json!({"title": key, "message": "m"}))
            .await;
        assert_eq!(said.status, 201, "{}", said.body);
        must_have(said.json()["number"].as_u64())
    }

    fn list(&self) -> String {
        format!("group:{}", self.group)
    }

    /// A socket of somebody who asked for what the group is told; its answer.
    async fn subscribe(&self, person: &Person) -> (SocketClient, Value) {
        let mut socket = SocketClient::open(&self.shop, &person.token).await;
        let frame = json!({"action": "subscribe", "to": [self.list()], "id": "s"});
        socket.say(&frame).await;
        let answer = must_have(socket.hear(SOON).await);
        (socket, answer)
    }

    fn topic(&self) -> Topic {
        let group = must_have(GroupId::parse(&self.group));
        Topic::Group(must(TenantId::parse(TENANT)), group)
    }
}

/// The number of the next notification of the group that a socket hears.
async fn next(socket: &mut SocketClient) -> u64 {
    let said = socket.hear_of("notification", SOON).await;
    must_have(said["number"].as_u64())
}

#[tokio::test]
async fn a_broadcast_reaches_each_socket_of_each_member_once_and_no_stranger() {
    let world = World::new("group").await;
    let [alice, bob, eve] = ["alice", "bob", "eve"].map(|name| world.person(name));
    let (alice, bob, eve) = (alice.await, bob.await, eve.await);
    for person in [&alice, &bob] {
        world.member(Method::PUT, person).await;
    }
    let mut members = Vec::new();
    for person in [&alice, &alice, &bob] {
        let (socket, answer) = world.subscribe(person).await;
        assert_eq!(answer["type"], json!("subscribed"), "{answer}");
        members.push(socket);
    }
    let (mut stranger, refused) = world.subscribe(&eve).await;
    assert_eq!(refused["problem"]["status"], json!(404), "{refused}");
    assert_eq!(world.broadcast("one").await, 1);
    assert_eq!(world.broadcast("one").await, 1, "the same key again");
    assert_eq!(world.broadcast("two").await, 2);
    for socket in &mut members {
        let mut heard = [next(socket).await, next(socket).await];
        heard.sort_unstable();
        assert_eq!(heard, [1, 2]);
    }
    for socket in members.iter_mut().chain([&mut stranger]) {
        assert!(!socket.hears("notification", QUIET).await);
    }
    world.member(Method::DELETE, &bob).await;
    until("bob's socket is out of the group", SOON, || async {
        let left = must(world.shop.tables.realtime.sockets_of(&world.topic()).await);
        (left.len() == 2).then_some(())
    })
    .await;
    assert_eq!(world.broadcast("three").await, 3);
    let mut bobs = must_have(members.pop());
    for socket in &mut members {
        assert_eq!(next(socket).await, 3);
    }
    assert!(!bobs.hears("notification", QUIET).await);
    let (_, refused) = world.subscribe(&bob).await;
    assert_eq!(refused["problem"]["status"], json!(404), "{refused}");
    world.shop.check().await;
}

#[tokio::test]
async fn what_a_member_missed_is_resumed_over_the_socket_and_over_http() {
    let world = World::new("group-cut").await;
    let alice = world.person("alice").await;
    world.member(Method::PUT, &alice).await;
    let path = format!("/notifications?list={}", world.list());
    let begin = world.shop.get(&alice.id, &path).await;
    assert_eq!(begin.status, 200, "{}", begin.body);
    let begin = begin.json();
    let (socket, _) = world.subscribe(&alice).await;
    drop(socket);
    for (key, number) in [("one", 1), ("two", 2)] {
        assert_eq!(world.broadcast(key).await, number);
    }
    let (mut socket, _) = world.subscribe(&alice).await;
    let cursor = &begin["resume_cursor"];
    let resume = json!({"action": "resume", "list": world.list(), "cursor": cursor, "id": "r"});
    socket.say(&resume).await;
    // What was said last may be pushed as well, whenever that comes.
    let mut heard = BTreeSet::new();
    let resumed = loop {
        let frame = must_have(socket.hear(SOON).await);
        match frame["type"].as_str() {
            Some("resumed") => break frame,
            _ => heard.extend(frame["number"].as_u64()),
        }
    };
    assert_eq!(resumed["number"], json!(2));
    assert_eq!(heard, BTreeSet::from([1, 2]));
    let cursor = must_have(cursor.as_str());
    let page = world
        .shop
        .get(&alice.id, &format!("{path}&after={cursor}"))
        .await
        .json();
    let titles: Vec<_> = must_have(page["notifications"].as_array())
        .iter()
        .map(|it| &it["title"])
        .collect();
    assert_eq!(titles, ["one", "two"]);
    let own = world.shop.get(&alice.id, "/notifications").await.json();
    assert_eq!(own["notifications"], json!([]));
    world.shop.check().await;
}

#[tokio::test]
async fn a_message_to_some_people_is_told_each_once_also_when_it_is_repeated() {
    let world = World::new("to-users").await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let mut socket = SocketClient::open(&world.shop, &alice.token).await;
    let body = json!({
        "users": [alice.id, bob.id, "nobody"],
        "notification": {"title": "Hello", "message": "You two.", "data": {"page": "sale"}},
    });
    for _ in 0..2 {
        let sent = world.post("/admin/notifications", "hello", &body).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        assert_eq!(sent.json()["unknown"], json!(["nobody"]));
    }
    let said = socket.hear_of("notification", SOON).await;
    let told = &said["notification"];
    assert_eq!(
        (&said["list"], &told["type"]),
        (&json!("own"), &json!("message"))
    );
    assert_eq!(
        (&told["title"], &told["data"]["page"]),
        (&json!("Hello"), &json!("sale"))
    );
    assert!(!socket.hears("notification", QUIET).await);
    for person in [&alice, &bob] {
        let list = world.shop.get(&person.id, "/notifications").await.json();
        let list = must_have(list["notifications"].as_array()).clone();
        assert_eq!(list.len(), 1, "{list:?}");
    }
    world.shop.check().await;
}
