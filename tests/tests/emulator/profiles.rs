//! Profiles reach the services that keep copies of them, whatever is down meanwhile.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::faults::{Fault, heal_about};
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

const SERVICES: [&str; 3] = ["crm", "newsletter", "support"];
/// The pause after the first try that failed, the next minute, and some more.
const NEXT_TRY: Duration = Duration::from_secs(180);
const PASSWORD: &str = "correct horse battery";

/// Somebody with an account.
struct Member {
    id: String,
    token: String,
}

impl Member {
    async fn register(shop: &Shop) -> Self {
        let email = format!("{}@example.test", shop.name());
        let who = json!({"email": email, "password": PASSWORD, "name": "Ada"});
        let registered = shop.send("/users", &who).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        let who = json!({"email": email, "password": PASSWORD});
        let signed_in = shop.send("/auth/login", &who).await;
        let text = |answer: &Answer, name: &str| {
            let body = answer.json();
            must_have(body[name].as_str()).to_owned()
        };
        Self {
            id: text(&registered, "user_id"),
            token: text(&signed_in, "access_token"),
        }
    }

    /// Changes the name in the profile that has changed so often.
    async fn is_called(&self, shop: &Shop, name: &str, seen: u32) {
        let path = format!("/users/{}", self.id);
        let profile = json!({"name": name, "preferences": {"email": true, "sms": false}});
        let change = shop
            .request(Method::PUT, &path)
            .bearer_auth(&self.token)
            .header("if-match", format!("\"{seen}\""))
            .json(&profile);
        let changed = shop.ask(change).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }
}

/// What a service has of somebody.
async fn copy_at(shop: &Shop, service: &str, user: &str) -> Option<Value> {
    let providers = shop.stack.get("PROVIDERS_URL");
    let url = format!("{providers}/destinations/{service}/profiles/{user}");
    let answer = must(shop.stack.http.get(url).send().await);
    match answer.status().is_success() {
        true => Some(must(answer.json().await)),
        false => None,
    }
}

/// Waits until a service calls somebody so; nothing where they were erased.
async fn knows(shop: &Shop, service: &str, user: &Member, name: Option<&str>, limit: Duration) {
    let look = || async {
        let copy = copy_at(shop, service, &user.id).await?;
        let known = copy["profile"]["name"].as_str();
        (known == name).then_some(())
    };
    let what = format!("{service} knows {name:?}");
    until(&what, limit, look).await;
}

/// The versions that a service took, in that order.
async fn versions(shop: &Shop, service: &str, user: &str) -> Vec<u64> {
    let url = format!("{}/book/profiles", shop.stack.get("PROVIDERS_URL"));
    let query = [("destination", service), ("user", user)];
    let answer = must(shop.stack.http.get(url).query(&query).send().await);
    let rows: Vec<Value> = must(answer.json().await);
    let version = |row: &Value| must_have(row["version"].as_u64());
    rows.iter().map(version).collect()
}

#[tokio::test]
async fn a_service_that_was_down_ends_with_the_newest_profile_and_never_goes_back() {
    let shop = Shop::open("profiles").await;
    let ada = Member::register(&shop).await;
    for service in SERVICES {
        knows(&shop, service, &ada, Some("Ada"), SOON).await;
    }
    let down = Fault::new("destination.crm.put", "down");
    down.about(&shop.stack, &ada.id).await;
    ada.is_called(&shop, "Ada L.", 1).await;
    ada.is_called(&shop, "Ada Lovelace", 2).await;
    for service in ["newsletter", "support"] {
        knows(&shop, service, &ada, Some("Ada Lovelace"), SOON).await;
    }
    knows(&shop, "crm", &ada, Some("Ada"), SOON).await;
    heal_about(&shop.stack, &ada.id).await;
    knows(&shop, "crm", &ada, Some("Ada Lovelace"), NEXT_TRY).await;
    let path = format!("/users/{}/erase", ada.id);
    let erase = shop.request(Method::POST, &path).bearer_auth(&ada.token);
    let erased = shop.ask(erase.json(&json!({"password": PASSWORD}))).await;
    assert_eq!(erased.status, 202, "{}", erased.body);
    for service in SERVICES {
        knows(&shop, service, &ada, None, SOON).await;
        assert!(versions(&shop, service, &ada.id).await.is_sorted());
    }
}

#[tokio::test]
async fn staff_see_how_the_services_stand() {
    let shop = Shop::open("destinations").await;
    let admin = shop.stack.get("ADMIN_TOKEN");
    let look = || async {
        let request = shop.request(Method::GET, "/admin/destinations");
        let answer = shop.ask(request.bearer_auth(admin)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let list = answer.json();
        let names: Vec<&str> = must_have(list["destinations"].as_array())
            .iter()
            .filter_map(|service| service["name"].as_str())
            .collect();
        (names == SERVICES).then_some(())
    };
    // Once they were looked at for the first time: within a minute.
    until("the list", NEXT_TRY, look).await;
}
