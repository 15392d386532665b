//! The routes inside the edge against accounts and orders in memory.

use axum::Router;
use domain::ports::{
    CountDeliveries, KeepAccounts, KeepApiKeys, KeepGroups, KeepMembers, KeepNotifications,
    KeepSubscribers,
};
use domain::{Account, AccountEvent, NotificationList, Order};
use http_edge::{Limits, Rates, Role};
use identity::{Argon2Passwords, HashPasswords, PasswordParams};
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{
    a_group, a_notice, a_payment, a_shipment, an_account, an_api_key, an_order, at, customer,
    email, order_id, tenant,
};
use testkit::fakes::{
    FakeAccounts, FakeCounters, FakeOrders, FakePayments, FakeRealtime, FakeShipments,
};
use testkit::http::{
    Answer, Ask, cursors, protect_limited, protect_with_keys, token, token_of_shop,
};
use uuid::Uuid;

use super::*;

const PASSWORD: &str = "correct horse battery";
const EXPORT: &str = "/api/v1/users/alice/export";
const ERASE: &str = "/api/v1/users/alice/erase";

/// The function, and what it sees.
struct Shop {
    routes: Router,
    accounts: FakeAccounts,
    orders: FakeOrders,
    messages: FakeRealtime,
}

fn passwords() -> Argon2Passwords {
    Argon2Passwords::new(PasswordParams::default()).unwrap()
}

impl Shop {
    /// Alice with orders of hers.
    async fn new(orders: Vec<Order>) -> Self {
        Self::inside(orders, protect_with_keys).await
    }

    async fn inside(
        orders: Vec<Order>,
        edge: impl FnOnce(http_edge::Api, FakeAccounts) -> Router,
    ) -> Self {
        let accounts = FakeAccounts::default();
        let mut alice = an_account("alice");
        alice.password = passwords().hash(PASSWORD, Uuid::nil()).unwrap();
        accounts.register(alice).await.unwrap();
        accounts.register(an_account("bob")).await.unwrap();
        let (mut kept, messages) = (FakeOrders::default(), FakeRealtime::default());
        for order in orders {
            kept = kept.with(order);
        }
        let app = App {
            accounts: accounts.clone(),
            kept: Kept {
                orders: kept.clone(),
                payments: FakePayments::default().with(a_payment().of(order_id(1)).captured()),
                shipments: FakeShipments::default().with(a_shipment().of(order_id(1)).delivered()),
                messages: messages.clone(),
            },
            passwords: passwords(),
            cursors: cursors(),
            clock: Clock::fixed(at(0)),
        };
        Self {
            routes: edge(api(app), accounts.clone()),
            accounts,
            orders: kept,
            messages,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.routes).await
    }

    async fn erase(&self, who: &str, role: Role, body: Value) -> Answer {
        let ask = Ask::post(ERASE, body).with_token(&token(who, role));
        self.ask(ask).await
    }

    async fn by_alice(&self) -> Answer {
        let body = json!({"password": PASSWORD});
        self.erase("alice", Role::Customer, body).await
    }

    fn alice(&self) -> Account {
        let mut accounts = self.accounts.accounts().into_iter();
        accounts.find(|it| it.id.as_str() == "alice").unwrap()
    }
}

fn of_alice(number: u64) -> testkit::build::OrderBuilder {
    let order = an_order().number(number).by(customer("alice"));
    order
        .with_contact("alice@example.org")
        .placed_at(at(i64::try_from(number).unwrap()))
}

#[tokio::test]
async fn a_person_is_shown_everything_that_is_kept_about_them() {
    let shop = Shop::new(vec![of_alice(1).confirmed()]).await;
    for event in [
        "account/alice/1".to_owned(),
        format!("order/{}/2", order_id(1)),
    ] {
        shop.messages.claim(&event).await.unwrap();
        shop.messages.sent(&event).await.unwrap();
    }
    for (number, reader) in [(1, "alice"), (2, "bob")] {
        let list = NotificationList::default();
        let told = list.next(a_notice(number), true).unwrap();
        let reader = (tenant(), customer(reader));
        let kept = shop.messages.keep((&reader.0, &reader.1), told);
        kept.await.unwrap();
    }
    for (number, by) in [(1, "alice"), (2, "bob")] {
        let (mut key, _) = an_api_key(number);
        key.created_by = customer(by);
        shop.accounts.save_api_key(key).await.unwrap();
    }
    let answer = shop.ask(Ask::get(EXPORT).by("alice")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for secret in ["pi_test", "argon2", "pm_"] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
    let mut body = answer.json();
    assert_eq!(body["account"]["email"], "alice@example.org");
    assert_eq!(body["api_keys"].as_array().unwrap().len(), 1);
    assert_eq!(body["api_keys"][0]["created_by"], "alice");
    assert_eq!(
        body["messages"],
        json!([{"event": "account/alice/1", "sent": true}])
    );
    let told = &body["notifications"];
    assert_eq!(told.as_array().unwrap().len(), 1);
    assert_eq!(told[0]["id"], a_notice(1).id);
    assert_eq!(told[0]["deliveries"][0]["outcome"], "pending");
    let order = body["orders"][0].take();
    assert_eq!(
        order["order"]["ship_to"]["street"],
        of_alice(1).facts().ship_to.street
    );
    assert_eq!(order["email"], "alice@example.org");
    let told = format!("order/{}/2", order_id(1));
    assert_eq!(order["messages"], json!([{"event": told, "sent": true}]));
    let amount = json!({"minor": 1_200, "currency": "EUR"});
    assert_eq!(
        order["payment"],
        json!({"status": "captured", "amount": amount})
    );
    let shipment = &order["shipment"];
    assert_eq!(shipment["ship_to"], order["order"]["ship_to"]);
    let rest = ["status", "carrier", "tracking_number"].map(|it| shipment[it].as_str().unwrap());
    assert_eq!(rest, ["delivered", "parcelwise", "parcel-test"]);
    let story = order["timeline"].as_array().unwrap().iter();
    let story: Vec<_> = story.map(|it| it["type"].as_str().unwrap()).collect();
    for kind in [
        "order.placed",
        "order.completed",
        "payment.captured",
        "shipment.delivered",
    ] {
        assert!(story.iter().any(|it| it.contains(kind)), "{story:?}");
    }
}

#[tokio::test]
async fn whether_somebody_hears_of_new_courses_is_exported() {
    let shop = Shop::new(vec![]).await;
    let reader = (tenant(), customer("alice"));
    for wanted in [false, true] {
        let body = shop.ask(Ask::get(EXPORT).by("alice")).await.json();
        assert_eq!(body["course_subscription"], wanted);
        let subscribed = shop.messages.subscribe((&reader.0, &reader.1));
        subscribed.await.unwrap();
    }
}

#[tokio::test]
async fn which_groups_somebody_belongs_to_is_exported() {
    let shop = Shop::new(vec![]).await;
    let (reader, group) = ((tenant(), customer("alice")), a_group(1));
    shop.accounts.create_group(&group).await.unwrap();
    let body = shop.ask(Ask::get(EXPORT).by("alice")).await.json();
    assert_eq!(body["groups"], json!([]));
    let joined = shop
        .accounts
        .add_member((&reader.0, &reader.1), group.id, at(1));
    assert_eq!(joined.await, Ok(true));
    let body = shop.ask(Ask::get(EXPORT).by("alice")).await.json();
    assert_eq!(body["groups"][0]["group_id"], json!(group.id.to_string()));
}

/// DynamoDB may take days to remove it.
#[tokio::test]
async fn what_has_ended_is_not_exported() {
    let shop = Shop::new(vec![]).await;
    let reader = (tenant(), customer("alice"));
    for number in 1..=102 {
        let mut notice = a_notice(number);
        if number == 101 {
            notice.at = at(-31 * 86_400);
        }
        let list = NotificationList {
            last: number - 1,
            ..NotificationList::default()
        };
        let told = list.next(notice, true).unwrap();
        let kept = shop.messages.keep((&reader.0, &reader.1), told);
        kept.await.unwrap();
    }
    let body = shop.ask(Ask::get(EXPORT).by("alice")).await.json();
    let told = body["notifications"].as_array().unwrap();
    let numbers: Vec<_> = told
        .iter()
        .map(|it| it["number"].as_u64().unwrap())
        .collect();
    let wanted: Vec<_> = [102].into_iter().chain((3..=100).rev()).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(
        body["more_notifications"], 3,
        "the two oldest, and what has ended"
    );
}

#[tokio::test]
async fn an_export_goes_on_page_by_page() {
    let shop = Shop::new((1..=3).map(|it| of_alice(it).confirmed()).collect()).await;
    let (mut seen, mut path) = (Vec::new(), format!("{EXPORT}?limit=2"));
    loop {
        let page = shop.ask(Ask::get(&path).by("alice")).await.json();
        let orders = page["orders"].as_array().unwrap().iter();
        seen.extend(orders.map(|it| it["order"]["order_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("{EXPORT}?limit=2&cursor={cursor}");
    }
    let all = [3, 2, 1].map(|number| order_id(number).to_string());
    assert_eq!(seen, all);
    let of_another = path.replace("alice", "bob");
    let refused = shop.ask(Ask::get(&of_another).by("bob")).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn nobody_else_sees_it_but_who_runs_the_shop_in_person() {
    let shop = Shop::new(vec![]).await;
    let foreign = shop.ask(Ask::get(EXPORT).by("bob")).await;
    assert_eq!(foreign.problem(), (404, "not-found".to_owned()));
    let admin = |shop: &str| token_of_shop(shop, "dora", Role::Admin);
    let elsewhere = shop
        .ask(Ask::get(EXPORT).with_token(&admin("elsewhere")))
        .await;
    assert_eq!(elsewhere.status, 404);
    let (mut key, secret) = an_api_key(1);
    key.roles = vec![domain::Role::Admin];
    shop.accounts.save_api_key(key).await.unwrap();
    for path in [EXPORT, ERASE] {
        let ask = match path {
            EXPORT => Ask::get(path),
            _ => Ask::post(path, json!({})),
        };
        let by_key = shop.ask(ask.with_token(&secret)).await;
        assert_eq!(by_key.problem(), (403, "forbidden".to_owned()));
    }
    let by_admin = shop
        .ask(Ask::get(EXPORT).with_token(&admin(tenant().as_str())))
        .await;
    assert_eq!(by_admin.status, 200);
}

#[tokio::test]
async fn an_owner_erases_their_account_by_their_password() {
    let shop = Shop::new(vec![of_alice(1).confirmed(), of_alice(2).charging()]).await;
    let wrong = json!({"password": "another horse battery"});
    let wrong = shop.erase("alice", Role::Customer, wrong).await;
    assert_eq!(wrong.problem(), (403, "wrong-password".to_owned()));
    let none = shop.erase("alice", Role::Customer, json!({})).await;
    assert_eq!(none.problem(), (422, "invalid-body".to_owned()));
    assert!(shop.alice().is_active());
    let erased = shop.by_alice().await;
    assert_eq!(erased.status, 202, "{}", erased.body);
    let open = [order_id(2).to_string()];
    let body = json!({
        "user_id": "alice", "status": "erased", "erased_at": "2026-07-20T12:00:00Z",
        "open_orders": open,
    });
    assert_eq!(erased.json(), body);
    let alice = shop.alice();
    assert_eq!((alice.last, alice.epoch), (AccountEvent::Erased, 1));
    let address = email("alice@example.org");
    let owner = shop.accounts.owner_of(&tenant(), &address).await.unwrap();
    assert_eq!(owner, None, "somebody may register with it");
    let untouched = shop.orders.all();
    let whole = untouched.iter().all(|order| !order.is_blank());
    assert!(whole, "that is done by whoever hears of it");
}

#[tokio::test]
async fn a_second_erasure_answers_the_same_and_nothing_is_shown_any_more() {
    let shop = Shop::new(vec![of_alice(1).confirmed()]).await;
    let first = shop.by_alice().await;
    let version = shop.alice().version;
    let second = shop.by_alice().await;
    assert_eq!((second.status, &second.body), (202, &first.body));
    assert_eq!(shop.alice().version, version);
    let gone = shop.ask(Ask::get(EXPORT).by("alice")).await;
    assert_eq!(gone.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn who_runs_the_shop_erases_others_and_never_themselves() {
    let shop = Shop::new(vec![]).await;
    let own = shop
        .erase("alice", Role::Admin, json!({"password": PASSWORD}))
        .await;
    assert_eq!(own.problem(), (409, "own-account".to_owned()));
    let support = shop.erase("sue", Role::Support, json!({})).await;
    assert_eq!(support.status, 404);
    let guess = json!({"password": PASSWORD});
    let guess = shop.erase("dora", Role::Admin, guess).await;
    assert_eq!(guess.problem(), (422, "invalid-body".to_owned()));
    assert!(shop.alice().is_active());
    let erased = shop.erase("dora", Role::Admin, json!({})).await;
    assert_eq!(erased.status, 202, "{}", erased.body);
    let by = shop.accounts.authors().pop().unwrap().unwrap();
    assert_eq!(
        (by.subject, by.from.address),
        (Some(customer("dora")), None)
    );
    assert!(shop.alice().is_erased());
}

#[tokio::test]
async fn who_stole_a_token_does_not_guess_the_password() {
    let limits = Limits::new(FakeCounters::default(), Rates::default(), || at(0));
    let shop = Shop::inside(vec![], |api, _| protect_limited(api, limits)).await;
    let guess = || {
        shop.erase(
            "alice",
            Role::Customer,
            json!({"password": "a guess at it"}),
        )
    };
    for _ in 0..Rates::default().guess {
        assert_eq!(guess().await.status, 403);
    }
    assert_eq!(
        guess().await.problem(),
        (429, "too-many-requests".to_owned())
    );
    assert_eq!(
        shop.by_alice().await.status,
        429,
        "nor is the right one looked at"
    );
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().count(), 11);
}
