//! A person is shown what is kept about them, and erased: nothing says who they were any more, the
//! books and the audit log stay.

use audit::KeepChains;
use contracts::events::Envelope;
use domain::ports::{Inbox, Load};
use domain::{Order, OrderId, Sequence};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::{must, must_have};
use tests::emulator::aws::{invoke, log_lines, queue_event};
use tests::emulator::cart::Cart;
use tests::emulator::database;
use tests::emulator::faults::Fault;
use tests::emulator::probe::published;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

use crate::command_line::cartwright;

const PASSWORD: &str = "correct horse battery";

/// Somebody who registered, signed in, and said everything that can be said of a person.
struct Person {
    id: String,
    access: String,
    refresh: String,
    email: String,
    name: String,
    street: String,
    phone: String,
}

fn text(answer: &Answer, name: &str) -> String {
    let body = answer.json();
    must_have(body[name].as_str()).to_owned()
}

impl Person {
    async fn come(shop: &Shop) -> Self {
        let stamp = shop.name();
        let digits: String = stamp.bytes().map(|it| char::from(b'0' + it % 10)).collect();
        let phone = format!("+4{}", must_have(digits.get(digits.len() - 12..)));
        let (email, name) = (format!("{stamp}@example.test"), format!("Name of {stamp}"));
        let street = format!("Street of {stamp}");
        let registration = json!({"email": email, "password": PASSWORD, "name": name});
        let id = text(&shop.send("/users", &registration).await, "user_id");
        let who = json!({"email": email, "password": PASSWORD});
        let tokens = shop.send("/auth/login", &who).await;
        let access = text(&tokens, "access_token");
        let profile = json!({
            "name": name, "phone": phone, "preferences": {"email": true, "sms": false},
            "address": {"name": name, "street": street, "city": "Bath", "postcode": "BA1", "country": "GB"},
        });
        let update = shop.request(Method::PUT, &format!("/users/{id}"));
        let update = update.header("if-match", "\"1\"").json(&profile);
        let updated = shop.ask(update.bearer_auth(&access)).await;
        assert_eq!(updated.status, 200, "{}", updated.body);
        let refresh = text(&tokens, "refresh_token");
        Self {
            id,
            access,
            refresh,
            email,
            name,
            street,
            phone,
        }
    }

    fn cart(&self, shop: &Shop) -> Cart {
        let mut cart = shop.cart(&[("tea", 1)]).by(&self.id);
        self.name.clone_into(&mut cart.body.ship_to.name);
        self.street.clone_into(&mut cart.body.ship_to.street);
        let contact = cart.body.contact.as_mut();
        self.email.clone_into(&mut must_have(contact).email);
        cart
    }

    async fn get(&self, shop: &Shop, what: &str) -> Answer {
        let request = shop.request(Method::GET, &format!("/users/{}{what}", self.id));
        shop.ask(request.bearer_auth(&self.access)).await
    }

    async fn erase(&self, shop: &Shop) -> Answer {
        let request = shop.request(Method::POST, &format!("/users/{}/erase", self.id));
        let request = request.json(&json!({"password": PASSWORD}));
        shop.ask(request.bearer_auth(&self.access)).await
    }

    /// Which of the texts that say who they are is in which item of any table.
    async fn traces(&self, shop: &Shop) -> Vec<String> {
        let mut found = Vec::new();
        for item in shop.tables.every_item(&shop.stack).await {
            let who = [&self.email, &self.name, &self.street, &self.phone];
            let traced = who.into_iter().filter(|text| item.contains(text.as_str()));
            found.extend(traced.map(|text| format!("{text} in {item}")));
        }
        found
    }

    /// Whether the account itself says who it was.
    async fn of_account(&self, shop: &Shop) -> Option<String> {
        let mut left = self.traces(shop).await.into_iter();
        left.find(|it| it.contains("USER#") || it.contains("EMAIL#"))
    }

    /// The queue has brought the event, and it goes back as long as a token may be good.
    async fn waits(&self, shop: &Shop) {
        let group = format!("/aws/lambda/{}", shop.stack.function("erase-person"));
        let since = must(i64::try_from(shop.opened_ms()));
        let told = || async {
            let lines = log_lines(&shop.stack, &group, since).await;
            let mut own = lines.iter().filter(|line| line.contains(&self.id));
            own.any(|line| line.contains("may still be good"))
                .then_some(())
        };
        until("the erasure to wait", SOON, told).await;
    }

    /// The event, as if nothing could be on its way any more.
    async fn erased_long_ago(&self, shop: &Shop) -> Envelope {
        let own = || async {
            let events = published(&shop.stack, |subject| subject == self.id).await;
            let mut events = events.into_iter();
            events.find(|event| event.event_type == "cartwright.account.erased.v1")
        };
        let mut event = until("the erasure to be told", SOON, own).await;
        assert_eq!(event.data, json!({"account_id": self.id}));
        event.time = must(event.time.checked_sub(SignedDuration::from_hours(1)));
        event
    }

    /// Has the event come again until all of it is done.
    async fn is_done(&self, shop: &Shop) {
        let again = queue_event(&[self.erased_long_ago(shop).await]);
        let done = || async {
            let answer = must(
                invoke(&shop.stack, "erase-person", &again)
                    .await
                    .map_err(|it| it.message),
            );
            let left = answer["batchItemFailures"].as_array().map_or(1, Vec::len);
            (left == 0).then_some(())
        };
        until("the erasure to be done", SOON, done).await;
    }
}

/// Whoever writes down what happened has written down this order.
async fn was_heard(shop: &Shop, id: OrderId) {
    let object = format!("order/{id}");
    let heard = || async {
        let order: Order = must_have(must(shop.tables.orders.load(&id).await));
        let last = order.events.last_sequence();
        let entry = must(
            shop.tables
                .audit
                .place_of(&format!("{object}/{last}"))
                .await,
        );
        let applied = must(shop.tables.realtime.taken(&object).await).applied;
        (entry.is_some() && applied > Sequence::NONE).then_some(())
    };
    until("everybody to hear of the order", SOON, heard).await;
}

#[tokio::test]
async fn who_is_erased_leaves_the_books_and_nothing_of_themselves() {
    let shop = Shop::open("erasure").await;
    shop.sell("tea", 1_200, 10).await;
    let person = Person::come(&shop).await;
    let cart = person.cart(&shop);
    let placed = shop.post_with(&cart, &person.access).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
    was_heard(&shop, cart.id()).await;
    let export = person.get(&shop, "/export").await;
    assert_eq!(export.status, 200, "{}", export.body);
    for own in [&person.email, &person.name, &person.street, &person.phone] {
        assert!(
            export.body.contains(own.as_str()),
            "{own} in {}",
            export.body
        );
    }
    assert_eq!(export.json()["orders"][0]["payment"]["status"], "captured");

    let told = || async {
        let kept = database::remembered_of(&shop.stack, &person.id).await;
        (kept > 0).then_some(())
    };
    until("the history to have what they were told", SOON, told).await;

    let first = person.erase(&shop).await;
    assert_eq!(first.status, 202, "{}", first.body);
    assert_eq!(first.json()["open_orders"], json!([]));
    assert_eq!(person.of_account(&shop).await, None, "at once");
    person.waits(&shop).await;
    person.is_done(&shop).await;
    assert_eq!(person.traces(&shop).await, Vec::<String>::new());
    let forgotten = || async {
        let left = database::remembered_of(&shop.stack, &person.id).await;
        (left == 0).then_some(())
    };
    until("the history to forget them", SOON, forgotten).await;

    let second = person.erase(&shop).await;
    assert_eq!((second.status, &second.body), (202, &first.body));
    let refresh = json!({"refresh_token": person.refresh});
    assert_eq!(shop.send("/auth/refresh", &refresh).await.status, 401);
    let who = json!({"email": person.email, "password": PASSWORD});
    assert_eq!(shop.send("/auth/login", &who).await.status, 401);
    for what in ["", "/export"] {
        assert_eq!(person.get(&shop, what).await.status, 404);
    }
    let anew = json!({"email": person.email, "password": PASSWORD, "name": "A. Buyer"});
    let anew = shop.send("/users", &anew).await;
    assert_eq!(anew.status, 201, "{}", anew.body);
    assert_ne!(text(&anew, "user_id"), person.id);

    let (code, said) = cartwright(&shop, &["audit", "verify", "--json"]).await;
    assert_eq!(code, Some(0), "{said}");
    let order: Order = must_have(must(shop.tables.orders.load(&cart.id()).await));
    assert_eq!(order.state.name(), "confirmed");
    shop.check().await;
}

#[tokio::test]
async fn an_order_under_way_is_erased_when_it_has_ended() {
    let shop = Shop::open("erasure-open").await;
    shop.sell("tea", 1_200, 10).await;
    let person = Person::come(&shop).await;
    let cart = person.cart(&shop);
    let slow = Fault::new("payment.create", "slow").times(1).ms(5_000);
    slow.on(&shop.stack, cart.id()).await;
    let placed = shop.post_with(&cart, &person.access).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    let erased = person.erase(&shop).await;
    assert_eq!(erased.status, 202, "{}", erased.body);
    assert_eq!(erased.json()["open_orders"], json!([cart.id().to_string()]));
    shop.ends(&cart, SOON, "confirmed", None).await;
    assert_eq!(person.of_account(&shop).await, None);
    was_heard(&shop, cart.id()).await;
    person.is_done(&shop).await;
    assert_eq!(person.traces(&shop).await, Vec::<String>::new());
    shop.check().await;
}
