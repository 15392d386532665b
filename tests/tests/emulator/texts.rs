//! Texts by the gateway: once where it is well, later where it is not, and never twice where it can be
//! looked up. The order that they are of ends as it always does. Nothing but a code goes to a number
//! that was not confirmed by one.

use std::time::Duration;

use domain::ports::ReadNotifications;
use domain::{CustomerId, TenantId};
use dynamo_store::RealtimeTable;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Fault, heal_about};
use tests::emulator::inbox::told;
use tests::emulator::shop::{Answer, SOON, Shop, now};
use tests::emulator::wait::until;

/// The next minute in which texts are sent, where nothing is in their way.
const NEXT_MINUTE: Duration = Duration::from_secs(150);
/// A pause, a look-up, and the minutes that both wait for.
const LATER: Duration = Duration::from_secs(300);
const PASSWORD: &str = "correct horse battery";

/// Somebody with an account, a number, and a wish.
struct Member {
    id: String,
    phone: String,
}

impl Member {
    /// Wants a text of each order that is confirmed; whose the number is, is not known.
    async fn wanting_texts(shop: &Shop) -> Self {
        let email = format!("{}@example.test", shop.name());
        let who = json!({"email": email, "password": PASSWORD, "name": "Ada"});
        let registered = shop.send("/users", &who).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        let registered = registered.json();
        let phone = format!("+44{:011}", now().as_microsecond() % 100_000_000_000);
        let member = Self {
            id: must_have(registered["user_id"].as_str()).to_owned(),
            phone,
        };
        let token = shop.token(&member.id);
        let profile = json!({
            "name": "Ada",
            "phone": member.phone,
            "preferences": {"email": true, "sms": true},
        });
        let path = format!("/users/{}", member.id);
        let change = shop.request(Method::PUT, &path).header("if-match", "\"1\"");
        let changed = shop.ask(change.json(&profile).bearer_auth(&token)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let wish = json!({"kinds": [{"type": "order-confirmed", "email": true, "sms": true}]});
        let put = shop.request(Method::PUT, "/notifications/preferences");
        let put = shop.ask(put.json(&wish).bearer_auth(&token)).await;
        assert_eq!(put.status, 200, "{}", put.body);
        member
    }

    fn confirmation(&self) -> String {
        format!("/users/{}/phone/confirmation", self.id)
    }

    /// Asks for a code: where it is told what becomes of the text.
    async fn asks(&self, shop: &Shop) {
        let ask = shop.request(Method::POST, &self.confirmation());
        let ask = ask.bearer_auth(shop.token(&self.id)).json(&json!({}));
        let asked = must(ask.send().await);
        assert_eq!(asked.status(), 202);
        let location = must(must_have(asked.headers().get("location")).to_str());
        assert_eq!(location, format!("/api/v1{}", self.confirmation()));
        self.waits_for_the_code(must(asked.json().await));
    }

    fn waits_for_the_code(&self, body: Value) {
        let said = (&body["phone"], &body["status"], &body["note"]);
        let later = json!("We will text you later.");
        let wanted = (&json!(self.phone), &json!("pending"), &later);
        assert_eq!(said, wanted, "{body}");
    }

    async fn standing(&self, shop: &Shop) -> Value {
        let answer = shop.get(&self.id, &self.confirmation()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn sends(&self, shop: &Shop, code: &str) -> Answer {
        let put = shop.request(Method::PUT, &self.confirmation());
        let put = put.bearer_auth(shop.token(&self.id));
        shop.ask(put.json(&json!({"code": code}))).await
    }

    /// Asks while the gateway is dead, is told so, and confirms by what comes when it is back.
    async fn confirms_the_number(&self, shop: &Shop) {
        let dead = Fault::new("sms", "down");
        dead.about(&shop.stack, &self.phone).await;
        self.asks(shop).await;
        let noted = || async { self.standing(shop).await.get("next_try").cloned() };
        until("the text has a next try", SOON, noted).await;
        self.waits_for_the_code(self.standing(shop).await);
        assert_eq!(self.texts(shop).await, Vec::<String>::new());
        heal_about(&shop.stack, &self.phone).await;
        let sent = || async { (self.standing(shop).await["status"] == "sent").then_some(()) };
        until("the code was sent", LATER, sent).await;
        let text = must_have(self.texts(shop).await.pop());
        let code = must_have(text.split(' ').next());
        let confirmed = self.sends(shop, code).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        assert_eq!(confirmed.json()["status"], "confirmed");
        self.is_heard(shop).await;
    }

    /// Until the list knows the number that the account says.
    async fn is_heard(&self, shop: &Shop) {
        let table = RealtimeTable::connect(&shop.stack.aws, shop.stack.get("REALTIME_TABLE"));
        let (tenant, reader) = (
            must(TenantId::parse("main")),
            must(CustomerId::parse(&self.id)),
        );
        let look = || async {
            let list = must(table.list_of((&tenant, &reader)).await);
            list.reach.texts_to.is_some().then_some(())
        };
        until("the list knows the number", SOON, look).await;
    }

    async fn orders(&self, shop: &Shop, key: &str) {
        let mut cart: Cart = shop.cart(&[("tea", 1)]);
        cart.customer.clone_from(&self.id);
        let cart = cart.under(key);
        shop.place(&cart).await;
        shop.ends(&cart, SOON, "confirmed", None).await;
        told(shop, &cart).await;
    }

    /// What the gateway sent, oldest first.
    async fn texts(&self, shop: &Shop) -> Vec<String> {
        let url = format!("{}/book/messages", shop.stack.get("PROVIDERS_URL"));
        let query = [("to", &self.phone)];
        let answer = must(shop.stack.http.get(url).query(&query).send().await);
        let rows: Vec<Value> = must(answer.json().await);
        let body = |row: &Value| must_have(row["body"].as_str()).to_owned();
        rows.iter().map(body).collect()
    }

    /// What the history says of the text of the newest notification.
    async fn newest(&self, shop: &Shop) -> Value {
        let page = shop.get(&self.id, "/notifications?limit=1").await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()["notifications"][0]["deliveries"][1].clone()
    }

    /// Until the history says that the newest was sent, and what the gateway sent by then.
    async fn has(&self, shop: &Shop, texts: usize, limit: Duration) {
        let look = || async {
            let newest = self.newest(shop).await;
            (newest == json!({"channel": "sms", "outcome": "sent"})).then_some(())
        };
        until("the text was sent", limit, look).await;
        assert_eq!(self.texts(shop).await.len(), texts);
    }

    async fn is_told_later(&self, shop: &Shop) {
        let newest = self.newest(shop).await;
        let said = (&newest["channel"], &newest["outcome"], &newest["note"]);
        let wanted = (
            &json!("sms"),
            &json!("pending"),
            &json!("We will text you later."),
        );
        assert_eq!(said, wanted, "{newest}");
    }
}

#[tokio::test]
async fn a_text_goes_out_once_whatever_the_gateway_does_and_no_order_waits_for_it() {
    let shop = Shop::open("texts").await;
    shop.sell("tea", 1_200, 10).await;
    let ada = Member::wanting_texts(&shop).await;
    ada.confirms_the_number(&shop).await;
    ada.orders(&shop, "well").await;
    ada.has(&shop, 2, NEXT_MINUTE).await;
    let text = ada.texts(&shop).await.remove(1);
    assert!(text.contains("is confirmed. Ref. "), "{text}");

    let dead = Fault::new("sms", "down");
    dead.about(&shop.stack, &ada.phone).await;
    ada.orders(&shop, "dead").await;
    ada.is_told_later(&shop).await;
    assert_eq!(ada.texts(&shop).await.len(), 2);
    heal_about(&shop.stack, &ada.phone).await;
    ada.has(&shop, 3, LATER).await;

    let mute = Fault::new("sms.send", "applied_no_answer").times(1);
    mute.about(&shop.stack, &ada.phone).await;
    ada.orders(&shop, "mute").await;
    ada.has(&shop, 4, LATER).await;
    heal_about(&shop.stack, &ada.phone).await;
    shop.check().await;
}

/// Guesses that are sent at once are counted one by one, by a conditional write each.
#[tokio::test]
async fn of_guesses_that_come_at_once_five_are_looked_at() {
    let shop = Shop::open("guesses").await;
    let ada = Member::wanting_texts(&shop).await;
    // No gateway: what is guessed at is known to nobody.
    let dead = Fault::new("sms", "down");
    dead.about(&shop.stack, &ada.phone).await;
    ada.asks(&shop).await;
    let guesses: Vec<String> = (0..24).map(|guess| format!("{guess:06}")).collect();
    let mut looked_at = 0;
    for some in guesses.chunks(8) {
        let answers = join_all(some.iter().map(|code| ada.sends(&shop, code))).await;
        for answer in answers {
            // 503: the account was changed again and again by the other guesses.
            let known = [422, 503].contains(&answer.status);
            assert!(known, "{}: {}", answer.status, answer.body);
            looked_at += usize::from(answer.body.contains("the code is wrong"));
        }
    }
    assert_eq!(looked_at, 5);
    let standing = ada.standing(&shop).await;
    let said = (&standing["status"], &standing["reason"]);
    let why = json!("too many wrong codes; ask for another");
    assert_eq!(said, (&json!("expired"), &why));
    heal_about(&shop.stack, &ada.phone).await;
    shop.check().await;
}
