//! What a new course sets off: a mail to those who want to hear of it, the dashboard, the search. Three
//! consumers that know nothing of each other, and of which its creation knows nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures::FutureExt;
use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::must_have;
use tests::emulator::aws::set_consumer;
use tests::emulator::mails::texts_to;
use tests::emulator::proxy;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

/// Those that a new course sets off.
const CONSUMERS: [&str; 3] = ["tell-subscribers", "project-dashboard", "index-search"];
/// All of it is there this soon once the consumers are.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(120);

fn admin(shop: &Shop) -> String {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    shop.sign(&admin)
}

/// The course, and what its creation asked of AWS before it answered; but for the caller's limit, which
/// is asked about when nothing of it is in hand.
async fn create(shop: &Shop, title: &str) -> BTreeMap<String, u64> {
    proxy::rest(&shop.stack).await;
    proxy::forget(&shop.stack).await;
    let body = json!({"title": title, "price": {"minor": 9_900, "currency": "EUR"}});
    let request = shop.request(Method::POST, "/courses").json(&body);
    let created = shop.ask(request.bearer_auth(admin(shop))).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let trace = proxy::trace(&shop.stack).await;
    let limits = shop.stack.get("OPERATIONS_TABLE");
    let own = trace
        .iter()
        .filter(|sum| sum.caller.ends_with("catalog-api") && sum.resource != limits);
    own.map(|sum| (format!("{} {}", sum.operation, sum.resource), sum.calls))
        .collect()
}

async fn subscription(shop: &Shop, method: Method, user: &str) -> Answer {
    let request = shop.request(method, "/courses/subscriptions");
    let answer = shop.ask(request.bearer_auth(shop.token(user))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// The token of the first link that was mailed to the address.
async fn mailed_link(shop: &Shop, email: &str) -> String {
    let look = || async {
        let texts = texts_to(&shop.stack, email).await;
        let (_, link) = texts.first()?.split_once("#token=")?;
        link.split_whitespace().next().map(str::to_owned)
    };
    until("the mailed link", SOON, look).await
}

/// Somebody whose address was shown to be theirs and who wants to hear of courses.
async fn a_subscriber(shop: &Shop) -> (String, String) {
    let email = format!("{}@example.test", shop.name());
    let body = json!({"email": email, "password": "correct horse battery", "name": "A"});
    let registered = shop.send("/users", &body).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let user = must_have(registered.json()["user_id"].as_str()).to_owned();
    let verify = json!({"token": mailed_link(shop, &email).await});
    assert_eq!(shop.send("/auth/verify-email", &verify).await.status, 204);
    let before = subscription(shop, Method::GET, &user).await.json();
    assert_eq!(before["subscribed"], false);
    for _ in 0..2 {
        let said = subscription(shop, Method::PUT, &user).await.json();
        assert_eq!(said["subscribed"], true);
    }
    (user, email)
}

/// Which of the three are done: mailed, in the list and on the dashboard, found.
async fn effects(shop: &Shop, (user, email): &(String, String), title: &str) -> [bool; 3] {
    let mailed = texts_to(&shop.stack, email).await;
    let mailed = mailed.iter().filter(|text| text.contains(title)).count();
    assert!(mailed <= 1, "told twice");
    let list = shop.get(user, "/notifications").await.json();
    let list = must_have(list["notifications"].as_array()).clone();
    let of_it = |it: &&Value| it["message"].as_str().is_some_and(|it| it.contains(title));
    let listed = list.iter().filter(of_it).count();
    assert!(listed <= 1, "told twice");
    let page = shop.request(Method::GET, "/admin/dashboard");
    let page = shop.ask(page.bearer_auth(admin(shop))).await.json();
    let newest = must_have(page["newest_courses"].as_array()).clone();
    let search = shop.request(Method::GET, "/search").query(&[("q", title)]);
    let found = shop.ask(search).await.json();
    let found = must_have(found["results"].as_array()).clone();
    [
        mailed == 1 && listed == 1,
        newest.iter().any(|it| it["title"] == title),
        found.iter().any(|it| it["name"] == title),
    ]
}

async fn all_done(shop: &Shop, subscriber: &(String, String), title: &str) {
    let look = || async { (effects(shop, subscriber, title).await == [true; 3]).then_some(()) };
    until(&format!("everything of {title}"), CAUGHT_UP_WITHIN, look).await;
}

async fn switch(shop: &Shop, on: bool) {
    for consumer in CONSUMERS {
        set_consumer(&shop.stack, consumer, on).await;
    }
}

#[tokio::test]
async fn a_course_is_created_as_fast_with_all_three_consumers_down_and_they_catch_up() {
    let shop = Shop::alone("courses-down").await;
    let subscriber = a_subscriber(&shop).await;
    let [first, second] = ["Soldering", "Welding"].map(|it| format!("{it} of {}", shop.name()));
    // The first one starts the functions and fills what they remember.
    create(&shop, &format!("Warm {}", shop.name())).await;
    let with_all = create(&shop, &first).await;
    all_done(&shop, &subscriber, &first).await;
    switch(&shop, false).await;
    let down = AssertUnwindSafe(async {
        let with_none = create(&shop, &second).await;
        proxy::rest(&shop.stack).await;
        (with_none, effects(&shop, &subscriber, &second).await)
    });
    let down = down.catch_unwind().await;
    // Before anything is asserted: others need them.
    switch(&shop, true).await;
    let (with_none, done) = down.unwrap_or_else(|panic| resume_unwind(panic));
    assert_eq!(with_none, with_all);
    assert_eq!(done, [false; 3]);
    all_done(&shop, &subscriber, &second).await;
    let said = subscription(&shop, Method::DELETE, &subscriber.0)
        .await
        .json();
    assert_eq!(said["subscribed"], false);
    shop.check().await;
}
