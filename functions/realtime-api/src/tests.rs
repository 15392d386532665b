//! The routes inside the edge, with real tokens, against lists in memory.

use axum::Router;
use axum::http::Method;
use domain::ports::{Cause, CountDeliveries, KeepNotifications, TakeTickets};
use domain::{CustomerId, Notice, NotificationKind, TenantId, Ticket, TicketSecret};
use http_edge::Role;
use identity::{LinkTokens, Unsubscribe};
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{a_notice, at, customer, tenant};
use testkit::fakes::{FakeAccounts, FakeHistory, FakeRealtime};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};
use uuid::Uuid;

use super::*;

mod groups;
mod history;
mod past;
mod texts;

const PATH: &str = "/api/v1/notifications";
const READ: &str = "/api/v1/notifications/read";
const CHOICES: &str = "/api/v1/notifications/preferences";
const TICKETS: &str = "/api/v1/realtime/tickets";
const OFF: &str = "/api/v1/notifications/unsubscribe";

fn links() -> LinkTokens {
    LinkTokens::new(&"1".repeat(64)).unwrap()
}

/// Alice, her list and the routes.
struct World {
    lists: FakeRealtime,
    groups: FakeAccounts,
    routes: Router,
    alice: (TenantId, CustomerId),
    token: String,
}

impl World {
    fn new() -> Self {
        Self::on_day(0)
    }

    /// So many days after the beginning of all tests.
    fn on_day(day: i64) -> Self {
        Self::beside(None, day)
    }

    /// With a history, or none.
    fn beside(history: Option<FakeHistory>, day: i64) -> Self {
        let (lists, groups) = (FakeRealtime::default(), FakeAccounts::default());
        let app = App {
            lists: lists.clone(),
            history,
            groups: groups.clone(),
            cursors: cursors(),
            links: links(),
            clock: Clock::fixed(at(day * 86_400)),
            sockets: "wss://sockets.example.org/live".to_owned(),
            new_id: || Uuid::from_u128(7),
        };
        Self {
            lists,
            groups,
            routes: protect(api(app)),
            alice: (tenant(), customer("alice")),
            token: token("alice", Role::Customer),
        }
    }

    async fn tell(&self, notice: Notice) {
        let reader = (&self.alice.0, &self.alice.1);
        let list = domain::ports::ReadNotifications::list_of(&self.lists, reader);
        let next = list.await.unwrap().next(notice, true).unwrap();
        self.lists.keep(reader, next).await.unwrap();
    }

    async fn tell_up_to(&self, last: u64) {
        for number in 1..=last {
            self.tell(a_notice(number)).await;
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.with_token(&self.token).to(&self.routes).await
    }

    async fn get(&self, query: &str) -> Value {
        let answer = self.ask(Ask::get(&format!("{PATH}?{query}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn mark(&self, body: Value) -> u16 {
        self.ask(Ask::post(READ, body)).await.status
    }
}

/// One field of everything on a page.
fn all(page: &Value, field: &str) -> Vec<Value> {
    let entries = page["notifications"].as_array().unwrap();
    entries.iter().map(|it| it[field].clone()).collect()
}

#[tokio::test]
async fn a_list_that_nobody_wrote_to_is_empty_and_can_be_resumed() {
    let world = World::new();
    let page = world.get("").await;
    assert_eq!(page["notifications"], json!([]));
    assert_eq!((&page["last"], &page["behind"]), (&json!(0), &json!(false)));
    assert_eq!(page.get("next_cursor"), None);
    world.tell_up_to(2).await;
    let after = page["resume_cursor"].as_str().unwrap();
    let page = world.get(&format!("after={after}")).await;
    assert_eq!(all(&page, "number"), [1, 2]);
}

#[tokio::test]
async fn a_notification_shows_all_that_it_says() {
    let world = World::new();
    world.tell(a_notice(3)).await;
    let id = testkit::build::order_id(1);
    let wanted = json!({
        "id": format!("order/{id}/3"),
        "number": 1,
        "type": "order-shipped",
        "title": format!("Your order {id} is on its way"),
        "message": "Your parcel has left us.",
        "data": {"order_id": id.to_string()},
        "timestamp": "2026-07-20T12:00:03Z",
        "read": false,
        "deliveries": [{"channel": "email", "outcome": "pending"}],
    });
    assert_eq!(world.get("").await["notifications"], json!([wanted]));
}

#[tokio::test]
async fn the_list_says_what_became_of_each_mail_and_why() {
    let world = World::new();
    world.tell_up_to(4).await;
    let id = |number| a_notice(number).id;
    world.lists.claim(&id(2)).await.unwrap();
    world.lists.sent(&id(2)).await.unwrap();
    let cause = Cause("no such address".to_owned());
    world.lists.refused(&id(3), &cause).await.unwrap();
    for _ in 0..2 {
        world.lists.claim(&id(4)).await.unwrap();
    }
    let page = world.get("").await;
    let outcomes: Vec<_> = all(&page, "deliveries")
        .iter()
        .map(|it| it[0].clone())
        .collect();
    let by_mail = |outcome| json!({"channel": "email", "outcome": outcome});
    let mut refused = by_mail("refused");
    refused["reason"] = json!("no such address");
    let wanted = [
        by_mail("unknown"),
        refused,
        by_mail("sent"),
        by_mail("pending"),
    ];
    assert_eq!(outcomes, wanted);
}

#[tokio::test]
async fn the_history_is_paged_from_the_newest_to_the_oldest() {
    let world = World::new();
    world.tell_up_to(5).await;
    let page = world.get("limit=2").await;
    assert_eq!(all(&page, "number"), [5, 4]);
    // What comes in between moves nothing.
    world.tell(a_notice(6)).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = world.get(&format!("limit=2&cursor={cursor}")).await;
    assert_eq!(all(&page, "number"), [3, 2]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = world.get(&format!("limit=2&cursor={cursor}")).await;
    assert_eq!(all(&page, "number"), [1]);
    assert_eq!(page.get("next_cursor"), None);
}

#[tokio::test]
async fn who_comes_back_is_told_what_they_missed_oldest_first() {
    let world = World::new();
    world.tell_up_to(2).await;
    let mut after = world.get("").await["resume_cursor"].clone();
    for number in 3..=7 {
        world.tell(a_notice(number)).await;
    }
    for (numbers, behind) in [
        (vec![3, 4], true),
        (vec![5, 6], true),
        (vec![7], false),
        (vec![], false),
    ] {
        let query = format!("limit=2&after={}", after.as_str().unwrap());
        let page = world.get(&query).await;
        assert_eq!(all(&page, "number"), numbers);
        assert_eq!(page["behind"], json!(behind));
        after = page["resume_cursor"].clone();
    }
}

/// What ended is not shown, whether DynamoDB has removed it or not; who resumes comes past it.
#[tokio::test]
async fn after_thirty_days_a_notification_is_gone() {
    let world = World::on_day(31);
    world.tell_up_to(3).await;
    let begin = world.get("limit=1").await;
    assert_eq!(begin["notifications"], json!([]));
    assert_eq!(begin.get("next_cursor"), None);
    world.lists.expire((&world.alice.0, &world.alice.1), 1);
    let mut fresh = a_notice(4);
    fresh.at = at(30 * 86_400);
    world.tell(fresh).await;
    let after = cursors().make(&["notifications", "main", "alice"], "0");
    let page = world.get(&format!("limit=3&after={after}")).await;
    assert_eq!(
        (all(&page, "number"), &page["behind"]),
        (vec![], &json!(true))
    );
    let after = page["resume_cursor"].as_str().unwrap();
    let page = world.get(&format!("limit=3&after={after}")).await;
    assert_eq!(all(&page, "number"), [4]);
}

/// An event that came late ends before what was told in front of it.
#[tokio::test]
async fn the_history_goes_on_behind_what_ended_early() {
    let world = World::on_day(31);
    let fresh = |number| Notice {
        at: at(30 * 86_400),
        ..a_notice(number)
    };
    for (number, late) in [(1, 0), (2, 2), (5, 12), (18, 0)] {
        world.tell(fresh(number)).await;
        for number in number + 1..=number + late {
            world.tell(a_notice(number)).await;
        }
    }
    let mut pages = Vec::new();
    let mut more = String::new();
    while pages.len() < 9 {
        let page = world.get(&format!("limit=1{more}")).await;
        pages.push(all(&page, "number"));
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(
        pages,
        [
            vec![json!(18)],
            vec![],
            vec![json!(5)],
            vec![json!(2)],
            vec![json!(1)]
        ]
    );
}

#[tokio::test]
async fn marks_are_shown_and_can_come_twice() {
    let world = World::new();
    world.tell_up_to(4).await;
    for body in [
        json!({"numbers": [4, 9]}),
        json!({"up_to": 2}),
        json!({"up_to": 1}),
    ] {
        assert_eq!(world.mark(body.clone()).await, 204);
        assert_eq!(world.mark(body).await, 204);
    }
    let page = world.get("").await;
    assert_eq!(all(&page, "read"), [true, false, true, true]);
    assert_eq!(page["read_up_to"], json!(2));
}

#[tokio::test]
async fn what_was_not_told_cannot_be_read() {
    let world = World::new();
    world.tell_up_to(2).await;
    for wrong in [json!({"up_to": 3}), json!({}), json!({"numbers": []})] {
        assert_eq!(world.mark(wrong.clone()).await, 422, "{wrong}");
    }
    assert_eq!(world.mark(json!({"ids": ["a"]})).await, 400);
    assert_eq!(world.get("").await["read_up_to"], json!(0));
}

#[tokio::test]
async fn nobody_sees_or_marks_what_somebody_else_was_told() {
    let world = World::new();
    world.tell_up_to(2).await;
    let cursor = world.get("limit=1").await["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    for stranger in [
        token("bob", Role::Admin),
        token_of_shop("elsewhere", "alice", Role::Customer),
    ] {
        let ask = async |ask: Ask| ask.with_token(&stranger).to(&world.routes).await;
        let page = ask(Ask::get(PATH)).await.json();
        assert_eq!(
            (&page["notifications"], &page["last"]),
            (&json!([]), &json!(0))
        );
        let stolen = ask(Ask::get(&format!("{PATH}?cursor={cursor}"))).await;
        assert_eq!(stolen.status, 400, "{}", stolen.body);
        let marked = ask(Ask::post(READ, json!({"numbers": [1]}))).await;
        assert_eq!(marked.status, 204);
    }
    assert_eq!(all(&world.get("").await, "read"), [false, false]);
    assert_eq!(Ask::get(PATH).to(&world.routes).await.status, 401);
}

#[tokio::test]
async fn a_query_that_is_none_is_refused() {
    let world = World::new();
    let after = world.get("").await["resume_cursor"].clone();
    let both = format!("cursor={0}&after={0}", after.as_str().unwrap());
    for wrong in [
        "page=1",
        "limit=0",
        "limit=101",
        "cursor=x",
        "after=x",
        &both,
    ] {
        let answer = world.ask(Ask::get(&format!("{PATH}?{wrong}"))).await;
        assert_eq!(answer.problem().0, 400, "{wrong}");
    }
}

fn kinds(preferences: &Value) -> Vec<(String, bool)> {
    let kinds = preferences["kinds"].as_array().unwrap();
    let kind = |it: &Value| {
        let name = it["type"].as_str().unwrap().to_owned();
        (name, it["email"].as_bool().unwrap())
    };
    kinds.iter().map(kind).collect()
}

#[tokio::test]
async fn preferences_are_shown_for_each_kind_and_put_for_those_that_are_named() {
    let world = World::new();
    let shown = world.ask(Ask::get(CHOICES)).await.json();
    assert_eq!(kinds(&shown).len() + 1, NotificationKind::ALL.len());
    assert_eq!(kinds(&shown)[0], ("order-placed".to_owned(), false));
    let wanted = json!({"kinds": [
        {"type": "order-placed", "email": true}, {"type": "order-shipped", "email": false},
    ]});
    let put = world.ask(Ask::put(CHOICES, &wanted)).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let shown = world.ask(Ask::get(CHOICES)).await.json();
    assert_eq!(put.json(), shown);
    let off: Vec<_> = kinds(&shown).into_iter().filter(|it| !it.1).collect();
    assert_eq!(off, [("order-shipped".to_owned(), false)]);
    let nothing = world.ask(Ask::put(CHOICES, json!({"kinds": []}))).await;
    assert_eq!(nothing.json(), shown);
}

#[tokio::test]
async fn who_reads_their_security_away_is_refused() {
    let world = World::new();
    let wrong = json!({"kinds": [{"type": "account-security", "email": false}]});
    let answer = world.ask(Ask::put(CHOICES, wrong)).await;
    assert_eq!(answer.problem(), (422, "invalid-body".to_owned()));
}

fn off(kind: NotificationKind) -> String {
    let token = links().make_unsubscribe(&Unsubscribe {
        tenant: tenant(),
        reader: customer("alice"),
        kind,
    });
    format!("{OFF}?token={token}")
}

#[tokio::test]
async fn a_kind_is_switched_off_in_one_click_by_whoever_has_the_mail() {
    let world = World::new();
    let path = off(NotificationKind::OrderShipped);
    // As a mail program sends it (RFC 8058 section 3.2).
    for _ in 0..2 {
        let click = Ask::post(&path, "List-Unsubscribe=One-Click");
        let click = click.with("content-type", "application/x-www-form-urlencoded");
        let answer = click.to(&world.routes).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let told = json!({"type": "order-shipped", "channel": "email"});
        assert_eq!(answer.json(), told);
    }
    let shown = world.ask(Ask::get(CHOICES)).await.json();
    let off: Vec<_> = kinds(&shown).into_iter().filter(|it| !it.1).collect();
    let names = ["order-placed", "order-shipped"].map(|name| (name.to_owned(), false));
    assert_eq!(off, names);
}

#[tokio::test]
async fn who_saves_another_choice_does_not_take_back_what_was_switched_off() {
    let world = World::new();
    let click = Ask::post(&off(NotificationKind::OrderShipped), "");
    assert_eq!(click.to(&world.routes).await.status, 200);
    let wanted = json!({"kinds": [{"type": "order-placed", "email": true}]});
    let put = world.ask(Ask::put(CHOICES, &wanted)).await.json();
    let off: Vec<_> = kinds(&put).into_iter().filter(|it| !it.1).collect();
    assert_eq!(off, [("order-shipped".to_owned(), false)]);
}

/// F32 of sockets: what goes into the address is good once, and only its hash is kept.
#[tokio::test]
async fn a_ticket_is_for_whoever_asks_and_kept_as_a_hash() {
    let world = World::new();
    let answer = world.ask(Ask::post(TICKETS, "")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let [url, seconds] = [json!("wss://sockets.example.org/live"), json!(30)];
    assert_eq!((&body["url"], &body["expires_in"]), (&url, &seconds));
    let secret = TicketSecret::parse(body["ticket"].as_str().unwrap()).unwrap();
    let ticket = world.lists.take_ticket(secret.hash()).await.unwrap();
    let alice = Ticket::new(world.alice.clone(), None, at(0));
    assert_eq!(ticket, Some(alice));
    for (role, runs_the_shop) in [(Role::Support, false), (Role::Admin, true)] {
        let ask = Ask::post(TICKETS, "").with_token(&token("dora", role));
        let body = ask.to(&world.routes).await.json();
        let secret = TicketSecret::parse(body["ticket"].as_str().unwrap()).unwrap();
        let ticket = world.lists.take_ticket(secret.hash()).await.unwrap();
        assert_eq!(ticket.unwrap().runs_the_shop, runs_the_shop, "{role:?}");
    }
    assert_eq!(Ask::post(TICKETS, "").to(&world.routes).await.status, 401);
}

/// Scanners follow every address of a mail.
#[tokio::test]
async fn looking_at_the_link_switches_nothing_off() {
    let world = World::new();
    let path = off(NotificationKind::OrderShipped);
    for method in [Method::GET, Method::HEAD] {
        let answer = Ask::of(method, &path).to(&world.routes).await;
        assert_eq!(answer.status, 200);
    }
    let shown = world.ask(Ask::get(CHOICES)).await.json();
    let off = kinds(&shown).into_iter().filter(|it| !it.1).count();
    assert_eq!(off, 1, "as at first");
}

#[tokio::test]
async fn a_link_that_was_made_up_is_not_there() {
    let world = World::new();
    let good = off(NotificationKind::OrderShipped);
    let long = format!("{OFF}?token={}", "0".repeat(2_000));
    for wrong in [format!("{OFF}?token=1.2"), format!("{good}0"), long] {
        for method in [Method::GET, Method::POST] {
            let answer = Ask::of(method, &wrong).to(&world.routes).await;
            assert_eq!(answer.problem().0, 404, "{wrong}");
        }
    }
    let answer = Ask::get(OFF).to(&world.routes).await;
    assert_eq!(answer.problem().0, 400);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    for name in ["REALTIME_TABLE", "CURSOR_KEY", "LINK_KEY", "TOKEN_JWKS"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[tokio::test]
async fn who_wants_to_hear_of_new_courses_says_so_as_often_as_they_like() {
    const COURSES: &str = "/api/v1/courses/subscriptions";
    let world = World::new();
    let put = || Ask::of(Method::PUT, COURSES);
    let said = async |ask: Ask| {
        let answer = world.ask(ask).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["subscribed"].as_bool().unwrap()
    };
    assert!(!said(Ask::get(COURSES)).await);
    assert!(!said(Ask::delete(COURSES)).await);
    for _ in 0..2 {
        assert!(said(put()).await && said(Ask::get(COURSES)).await);
    }
    let bob = Ask::get(COURSES).with_token(&token("bob", Role::Customer));
    assert_eq!(bob.to(&world.routes).await.json()["subscribed"], false);
    for _ in 0..2 {
        assert!(!said(Ask::delete(COURSES)).await && !said(Ask::get(COURSES)).await);
    }
    assert_eq!(put().to(&world.routes).await.status, 401);
}
