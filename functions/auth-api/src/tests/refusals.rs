//! What is refused, and that it tells nothing.

use domain::ports::KeepAccounts;

use super::*;

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let shop = Shop::new();
    shop.register("alice").await;
    let unknown = shop.sign_in("nobody", PASSWORD).await;
    let wrong = shop.sign_in("alice", "another password").await;
    assert_eq!(wrong.problem(), (401, "sign-in-refused".to_owned()));
    assert_eq!(unknown.status, wrong.status);
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
}

/// F32: a token that was made up costs no call of the store.
#[tokio::test]
async fn a_made_up_token_is_refused_without_asking_the_store() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    // The next token of the same session, guessed without the key.
    let mut guessed = alice.tokens.refresh.clone();
    guessed.replace_range(39..40, "2");
    let before = shop.store.calls();
    for token in ["", "x", &alice.tokens.access, &guessed, &"0".repeat(104)] {
        let answer = shop.refresh(token).await;
        assert_eq!(
            answer.problem(),
            (401, "session-over".to_owned()),
            "{token}"
        );
        let body = json!({"refresh_token": token});
        assert_eq!(shop.post("/api/v1/auth/logout", body).await.status, 204);
    }
    let as_access = Ask::post("/api/v1/auth/logout-all", "").with_token(&alice.tokens.refresh);
    assert_eq!(shop.ask(as_access).await.status, 401);
    assert_eq!(shop.store.calls(), before);
}

#[tokio::test]
async fn who_was_deactivated_is_refused_as_a_wrong_password_is() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let wrong = shop.sign_in("alice", "another password").await;
    let mut account = shop.store.accounts().remove(0);
    account.deactivate(at(1));
    shop.store.save_account(account).await.unwrap();
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 401);
    let refused = shop.sign_in("alice", PASSWORD).await;
    assert_eq!((refused.status, refused.body), (401, wrong.body));
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    shop.store.fail(true);
    let everywhere = Ask::post("/api/v1/auth/logout-all", "").with_token(&alice.tokens.access);
    let asks = [
        shop.sign_in("alice", PASSWORD).await,
        shop.refresh(&alice.tokens.refresh).await,
        shop.ask(everywhere).await,
    ];
    for answer in asks {
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
        assert_eq!(answer.header("retry-after"), "1");
    }
    shop.store.fail(false);
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 200);
}

fn from(address: &str, path: &str, body: &Value) -> Ask {
    Ask::post(path, body).from_address(address)
}

/// API2, API4: a password is not found by trying, a hash is not made for nothing, and its owner comes
/// in from elsewhere.
#[tokio::test]
async fn after_a_few_tries_at_an_account_no_more_are_looked_at_from_that_address() {
    let shop = Shop::limited(Rates::default());
    shop.register("alice").await;
    let try_with = async |address: &str, email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        shop.ask(from(address, "/api/v1/auth/login", &body)).await
    };
    for email in ["alice@example.org", "Alice@example.org"].repeat(2) {
        let wrong = try_with("203.0.113.7", email, "another password").await;
        assert_eq!(wrong.status, 401);
    }
    let alice = "alice@example.org";
    assert_eq!(try_with("203.0.113.7", alice, PASSWORD).await.status, 200);
    let before = shop.store.calls();
    for password in ["another password", PASSWORD] {
        let refused = try_with("203.0.113.7", alice, password).await;
        assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
        assert_eq!(refused.header("ratelimit-policy"), "\"guess\";q=5;w=60");
    }
    assert_eq!(shop.store.calls(), before);
    assert_eq!(try_with("203.0.113.8", alice, PASSWORD).await.status, 200);
    shop.later(62);
    assert_eq!(try_with("203.0.113.7", alice, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn while_nobody_can_count_nobody_signs_in_and_who_is_in_stays() {
    let shop = Shop::limited(Rates::default());
    let alice = shop.member("alice").await;
    shop.counters.fail(true);
    let refused = shop.sign_in("alice", PASSWORD).await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 200);
}
