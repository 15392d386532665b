//! API keys, and what is done by one.

use testkit::http::token_of_shop;

use super::*;

fn new_key(by: &Member, roles: &Value) -> Ask {
    let body = json!({"name": "warehouse", "roles": roles});
    Ask::post("/api/v1/api-keys", body).with_token(&by.token)
}

/// A key of the shop, and its id.
async fn made(shop: &Shop, by: &Member, roles: &Value) -> (String, String) {
    let answer = shop.ask(new_key(by, roles)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let body = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["key"]), text(&body["api_key"]["api_key_id"]))
}

fn with_key(path: &str, key: &str) -> Ask {
    Ask::get(path).with("x-api-key", key)
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let shop = Shop::new();
    let dora = shop.admin().await;
    let answer = shop.ask(new_key(&dora, &json!(["support"]))).await;
    let (key, id) = {
        let body = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["key"]), text(&body["api_key"]["api_key_id"]))
    };
    assert_eq!(answer.header("location"), format!("/api/v1/api-keys/{id}"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(key.starts_with(&format!("cwk_{}", id.replace('-', ""))));
    let listed = shop.ask(dora.get("/api/v1/api-keys")).await;
    assert_eq!(listed.json()["api_keys"], json!([answer.json()["api_key"]]));
    assert_eq!(listed.json()["api_keys"][0]["created_by"], dora.id);
    // Neither the list nor the store has the secret.
    let secret = key.get(36..100).unwrap();
    assert!(!listed.body.contains(secret));
    assert!(!format!("{:?}", shop.store).contains(secret));
}

#[tokio::test]
async fn a_key_does_what_its_roles_may_until_it_is_taken_back() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let (key, id) = made(&shop, &dora, &json!(["admin"])).await;
    let bearer = Ask::get(&alice.path()).with_token(&key);
    assert_eq!(shop.ask(bearer).await.status, 200);
    assert_eq!(shop.ask(with_key(&alice.path(), &key)).await.status, 200);
    let (weak, _) = made(&shop, &dora, &json!(["customer"])).await;
    assert_eq!(shop.ask(with_key(&alice.path(), &weak)).await.status, 404);
    let path = format!("/api/v1/api-keys/{id}");
    for _ in 0..2 {
        let revoked = Ask::delete(&path).with_token(&dora.token);
        assert_eq!(shop.ask(revoked).await.status, 204);
    }
    // Whoever did not see it before refuses it at once.
    let fresh = shop.again();
    assert_eq!(fresh.ask(with_key(&alice.path(), &key)).await.status, 401);
    let listed = shop.ask(dora.get("/api/v1/api-keys")).await;
    assert_eq!(listed.json()["api_keys"].as_array().unwrap().len(), 1);
}

/// Nobody is locked out by a key that leaked.
#[tokio::test]
async fn a_key_ends_no_account() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let (key, _) = made(&shop, &dora, &json!(["admin"])).await;
    for whose in [&alice, &dora] {
        let end = Ask::post(&format!("{}/deactivate", whose.path()), "").with_token(&key);
        assert_eq!(shop.ask(end).await.status, 403);
    }
    let ended = |id: &str| shop.stored(id).state != domain::AccountState::Active;
    assert!(!ended(&alice.id) && !ended(&dora.id));
}

/// No key makes another, or gives roles: what a service leaks is not the shop.
#[tokio::test]
async fn keys_are_made_in_person_by_those_who_run_the_shop() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let (key, id) = made(&shop, &dora, &json!(["admin"])).await;
    let body = json!({"name": "another", "roles": ["admin"]});
    let roles = format!("/api/v1/admin/users/{}/roles", alice.id);
    let activate = format!("/api/v1/admin/users/{}/activate", alice.id);
    for ask in [
        Ask::post("/api/v1/api-keys", &body),
        Ask::get("/api/v1/api-keys"),
        Ask::delete(&format!("/api/v1/api-keys/{id}")),
        Ask::put(&roles, json!({"roles": ["admin"]})).with("if-match", "\"1\""),
        Ask::post(&activate, ""),
    ] {
        for bearer in [&key, &alice.token] {
            let refused = shop.ask(ask.clone().with_token(bearer)).await;
            assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{ask:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_key_is_answered_as_any_bad_token_and_costs_no_call() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let dora = shop.admin().await;
    let (key, _) = made(&shop, &dora, &json!(["admin"])).await;
    let before = shop.store.calls();
    let nobody = shop.ask(Ask::get(&alice.path())).await;
    let mut typo = key.clone();
    typo.replace_range(
        50..51,
        if key.get(50..51) == Some("0") {
            "1"
        } else {
            "0"
        },
    );
    for ask in [
        with_key(&alice.path(), &typo),
        with_key(&alice.path(), "cwk_"),
        with_key(&alice.path(), &alice.token),
        with_key(&alice.path(), &key).with_token(&alice.token),
        with_key(&alice.path(), &key).with("x-api-key", &key),
        Ask::get(&alice.path()).with_token(&typo),
    ] {
        let refused = shop.ask(ask.clone()).await;
        assert_eq!(
            (refused.status, &refused.body),
            (401, &nobody.body),
            "{ask:?}"
        );
    }
    assert_eq!(shop.store.calls(), before);
}

#[tokio::test]
async fn a_shop_sees_its_own_keys_only_and_has_a_hundred_at_most() {
    let shop = Shop::new();
    let dora = shop.admin().await;
    let (_, id) = made(&shop, &dora, &json!(["support"])).await;
    let elsewhere = token_of_shop("elsewhere", "eve", Role::Admin);
    let listed = Ask::get("/api/v1/api-keys").with_token(&elsewhere);
    assert_eq!(shop.ask(listed).await.json(), json!({"api_keys": []}));
    let revoked = Ask::delete(&format!("/api/v1/api-keys/{id}")).with_token(&elsewhere);
    assert_eq!(shop.ask(revoked).await.status, 404);
    for _ in 1..100 {
        made(&shop, &dora, &json!(["support"])).await;
    }
    let more = shop.ask(new_key(&dora, &json!(["support"]))).await;
    assert_eq!(more.problem(), (409, "too-many-keys".to_owned()));
}

#[tokio::test]
async fn a_key_that_cannot_be_is_refused() {
    let shop = Shop::new();
    let dora = shop.admin().await;
    for (body, expected) in [
        (json!({"name": "", "roles": ["support"]}), "invalid-body"),
        (json!({"name": "a", "roles": []}), "invalid-body"),
        (json!({"name": "a", "roles": ["owner"]}), "invalid-body"),
        (
            json!({"name": "a", "roles": ["support"], "key": "x"}),
            "unexpected-body",
        ),
    ] {
        let ask = Ask::post("/api/v1/api-keys", body).with_token(&dora.token);
        assert_eq!(shop.ask(ask).await.problem().1, expected);
    }
    let none = Ask::delete("/api/v1/api-keys/nonsense").with_token(&dora.token);
    assert_eq!(shop.ask(none).await.status, 404);
}

#[tokio::test]
async fn a_store_that_is_down_refuses_no_key_for_good() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let (key, _) = made(&shop, &dora, &json!(["admin"])).await;
    shop.store.fail(true);
    let answer = shop.ask(with_key(&alice.path(), &key)).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    shop.store.fail(false);
    assert_eq!(shop.ask(with_key(&alice.path(), &key)).await.status, 200);
}
