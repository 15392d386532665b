//! Texts by the gateway: once where it is well, later where it is not, and never twice where it can be
//! looked up. The order that they are of ends as it always does.

use std::time::Duration;

use domain::ports::ReadNotifications;
use domain::{CustomerId, TenantId};
use dynamo_store::RealtimeTable;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Fault, heal_about};
use tests::emulator::inbox::told;
use tests::emulator::shop::{SOON, Shop, now};
use tests::emulator::wait::until;

/// The next minute in which texts are sent, where nothing is in their way.
const NEXT_MINUTE: Duration = Duration::from_secs(150);
/// A pause, a look-up, and the minutes that both wait for.
const LATER: Duration = Duration::from_secs(300);
const PASSWORD: &str = "correct horse battery";

/// Somebody with an account, a number of their own, and a wish.
struct Member {
    id: String,
    phone: String,
}

impl Member {
    /// Wants a text of each order that is confirmed.
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
        member.is_heard(shop).await;
        member
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
    ada.orders(&shop, "well").await;
    ada.has(&shop, 1, NEXT_MINUTE).await;
    let text = ada.texts(&shop).await.remove(0);
    assert!(text.contains("is confirmed. Ref. "), "{text}");

    let dead = Fault::new("sms", "down");
    dead.about(&shop.stack, &ada.phone).await;
    ada.orders(&shop, "dead").await;
    ada.is_told_later(&shop).await;
    assert_eq!(ada.texts(&shop).await.len(), 1);
    heal_about(&shop.stack, &ada.phone).await;
    ada.has(&shop, 2, LATER).await;

    let mute = Fault::new("sms.send", "applied_no_answer").times(1);
    mute.about(&shop.stack, &ada.phone).await;
    ada.orders(&shop, "mute").await;
    ada.has(&shop, 3, LATER).await;
    heal_about(&shop.stack, &ada.phone).await;
    shop.check().await;
}
