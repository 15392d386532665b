//! Sockets: opened with a ticket, told at once, resumed after a cut, closed with the session.

use domain::ports::KeepSockets;
use domain::{CustomerId, Role, Socket, SocketId, TenantId, Topic};
use http_edge::token::Claims;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::{Cart, TENANT};
use tests::emulator::inbox::told;
use tests::emulator::shop::{SOON, Shop, now};
use tests::emulator::socket::{SocketClient, refusal, ticket};
use tests::emulator::wait::until;

async fn ended(shop: &Shop, cart: &Cart) {
    shop.place(cart).await;
    shop.ends(cart, SOON, "confirmed", None).await;
    told(shop, cart).await;
}

async fn numbers(socket: &mut SocketClient, count: usize) -> Vec<Value> {
    let mut frames = Vec::new();
    while frames.len() < count {
        frames.push(socket.hear_of("notification", SOON).await);
    }
    // The stream brings them in any order.
    frames.sort_by_key(|frame| frame["number"].as_u64());
    frames
}

#[tokio::test]
async fn what_is_told_is_said_at_once_and_what_was_missed_is_resumed() {
    let shop = Shop::open("said").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let token = shop.token(&cart.customer);
    let mut socket = SocketClient::open(&shop, &token).await;
    socket.say(&json!({"action": "ping", "id": "7"})).await;
    let pong = must_have(socket.hear(SOON).await);
    assert_eq!(pong, json!({"type": "pong", "number": 0, "id": "7"}));
    ended(&shop, &cart).await;
    let said = numbers(&mut socket, 2).await;
    let kinds: Vec<&Value> = said.iter().map(|it| &it["notification"]["type"]).collect();
    assert_eq!(kinds, ["order-placed", "order-confirmed"]);
    let order = cart.id().to_string();
    assert_eq!(said[1]["notification"]["data"]["order_id"], json!(order));

    drop(socket);
    ended(&shop, &cart.clone().under("second")).await;
    let mut socket = SocketClient::open(&shop, &token).await;
    let resume = json!({"action": "resume", "list": "own", "cursor": said[1]["cursor"], "id": "r"});
    socket.say(&resume).await;
    for number in [3, 4] {
        let missed = must_have(socket.hear(SOON).await);
        assert_eq!(
            (&missed["type"], &missed["number"]),
            (&json!("notification"), &json!(number))
        );
    }
    let resumed = must_have(socket.hear(SOON).await);
    assert_eq!(
        (&resumed["number"], &resumed["more"]),
        (&json!(4), &json!(false))
    );
    let list = shop.get(&cart.customer, "/notifications?after=").await;
    assert_eq!(list.status, 400);
    let cursor = must_have(resumed["cursor"].as_str());
    let list = shop
        .get(&cart.customer, &format!("/notifications?after={cursor}"))
        .await;
    assert_eq!(
        list.json()["notifications"],
        json!([]),
        "one cursor for both"
    );
    shop.check().await;
}

/// The acceptance: a fifth of the sockets are gone without a word.
#[tokio::test]
async fn rows_of_sockets_that_are_gone_are_cleaned_while_the_others_are_told() {
    let shop = Shop::open("gone").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let token = shop.token(&cart.customer);
    let reader = must(CustomerId::parse(&cart.customer));
    let topic = Topic::Person(must(TenantId::parse(TENANT)), reader);
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(SocketClient::open(&shop, &token).await);
    }
    for number in 0..2 {
        let ghost = Socket {
            id: must(SocketId::parse(&format!("ghost{number}="))),
            session: None,
            since: must(now().checked_sub(SignedDuration::from_secs(60))),
        };
        assert!(must(shop.tables.realtime.join(&topic, &ghost).await));
    }
    ended(&shop, &cart).await;
    for socket in &mut open {
        let said = numbers(socket, 2).await;
        let said: Vec<&Value> = said.iter().map(|it| &it["number"]).collect();
        assert_eq!(said, [&json!(1), &json!(2)]);
    }
    until("the ghosts are gone", SOON, || async {
        let left = must(shop.tables.realtime.sockets_of(&topic).await);
        (left.len() == 8).then_some(())
    })
    .await;
    drop(open);
    until("all have left", SOON, || async {
        must(shop.tables.realtime.sockets_of(&topic).await)
            .is_empty()
            .then_some(())
    })
    .await;
    shop.check().await;
}

/// F32: hostile tickets.
#[tokio::test]
async fn f32_nothing_but_a_fresh_ticket_opens_a_socket_and_all_refusals_are_the_same() {
    let shop = Shop::open("tickets").await;
    let token = shop.token("alice");
    let (good, url) = ticket(&shop, &token).await;
    let at = |ticket: &str| format!("{url}?ticket={ticket}");
    let first = SocketClient::connect(&at(&good)).await;
    assert!(first.is_ok());
    let made_up = "0".repeat(64);
    for hostile in [good.as_str(), &token, &made_up, "", "null", "%00"] {
        let answer = refusal(&at(hostile)).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{hostile}: {answer}");
        // As it comes, in pieces of HTTP/1.1; ids of the request are in it too.
        assert!(
            answer.contains(r#""message": "Unauthorized""#),
            "{hostile}: {answer}"
        );
    }
    let status = SocketClient::connect(&url).await.unwrap_err();
    assert_eq!(status, 401, "no ticket");
}

#[tokio::test]
async fn stock_is_said_to_those_who_asked_for_it() {
    let shop = Shop::open("stocked").await;
    shop.sell("tea", 1_200, 10).await;
    let mut socket = SocketClient::open(&shop, &shop.token("alice")).await;
    let topic = format!("stock:{}", shop.sku("tea"));
    let frame = |action: &str| json!({"action": action, "to": [topic], "id": "1"});
    socket.say(&frame("subscribe")).await;
    let subscribed = must_have(socket.hear(SOON).await);
    assert_eq!(
        subscribed,
        json!({"type": "subscribed", "id": "1", "to": [topic]})
    );
    shop.restock("tea", 5).await;
    // The first stock may still be on its way when somebody asks for what comes.
    let mut said = socket.hear_of("stock", SOON).await;
    if said["sequence"] == json!(1) {
        assert_eq!(said["available"], json!(10), "{said}");
        said = socket.hear_of("stock", SOON).await;
    }
    assert_eq!(said["available"], json!(15), "{said}");
    socket
        .say(&json!({"action": "subscribe", "to": ["group:1"], "id": "2"}))
        .await;
    let refused = socket.hear_of("error", SOON).await;
    assert_eq!(
        (&refused["id"], &refused["problem"]["status"]),
        (&json!("2"), &json!(422))
    );
    shop.check().await;
}

const PASSWORD: &str = "correct horse battery";

async fn sign_in(shop: &Shop, email: &str) -> (String, String) {
    let who = json!({"email": email, "password": PASSWORD});
    let answer = shop.send("/auth/login", &who).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let text = |name: &str| must_have(body[name].as_str()).to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn closed(mut socket: SocketClient, reason: &str) {
    while let Some(frame) = socket.hear(SOON).await {
        assert_eq!(frame, json!({"type": "closing", "reason": reason}));
    }
}

/// F31, and the end of power: the sockets of the session, or of the person, are closed; nobody comes
/// back with a token of before.
#[tokio::test]
async fn sockets_close_with_their_session_and_when_roles_change() {
    let shop = Shop::open("signed-out").await;
    let email = format!("{}@example.test", shop.name());
    let body = json!({"email": email, "password": PASSWORD, "name": "A. Buyer"});
    let registered = shop.send("/users", &body).await;
    let user = must_have(registered.json()["user_id"].as_str()).to_owned();
    let (first, refresh) = sign_in(&shop, &email).await;
    let (second, _) = sign_in(&shop, &email).await;
    let leaving = SocketClient::open(&shop, &first).await;
    let mut staying = SocketClient::open(&shop, &second).await;
    let out = json!({"refresh_token": refresh});
    assert_eq!(shop.send("/auth/logout", &out).await.status, 204);
    closed(leaving, "signed-out").await;
    let (ticket, url) = ticket(&shop, &first).await;
    let again = SocketClient::connect(&format!("{url}?ticket={ticket}")).await;
    assert!(
        again.is_err(),
        "the access token is still good, the session is not"
    );
    staying.say(&json!({"action": "ping"})).await;
    assert_eq!(
        staying.hear(SOON).await,
        Some(json!({"type": "pong", "number": 0}))
    );

    let admin = shop.sign(&Claims {
        roles: vec![Role::Admin],
        ..shop.claims("the-admin")
    });
    let appoint = shop.request(Method::PUT, &format!("/admin/users/{user}/roles"));
    let appoint = appoint
        .header("if-match", "\"1\"")
        .json(&json!({"roles": ["support"]}));
    let appointed = shop.ask(appoint.bearer_auth(admin)).await;
    assert_eq!(appointed.status, 200, "{}", appointed.body);
    closed(staying, "roles-changed").await;
    shop.check().await;
}
