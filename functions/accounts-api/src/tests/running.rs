//! What those who run the shop do with accounts.

use super::*;

fn appoint(by: &Member, whom: &Member, roles: &Value) -> Ask {
    let path = format!("/api/v1/admin/users/{}/roles", whom.id);
    by.put(&path, "\"1\"", &json!({"roles": roles}))
}

#[tokio::test]
async fn an_admin_gives_roles_and_they_are_not_in_the_tokens_of_before() {
    let shop = Shop::new();
    let (alice, bob) = (shop.member("alice").await, shop.member("bob").await);
    let dora = shop.admin().await;
    let appointed = shop
        .ask(appoint(&dora, &alice, &json!(["customer", "admin"])))
        .await;
    assert_eq!(appointed.json()["roles"], json!(["customer", "admin"]));
    assert_eq!(shop.ask(alice.get(&bob.path())).await.status, 404);
    let roles = &shop.stored(&alice.id).roles;
    assert_eq!(roles[..], [Role::Customer, Role::Admin]);
}

#[tokio::test]
async fn nobody_else_gives_roles_and_nobody_to_themselves() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let upwards = shop.ask(appoint(&alice, &alice, &json!(["admin"]))).await;
    assert_eq!(upwards.problem(), (403, "forbidden".to_owned()));
    let own = shop.ask(appoint(&dora, &dora, &json!(["customer"]))).await;
    assert_eq!(own.problem(), (409, "own-account".to_owned()));
    let unknown = shop.ask(appoint(&dora, &alice, &json!(["owner"]))).await;
    assert_eq!(unknown.problem(), (422, "invalid-body".to_owned()));
    let stale = Ask::put(
        &format!("/api/v1/admin/users/{}/roles", alice.id),
        json!({"roles": ["admin"]}),
    );
    let stale = stale.with_token(&dora.token).with("if-match", "\"7\"");
    assert_eq!(shop.ask(stale).await.status, 412);
    let kept = shop.ask(alice.get(&alice.path())).await;
    assert_eq!(kept.json()["roles"], json!(["customer"]));
}

#[tokio::test]
async fn who_deactivates_their_account_is_signed_out_until_it_is_activated() {
    let shop = Shop::new();
    let (alice, bob) = (shop.member("alice").await, shop.member("bob").await);
    let dora = shop.admin().await;
    let by = |who: &Member, path: String| Ask::post(&path, "").with_token(&who.token);
    let foreign = by(&bob, format!("{}/deactivate", alice.path()));
    assert_eq!(shop.ask(foreign).await.status, 404);
    let own = by(&alice, format!("{}/deactivate", alice.path()));
    assert_eq!(shop.ask(own).await.json()["status"], "deactivated");
    assert_eq!(shop.stored(&alice.id).epoch, 1, "her sessions have ended");
    assert!(!shop.signs_in("alice", PASSWORD).await);
    // A token of before does not change what opens the account, whoever has it.
    for (what, body) in [
        (
            "password",
            json!({"current_password": PASSWORD, "new_password": "another horse battery"}),
        ),
        (
            "email",
            json!({"email": "thief@example.org", "password": PASSWORD}),
        ),
    ] {
        let ask = Ask::post(&format!("{}/{what}", alice.path()), body);
        let refused = shop.ask(ask.with_token(&alice.token)).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{what}");
    }
    let activate = format!("/api/v1/admin/users/{}/activate", alice.id);
    assert_eq!(shop.ask(by(&alice, activate.clone())).await.status, 403);
    // Not even one who runs the shop does so to themselves, by a token that is still good.
    for what in ["users/{}/deactivate", "admin/users/{}/activate"] {
        let own = by(&dora, format!("/api/v1/{}", what.replace("{}", &dora.id)));
        assert_eq!(
            shop.ask(own).await.problem(),
            (409, "own-account".to_owned())
        );
    }
    assert_eq!(
        shop.ask(by(&dora, activate)).await.json()["status"],
        "active"
    );
    assert!(shop.signs_in("alice", PASSWORD).await);
}
