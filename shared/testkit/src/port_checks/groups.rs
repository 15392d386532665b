//! Checks of [`KeepGroups`], [`KeepMembers`], [`ForgetMemberships`] and [`NoteAnnouncements`].

use std::collections::BTreeSet;

use domain::ports::{ForgetMemberships, GroupError, KeepGroups, KeepMembers, NoteAnnouncements};
use domain::{Announcement, CustomerId, Group, TenantId};
use uuid::Uuid;

use crate::build::{a_group, at, customer, group_id, tenant};
use crate::must;

/// Tests a store of groups and who belongs to them; give a future of an empty one.
#[macro_export]
macro_rules! check_groups {
    ($fresh:expr) => {
        $crate::each_check!(
            groups,
            $fresh,
            [
                makes_and_ends_a_group,
                gives_an_id_to_one_group,
                lists_the_groups_of_a_shop,
                knows_who_belongs_to_a_group,
                lists_groups_of_people_and_people_of_groups,
                nobody_belongs_to_what_has_ended,
                changes_at_once_are_all_made,
                goes_through_all_members,
                forgets_what_somebody_belonged_to,
                notes_what_was_said,
            ]
        );
    };
}

fn other_shop() -> TenantId {
    must(TenantId::parse("other"))
}

/// A group is there once it was made, for its own shop, until it ends.
pub async fn makes_and_ends_a_group(store: &impl KeepGroups) {
    let (shop, group) = (tenant(), a_group(1));
    assert_eq!(must(store.group((&shop, group.id)).await), None);
    assert!(!must(store.end_group((&shop, group.id), at(1)).await));
    for _ in 0..2 {
        must(store.create_group(&group).await);
        assert_eq!(
            must(store.group((&shop, group.id)).await).as_ref(),
            Some(&group)
        );
    }
    assert_eq!(must(store.group((&other_shop(), group.id)).await), None);
    for _ in 0..2 {
        assert!(must(store.end_group((&shop, group.id), at(5)).await));
        assert_eq!(must(store.group((&shop, group.id)).await), None);
        assert_eq!(must(store.groups(&shop, None, 10).await).items, []);
    }
}

/// An id is never another group's, nor that of one that ended.
pub async fn gives_an_id_to_one_group(store: &impl KeepGroups) {
    let group = a_group(1);
    must(store.create_group(&group).await);
    let renamed = Group {
        name: "another".to_owned(),
        ..group.clone()
    };
    assert_eq!(store.create_group(&renamed).await, Err(GroupError::Taken));
    assert!(must(store.end_group((&tenant(), group.id), at(5)).await));
    assert_eq!(store.create_group(&group).await, Err(GroupError::Taken));
}

/// All groups of a shop, each on one page, in the order of their ids.
pub async fn lists_the_groups_of_a_shop(store: &impl KeepGroups) {
    let shop = tenant();
    let groups = [3, 1, 2].map(a_group);
    for group in &groups {
        must(store.create_group(group).await);
    }
    let elsewhere = Group {
        tenant: other_shop(),
        ..a_group(9)
    };
    must(store.create_group(&elsewhere).await);
    let first = must(store.groups(&shop, None, 2).await);
    assert_eq!(first.items, [a_group(1), a_group(2)]);
    let second = must(store.groups(&shop, first.next.as_deref(), 2).await);
    assert_eq!((second.items, second.next), (vec![a_group(3)], None));
}

async fn join(store: &impl KeepMembers, person: &CustomerId, group: u64) {
    let shop = tenant();
    let joined = store.add_member((&shop, person), group_id(group), at(2));
    assert!(must(joined.await));
}

/// Who joins belongs to that group of that shop, until they leave; and again.
pub async fn knows_who_belongs_to_a_group(store: &(impl KeepGroups + KeepMembers)) {
    let (shop, alice, group) = (tenant(), customer("alice"), group_id(1));
    let person = (&shop, &alice);
    must(store.create_group(&a_group(1)).await);
    must(store.remove_member(person, group, at(1)).await);
    for _ in 0..2 {
        join(store, &alice, 1).await;
        assert!(must(store.is_member(person, group).await));
    }
    assert!(!must(store.is_member((&other_shop(), &alice), group).await));
    for _ in 0..2 {
        must(store.remove_member(person, group, at(4)).await);
        assert!(!must(store.is_member(person, group).await));
    }
}

/// Nobody joins a group that there is not; of others each has its own members, and each member theirs.
pub async fn lists_groups_of_people_and_people_of_groups(store: &(impl KeepGroups + KeepMembers)) {
    let (shop, alice, bob) = (tenant(), customer("alice"), customer("bob"));
    let early = store.add_member((&shop, &alice), group_id(1), at(1));
    assert!(!must(early.await));
    for number in [1, 2] {
        must(store.create_group(&a_group(number)).await);
        join(store, &alice, number).await;
    }
    join(store, &bob, 1).await;
    let hers = must(store.groups_of((&shop, &alice)).await);
    assert_eq!(hers, [a_group(1), a_group(2)]);
    must(
        store
            .remove_member((&shop, &alice), group_id(1), at(4))
            .await,
    );
    let hers = must(store.groups_of((&shop, &alice)).await);
    assert_eq!(hers, [a_group(2)]);
    let left = must(store.members((&shop, group_id(1)), None, 10).await);
    assert_eq!(left.items, [bob]);
}

/// To a group that has ended nobody belongs, and nobody joins it.
pub async fn nobody_belongs_to_what_has_ended(store: &(impl KeepGroups + KeepMembers)) {
    let (shop, alice, bob) = (tenant(), customer("alice"), customer("bob"));
    must(store.create_group(&a_group(1)).await);
    let group = group_id(1);
    assert!(must(store.add_member((&shop, &alice), group, at(2)).await));
    assert!(must(store.end_group((&shop, group), at(3)).await));
    assert!(!must(store.is_member((&shop, &alice), group).await));
    assert_eq!(must(store.groups_of((&shop, &alice)).await), []);
    for late in [&alice, &bob] {
        assert!(!must(store.add_member((&shop, late), group, at(4)).await));
        assert!(!must(store.is_member((&shop, late), group).await));
    }
}

/// Two who change the same person, or the same group, at once both have it done.
pub async fn changes_at_once_are_all_made(store: &(impl KeepGroups + KeepMembers + Sync)) {
    let shop = tenant();
    for number in 1..=3 {
        must(store.create_group(&a_group(number)).await);
    }
    let alice = customer("alice");
    let joins = (1..=3).map(|number| store.add_member((&shop, &alice), group_id(number), at(2)));
    let joined = futures::future::join_all(joins).await;
    assert!(joined.into_iter().all(must));
    assert_eq!(must(store.groups_of((&shop, &alice)).await).len(), 3);
    let people: Vec<CustomerId> = (0..8).map(|it| customer(&format!("c{it}"))).collect();
    let joins = people
        .iter()
        .map(|it| store.add_member((&shop, it), group_id(1), at(3)));
    let joined = futures::future::join_all(joins).await;
    assert!(joined.into_iter().all(must));
    let members = must(store.members((&shop, group_id(1)), None, 100).await);
    assert_eq!(members.items.len(), 9);
}

/// Every member is on one page, wherever pages end.
pub async fn goes_through_all_members(store: &(impl KeepGroups + KeepMembers)) {
    let shop = tenant();
    must(store.create_group(&a_group(1)).await);
    let names: BTreeSet<CustomerId> = (0..40).map(|it| customer(&format!("c{it}"))).collect();
    for name in &names {
        assert!(must(
            store.add_member((&shop, name), group_id(1), at(2)).await
        ));
    }
    for limit in [1, 7, 40, 100] {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let group = (&shop, group_id(1));
            let page = must(store.members(group, after.as_deref(), limit).await);
            assert!(page.items.len() <= usize::from(limit));
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found.len(), names.len(), "pages of {limit}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), names);
    }
}

/// Who is forgotten belongs to nothing and is on no page; others still are.
pub async fn forgets_what_somebody_belonged_to<S>(store: &S)
where
    S: KeepGroups + KeepMembers + ForgetMemberships,
{
    let (shop, alice, bob) = (tenant(), customer("alice"), customer("bob"));
    for number in 1..=2 {
        must(store.create_group(&a_group(number)).await);
        for person in [&alice, &bob] {
            let joined = store.add_member((&shop, person), group_id(number), at(2));
            assert!(must(joined.await));
        }
    }
    for _ in 0..2 {
        must(store.forget_memberships((&shop, &alice)).await);
        assert_eq!(must(store.groups_of((&shop, &alice)).await), []);
        for number in 1..=2 {
            let left = must(store.members((&shop, group_id(number)), None, 10).await);
            assert_eq!(left.items, std::slice::from_ref(&bob));
        }
    }
}

/// That something was said is noted once.
pub async fn notes_what_was_said(store: &impl NoteAnnouncements) {
    let said = Announcement {
        id: Uuid::from_u128(7),
        tenant: tenant(),
        group: Some(group_id(1)),
        at: at(3),
    };
    for _ in 0..2 {
        must(store.note_announcement(&said).await);
    }
}
