//! Staying signed in, and signing out.

use super::*;

#[tokio::test]
async fn a_refresh_token_yields_the_next_and_a_new_access_token() {
    let shop = Shop::new();
    let mut alice = shop.member("alice").await;
    for _ in 0..3 {
        shop.later(600);
        assert!(shop.admits(&alice.tokens.access));
        let before = alice.tokens.refresh.clone();
        alice.tokens = Tokens::of(&shop.refresh(&before).await);
        assert_ne!(alice.tokens.refresh, before);
        assert!(shop.admits(&alice.tokens.access));
    }
}

#[tokio::test]
async fn an_access_token_is_good_for_ten_minutes() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    shop.later(600);
    assert!(shop.admits(&alice.tokens.access));
    // Clocks may differ by half a minute.
    shop.later(30);
    assert!(!shop.admits(&alice.tokens.access));
}

/// F31
#[tokio::test]
async fn two_tabs_live_on_one_successor_and_a_thief_signs_everybody_out() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let one = Tokens::of(&shop.refresh(&alice.tokens.refresh).await);
    shop.later(30);
    let other = Tokens::of(&shop.refresh(&alice.tokens.refresh).await);
    assert_eq!(one.refresh, other.refresh);
    shop.later(1);
    let thief = shop.refresh(&alice.tokens.refresh).await;
    assert_eq!(thief.problem(), (401, "session-over".to_owned()));
    let owner = shop.refresh(&one.refresh).await;
    assert_eq!((owner.status, owner.body), (401, thief.body));
}

#[tokio::test]
async fn who_signs_out_is_signed_out_there_only() {
    let shop = Shop::new();
    let here = shop.member("alice").await;
    let there = shop.signed_in("alice", here.id.clone()).await;
    let body = json!({"refresh_token": here.tokens.refresh});
    for _ in 0..2 {
        let answer = shop.post("/api/v1/auth/logout", body.clone()).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    }
    assert_eq!(shop.refresh(&here.tokens.refresh).await.status, 401);
    assert_eq!(shop.refresh(&there.tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn who_signs_out_everywhere_is_signed_out_everywhere() {
    let shop = Shop::new();
    let here = shop.member("alice").await;
    let there = shop.signed_in("alice", here.id.clone()).await;
    let bob = shop.member("bob").await;
    shop.later(5);
    let everywhere = Ask::post("/api/v1/auth/logout-all", "").with_token(&here.tokens.access);
    assert_eq!(shop.ask(everywhere).await.status, 204);
    for tokens in [&here.tokens, &there.tokens] {
        assert_eq!(shop.refresh(&tokens.refresh).await.status, 401);
    }
    assert_eq!(shop.refresh(&bob.tokens.refresh).await.status, 200);
    assert_eq!(shop.sign_in("alice", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_session_ends_after_two_weeks_without_use() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    shop.later(14 * 24 * 3_600 - 1);
    let tokens = Tokens::of(&shop.refresh(&alice.tokens.refresh).await);
    shop.later(14 * 24 * 3_600);
    assert_eq!(shop.refresh(&tokens.refresh).await.status, 401);
}
