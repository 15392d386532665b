//! The dashboard: those who run the shop are told how its figures stand, and nobody else.

use domain::Role;

use super::leaving::{Leaving, subscribe_while};
use super::*;

fn ours() -> Topic {
    Topic::Dashboard(tenant())
}

/// Alice, who runs the shop.
fn admin() -> SocketOwner {
    let ticket = Ticket {
        runs_the_shop: true,
        ..Ticket::new(alice(), None, at(0))
    };
    SocketOwner::of(&ticket, at(0))
}

fn frame(action: &str) -> Value {
    json!({"action": action, "to": ["dashboard"], "id": "1"})
}

async fn in_row(world: &World, topic: &Topic) -> Vec<SocketId> {
    let sockets = world.lists.sockets_of(topic).await.unwrap();
    sockets.into_iter().map(|socket| socket.id).collect()
}

async fn refused(world: &World, owner: &SocketOwner) -> u64 {
    let answer = world.say_as(owner, "one", frame("subscribe")).await;
    assert_eq!(in_row(world, &ours()).await, []);
    assert_eq!(
        (&answer["type"], &answer["id"]),
        (&json!("error"), &json!("1"))
    );
    answer["problem"]["status"].as_u64().unwrap()
}

#[tokio::test]
async fn who_runs_the_shop_is_told_of_its_figures_until_they_have_enough() {
    let world = World::new();
    for _ in 0..2 {
        let answer = world.say_as(&admin(), "one", frame("subscribe")).await;
        let wanted = json!({"type": "subscribed", "id": "1", "to": ["dashboard"]});
        assert_eq!(answer, wanted);
    }
    assert_eq!(in_row(&world, &ours()).await, [id("one")]);
    world.say_as(&admin(), "one", frame("unsubscribe")).await;
    assert_eq!(in_row(&world, &ours()).await, []);
}

#[tokio::test]
async fn who_runs_another_shop_is_told_of_that() {
    let world = World::new();
    let other = TenantId::parse("other").unwrap();
    let theirs = SocketOwner {
        tenant: other.to_string(),
        ..admin()
    };
    world.say_as(&theirs, "one", frame("subscribe")).await;
    assert_eq!(in_row(&world, &ours()).await, []);
    assert_eq!(in_row(&world, &Topic::Dashboard(other)).await, [id("one")]);
}

#[tokio::test]
async fn who_does_not_run_the_shop_is_refused() {
    let world = World::new();
    assert_eq!(refused(&world, &owner(None)).await, 403);
    let support = SocketOwner {
        role: Some("support".to_owned()),
        ..admin()
    };
    assert_eq!(refused(&world, &support).await, 403);
}

/// A ticket of before opens a socket that the stream did not find, and so did not close.
#[tokio::test]
async fn who_ran_the_shop_when_they_got_their_ticket_is_refused() {
    let world = World::new();
    let mut account = world.accounts.register(an_account("alice")).await.unwrap();
    assert_eq!(refused(&world, &admin()).await, 403, "a customer");
    account.appoint(vec![Role::Admin], at(1));
    let mut account = world.accounts.save_account(account).await.unwrap();
    let answer = world.say_as(&admin(), "one", frame("subscribe")).await;
    assert_eq!(answer["type"], json!("subscribed"));
    world.say_as(&admin(), "one", frame("unsubscribe")).await;
    account.deactivate(at(2));
    world.accounts.save_account(account).await.unwrap();
    assert_eq!(
        refused(&world, &admin()).await,
        403,
        "an account that is closed"
    );
}

#[tokio::test]
async fn whose_role_is_taken_in_between_does_not_stay_in_the_row() {
    let refused = subscribe_while(Leaving::default(), &ours()).await;
    assert!(matches!(refused, Refused::Problem(it) if it.status == 403));
}

/// What a quiet shop is told may be long in coming.
#[tokio::test]
async fn a_socket_that_closes_leaves_the_dashboard() {
    let world = World::new();
    world.say_as(&admin(), "one", frame("subscribe")).await;
    assert_eq!(in_row(&world, &ours()).await, [id("one")]);
    let closed = event("DISCONNECT", "one", &admin(), None);
    world.send(closed).await.unwrap();
    assert_eq!(in_row(&world, &ours()).await, []);
}
