//! What people are told is held against what happened.

use domain::{ByMail, Notification};
use wording::told_by;

use super::{broken, confirmed, publish_all};
use crate::build::an_order;
use crate::invariants::{Heard, Message, World};
use crate::{must, must_have};

/// The clean world, where everybody was told of everything, in lists and by mail.
fn told() -> World {
    let order = an_order().with_contact("alice@example.org");
    let world = publish_all(World {
        orders: vec![order.confirmed()],
        ..confirmed()
    });
    let events = world.published.iter();
    let told: Vec<_> = events.filter_map(|event| must(told_by(event))).collect();
    let mut heard = Heard::default();
    for (told, number) in told.into_iter().zip(1..) {
        heard.messages.push(Message {
            to: "alice@example.org".to_owned(),
            title: told.notice.title.clone(),
        });
        let list = heard.lists.entry((told.tenant, told.reader)).or_default();
        list.entries.push(Notification {
            number,
            notice: told.notice,
            by_mail: ByMail::Sent,
            texted: false,
            read: false,
        });
    }
    assert!(heard.messages.len() > 1);
    World {
        heard: Some(heard),
        ..world
    }
}

fn changed(change: impl FnOnce(&mut Heard)) -> World {
    let mut world = told();
    change(must_have(world.heard.as_mut()));
    world
}

fn entries(heard: &mut Heard) -> &mut Vec<Notification> {
    &mut must_have(heard.lists.values_mut().next()).entries
}

#[test]
fn finds_nothing_wrong_where_all_were_told() {
    assert_eq!(told().violations_at_rest(), []);
}

#[test]
fn finds_who_was_not_told() {
    let world = changed(|heard| drop(entries(heard).pop()));
    assert_eq!(world.violations(), []);
    assert_eq!(broken(&world.violations_at_rest()), ["I5"]);
    let world = changed(|heard| heard.lists.clear());
    assert_eq!(broken(&world.violations_at_rest()), ["I5"]);
}

#[test]
fn tells_nobody_whose_list_is_closed() {
    let world = changed(|heard| {
        entries(heard).clear();
        must_have(heard.lists.values_mut().next()).closed = true;
    });
    assert_eq!(world.violations_at_rest(), []);
}

#[test]
fn finds_a_gap_in_a_list() {
    let world = changed(|heard| must_have(entries(heard).last_mut()).number += 1);
    assert_eq!(broken(&world.violations_at_rest()), ["I5"]);
}

#[test]
fn finds_what_was_told_and_did_not_happen() {
    let worlds = [
        changed(|heard| must_have(entries(heard).first_mut()).notice.id.push('x')),
        changed(|heard| {
            let notice = &mut must_have(entries(heard).first_mut()).notice;
            notice.message = "You won.".to_owned();
        }),
        changed(|heard| {
            let again = must_have(entries(heard).last().cloned());
            entries(heard).push(again);
        }),
    ];
    for world in worlds {
        assert_eq!(broken(&world.violations()), ["I6"]);
    }
}

#[test]
fn finds_a_mail_to_a_stranger_without_a_cause_or_three_times() {
    let title = |title: &str, heard: &mut Heard| {
        let first = must_have(heard.messages.first_mut());
        first.title = first.title.replace("We have", title);
    };
    let worlds = [
        changed(|heard| must_have(heard.messages.first_mut()).to.push('x')),
        changed(|heard| title("We lost", heard)),
        changed(|heard| {
            let again = must_have(heard.messages.first().cloned());
            heard.messages.extend([again.clone(), again]);
        }),
    ];
    for world in worlds {
        assert_eq!(broken(&world.violations()), ["I6"]);
    }
}

#[test]
fn a_second_try_is_no_phantom() {
    let world = changed(|heard| {
        let again = must_have(heard.messages.first().cloned());
        heard.messages.push(again);
    });
    assert_eq!(world.violations_at_rest(), []);
}
