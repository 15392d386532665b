//! Links that are mailed, from the events that raise them.

use contracts::events::{Envelope, account_changed};
use domain::ports::KeepAccounts;

use super::*;

impl Shop {
    /// The link of the account's last event, as it is mailed.
    fn mailed(&self, purpose: LinkPurpose) -> String {
        let account = self.store.accounts().remove(0);
        let event: Envelope = account_changed(&account);
        let number = event.data["link"]["number"].as_u64().unwrap();
        assert_eq!(event.data["link"]["purpose"], purpose.name());
        links().make(purpose, &account.id, u32::try_from(number).unwrap())
    }

    async fn ask_reset(&self, name: &str) -> Answer {
        let body = json!({"email": format!("{name}@example.org")});
        self.post("/api/v1/auth/password-reset", body).await
    }

    async fn confirm(&self, token: &str, password: &str) -> Answer {
        let body = json!({"token": token, "new_password": password});
        self.post("/api/v1/auth/password-reset/confirm", body).await
    }

    async fn verify(&self, token: &str) -> Answer {
        let body = json!({"token": token});
        self.post("/api/v1/auth/verify-email", body).await
    }
}

#[tokio::test]
async fn a_mailed_link_sets_another_password_once_and_ends_all_sessions() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let asked = shop.ask_reset("alice").await;
    assert_eq!((asked.status, asked.body.as_str()), (202, ""));
    let token = shop.mailed(LinkPurpose::ResetPassword);
    let short = shop.confirm(&token, "short").await;
    assert_eq!(short.problem(), (422, "invalid-body".to_owned()));
    let done = shop.confirm(&token, "a better password").await;
    assert_eq!((done.status, done.body.as_str()), (204, ""));
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 401);
    assert_eq!(shop.sign_in("alice", PASSWORD).await.status, 401);
    assert_eq!(shop.sign_in("alice", "a better password").await.status, 200);
    let again = shop.confirm(&token, "a third password").await;
    assert_eq!(again.problem(), (422, "link-refused".to_owned()));
}

#[tokio::test]
async fn asking_answers_the_same_for_whoever_has_the_address() {
    let shop = Shop::new();
    shop.register("alice").await;
    let known = shop.ask_reset("alice").await;
    let unknown = shop.ask_reset("nobody").await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let none = shop.post("/api/v1/auth/password-reset", json!({"email": "x"}));
    assert_eq!(none.await.problem(), (422, "invalid-body".to_owned()));
    shop.store.fail(true);
    for name in ["alice", "nobody"] {
        assert_eq!(shop.ask_reset(name).await.status, 503);
    }
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_the_last_one_only() {
    let shop = Shop::new();
    shop.register("alice").await;
    shop.ask_reset("alice").await;
    let first = shop.mailed(LinkPurpose::ResetPassword);
    shop.later(300);
    shop.ask_reset("alice").await;
    let second = shop.mailed(LinkPurpose::ResetPassword);
    assert_ne!(first, second);
    assert_eq!(shop.confirm(&first, "a better password").await.status, 422);
    shop.later(3_600);
    assert_eq!(shop.confirm(&second, "a better password").await.status, 422);
    assert_eq!(shop.sign_in("alice", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_link_that_was_made_up_costs_no_call() {
    let shop = Shop::new();
    let id = shop.register("alice").await;
    shop.ask_reset("alice").await;
    let good = shop.mailed(LinkPurpose::ResetPassword);
    let before = shop.store.calls();
    let forged = LinkTokens::new(&"f".repeat(64)).unwrap();
    let forged = forged.make(LinkPurpose::ResetPassword, &id, 1);
    for token in ["", "x", "a.1.00", &forged, &good.replace(".1.", ".2.")] {
        let refused = shop.confirm(token, "a better password").await;
        assert_eq!(
            refused.problem(),
            (422, "link-refused".to_owned()),
            "{token}"
        );
        assert_eq!(shop.verify(token).await.body, refused.body);
    }
    // What sets a password verifies nothing.
    assert_eq!(shop.verify(&good).await.status, 422);
    assert_eq!(shop.store.calls(), before);
}

#[tokio::test]
async fn an_address_is_verified_once_and_asked_for_again_in_person() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let first = shop.mailed(LinkPurpose::VerifyEmail);
    let resend = || {
        let path = "/api/v1/auth/verify-email/resend";
        shop.ask(Ask::post(path, "").with_token(&alice.tokens.access))
    };
    assert_eq!(resend().await.status, 202);
    assert_eq!(shop.mailed(LinkPurpose::VerifyEmail), first, "not so soon");
    shop.later(300);
    assert_eq!(resend().await.status, 202);
    let second = shop.mailed(LinkPurpose::VerifyEmail);
    assert_eq!(shop.verify(&first).await.status, 422);
    assert_eq!(shop.verify(&second).await.status, 204);
    assert!(shop.store.accounts().remove(0).verified);
    assert_eq!(shop.verify(&second).await.status, 422);
    let version = shop.store.accounts().remove(0).version;
    shop.later(100);
    assert_eq!(resend().await.status, 202);
    assert_eq!(shop.store.accounts().remove(0).version, version);
}

#[tokio::test]
async fn who_moved_signs_in_by_the_new_address_and_no_link_of_before_is_good() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let verify = shop.mailed(LinkPurpose::VerifyEmail);
    shop.ask_reset("alice").await;
    let reset = shop.mailed(LinkPurpose::ResetPassword);
    let mut account = shop.store.accounts().remove(0);
    let from = account.email.clone();
    let moved = account.change_email(email("liddell@example.org"), at(1));
    assert_eq!(moved, Ok(true));
    shop.store.save_moved(account, &from).await.unwrap();
    assert_eq!(shop.verify(&verify).await.status, 422);
    assert_eq!(shop.confirm(&reset, "a better password").await.status, 422);
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 401);
    assert_eq!(shop.sign_in("alice", PASSWORD).await.status, 401);
    assert_eq!(shop.sign_in("liddell", PASSWORD).await.status, 200);
    let verify = shop.mailed(LinkPurpose::VerifyEmail);
    assert_eq!(shop.verify(&verify).await.status, 204);
}

/// A link and something else at the same time: the link is not lost, and is good once.
#[tokio::test]
async fn what_changed_meanwhile_takes_no_link_away() {
    let shop = Shop::new();
    let id = shop.register("alice").await;
    let token = shop.mailed(LinkPurpose::VerifyEmail);
    let mut account = shop.store.account(&id).await.unwrap().unwrap();
    account.end_sessions(at(1));
    shop.store.save_account(account).await.unwrap();
    assert_eq!(shop.verify(&token).await.status, 204);
}
