//! Groups: who belongs to one is told what it is told, and nobody else.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::ports::{Cause, GroupOf, KeepGroups, KeepMembers, ReadGroups, Reader};
use domain::{Group, GroupId};
use testkit::build::{a_group, a_socket, group_id};

use super::*;

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
    let topic = Topic::Group(tenant(), group_id(1));
    world.lists.sockets_of(&topic).await.unwrap().len()
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

/// Groups that everybody is taken out of when somebody has looked.
#[derive(Debug, Default)]
struct Leaving {
    has_looked: AtomicBool,
    /// The second look fails.
    fails: bool,
}

impl ReadGroups for Leaving {
    async fn group(&self, _: GroupOf<'_>) -> Result<Option<Group>, StoreError> {
        Ok(None)
    }

    async fn groups_of(&self, _: Reader<'_>) -> Result<Vec<Group>, StoreError> {
        Ok(Vec::new())
    }

    async fn group_ids_of(&self, _: Reader<'_>) -> Result<Vec<GroupId>, StoreError> {
        Ok(Vec::new())
    }

    async fn is_member(&self, _: Reader<'_>, _: GroupId) -> Result<bool, StoreError> {
        match self.has_looked.swap(true, Ordering::Relaxed) {
            true if self.fails => Err(StoreError::Unavailable(Cause("away".to_owned()))),
            has_looked => Ok(!has_looked),
        }
    }
}

/// The stream may have looked at the row before they were in it.
#[tokio::test]
async fn who_is_taken_out_in_between_does_not_stay_in_the_row() {
    let refused = subscribe_while(Leaving::default()).await;
    assert!(matches!(refused, Refused::Problem(it) if it.status == 404));
}

#[tokio::test]
async fn who_may_have_been_taken_out_in_between_does_not_stay_either() {
    let accounts = Leaving {
        fails: true,
        ..Leaving::default()
    };
    let refused = subscribe_while(accounts).await;
    assert!(matches!(refused, Refused::Store(_)));
}

/// Why a client is refused, of whom nothing is in the row then.
async fn subscribe_while(accounts: Leaving) -> Refused {
    let world = World::new();
    let App {
        lists,
        gateway,
        cursors,
        clock,
        limits,
        ..
    } = world.app;
    let app = App {
        accounts,
        lists,
        gateway,
        cursors,
        clock,
        limits,
    };
    let (tenant, reader) = alice();
    let client = Client {
        tenant,
        reader,
        socket: a_socket(1),
    };
    let refused = topics::subscribe(&app, &client, (vec![group_id(1).list()], None)).await;
    let topic = Topic::Group(client.tenant, group_id(1));
    assert_eq!(world.lists.sockets_of(&topic).await.unwrap(), []);
    refused.unwrap_err()
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
