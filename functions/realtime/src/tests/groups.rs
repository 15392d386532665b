//! Groups: who belongs to one is told what it is told, and nobody else.

use domain::ports::{KeepGroups, KeepMembers};
use testkit::build::{a_group, group_id};

use super::leaving::{Leaving, subscribe_while};
use super::*;

fn ours() -> Topic {
    Topic::Group(tenant(), group_id(1))
}

async fn world_with_group() -> World {
    let world = World::new();
    world.connect("one", None).await;
    world.accounts.create_group(&a_group(1)).await.unwrap();
    world
}

async fn join(world: &World, reader: &str) {
    let (shop, person) = (tenant(), customer(reader));
    let joined = world
        .accounts
        .add_member((&shop, &person), group_id(1), at(1));
    assert_eq!(joined.await, Ok(true));
}

fn subscribe() -> Value {
    json!({"action": "subscribe", "to": [group_id(1).list()], "id": "1"})
}

async fn in_row(world: &World) -> usize {
    world.lists.sockets_of(&ours()).await.unwrap().len()
}

#[tokio::test]
async fn who_belongs_to_a_group_is_told_what_it_is_told() {
    let world = world_with_group().await;
    join(&world, "alice").await;
    let answer = world.say("one", subscribe()).await;
    assert_eq!(answer["type"], json!("subscribed"), "{answer}");
    assert_eq!(in_row(&world).await, 1);
    let leave = json!({"action": "unsubscribe", "to": [group_id(1).list()]});
    world.say("one", leave).await;
    assert_eq!(in_row(&world).await, 0);
}

#[tokio::test]
async fn who_does_not_is_not_told_that_there_is_one() {
    let world = world_with_group().await;
    join(&world, "bob").await;
    assert_eq!(world.refused(subscribe()).await, (json!("1"), 404));
    assert_eq!(in_row(&world).await, 0);
    let unknown = json!({"action": "subscribe", "to": [group_id(2).list()], "id": "2"});
    assert_eq!(world.refused(unknown).await, (json!("2"), 404));
}

#[tokio::test]
async fn what_a_group_was_told_is_resumed_by_its_members_only() {
    let world = world_with_group().await;
    let (shop, reader) = (tenant(), group_id(1).reader());
    for number in 1..=3 {
        let list = world.lists.list_of((&shop, &reader)).await.unwrap();
        let next = list.next(a_notice(number), false).unwrap();
        world.lists.keep((&shop, &reader), next).await.unwrap();
    }
    let name = contracts::sockets::own_list(&shop, &reader);
    let cursor = cursors().make(&name, "1");
    let list = group_id(1).list();
    let frame = json!({"action": "resume", "list": list, "cursor": cursor, "id": "r"});
    assert_eq!(world.refused(frame.clone()).await, (json!("r"), 404));
    join(&world, "alice").await;
    let resumed = world.say("one", frame.clone()).await;
    assert_eq!(
        (&resumed["list"], &resumed["number"]),
        (&json!(list), &json!(3))
    );
    let heard = world.heard("one");
    let numbers: Vec<_> = heard.iter().filter_map(|(_, number)| *number).collect();
    assert_eq!(numbers, [2, 3, 3]);
    let person = (tenant(), customer("alice"));
    let left = world
        .accounts
        .remove_member((&person.0, &person.1), group_id(1), at(2));
    left.await.unwrap();
    assert_eq!(world.refused(frame).await, (json!("r"), 404));
    // A cursor of one's own list is none of a group's.
    join(&world, "alice").await;
    let own = json!({"action": "resume", "list": list, "cursor": super::cursor(0), "id": "r"});
    assert_eq!(world.refused(own).await, (json!("r"), 400));
}

/// The stream may have looked at the row before they were in it.
#[tokio::test]
async fn who_is_taken_out_in_between_does_not_stay_in_the_row() {
    let refused = subscribe_while(Leaving::default(), &ours()).await;
    assert!(matches!(refused, Refused::Problem(it) if it.status == 404));
}

#[tokio::test]
async fn who_may_have_been_taken_out_in_between_does_not_stay_either() {
    let refused = subscribe_while(Leaving::then_failing(), &ours()).await;
    assert!(matches!(refused, Refused::Store(_)));
}

/// A group that is told something once a day would keep them until then.
#[tokio::test]
async fn a_socket_that_closes_leaves_its_groups() {
    let world = world_with_group().await;
    join(&world, "alice").await;
    world.say("one", subscribe()).await;
    assert_eq!(in_row(&world).await, 1);
    let closed = event("DISCONNECT", "one", &owner(None), None);
    world.send(closed).await.unwrap();
    assert_eq!(in_row(&world).await, 0);
}
