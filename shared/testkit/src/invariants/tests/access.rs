//! Isolation, tokens, families, limits, audit and secrets.

use std::sync::Arc;

use audit::{Actor, ActorKind, Entry, Head, Origin, Outcome, Record, Shard};
use contracts::events::Envelope;

use super::{broken, confirmed, publish_all, reply};
use crate::build::{an_order, customer, order_id};
use crate::invariants::{Access, Admitted, Place, Refreshed, TokenShown, World, Written};

fn at_the_door(access: Access) -> World {
    World {
        access,
        ..World::default()
    }
}

#[test]
fn finds_an_order_in_what_somebody_else_was_sent() {
    let mut world = confirmed();
    let id = order_id(1);
    world.replies = vec![reply(&format!("{{\"order_id\":\"{id}\"}}"))];
    assert_eq!(broken(&world.violations()), [""; 0]);
    world.access.outputs = vec![(customer("bob"), format!("{{\"order_id\":\"{id}\"}}"))];
    assert_eq!(broken(&world.violations()), ["I9"]);
}

#[test]
fn finds_a_personal_word_in_what_somebody_else_was_sent() {
    let mut access = Access {
        personal: vec![(customer("alice"), "canary-1".to_owned())],
        outputs: vec![(customer("alice"), "1 canary-1 Street".to_owned())],
        ..Access::default()
    };
    assert_eq!(at_the_door(access.clone()).violations(), []);
    access
        .outputs
        .push((customer("bob"), "1 canary-1 Street".to_owned()));
    assert_eq!(broken(&at_the_door(access).violations()), ["I9"]);
}

fn shown(is_good: bool, status: u16) -> World {
    let what = "a token".to_owned();
    at_the_door(Access {
        shown: vec![TokenShown {
            what,
            is_good,
            status,
        }],
        ..Access::default()
    })
}

#[test]
fn finds_a_bad_token_that_was_taken_and_a_good_one_that_was_not() {
    for (is_good, status, wrong) in [
        (true, 200, false),
        (true, 404, false),
        (false, 401, false),
        (true, 401, true),
        (false, 200, true),
        (false, 404, true),
        (false, 403, true),
    ] {
        let found = broken(&shown(is_good, status).violations());
        assert_eq!(
            found,
            if wrong { vec!["I10"] } else { vec![] },
            "{is_good} {status}"
        );
    }
}

fn family(events: &[(&str, &str)]) -> Vec<&'static str> {
    let event = |(shown, next): &(&str, &str)| match (*shown, *next) {
        ("", first) => Refreshed::Begun(first.to_owned()),
        (shown, "") => Refreshed::Refused(shown.to_owned()),
        (shown, next) => Refreshed::Exchanged(shown.to_owned(), next.to_owned()),
    };
    let world = at_the_door(Access {
        refreshed: events.iter().map(event).collect(),
        ..Access::default()
    });
    broken(&world.violations())
}

#[test]
fn finds_a_second_live_token_of_a_family_and_life_after_reuse() {
    // Two tabs live on one successor; a thief ends it; a second sign-in is another family.
    let honest = [
        ("", "1"),
        ("1", "2"),
        ("1", "2"),
        ("2", "3"),
        ("1", ""),
        ("", "x"),
        ("x", "y"),
    ];
    assert_eq!(family(&honest), [""; 0]);
    assert_eq!(family(&[("", "1"), ("1", "2"), ("1", "3")]), ["I11"]);
    assert_eq!(
        family(&[("", "1"), ("1", "2"), ("2", "3"), ("1", "2")]),
        ["I11"]
    );
    assert_eq!(
        family(&[("", "1"), ("1", "2"), ("1", ""), ("2", "3")]),
        ["I11"]
    );
    assert_eq!(family(&[("", "1"), ("9", "2")]), ["I11"]);
}

#[test]
fn finds_one_request_too_many_in_any_window() {
    let admitted = |seconds: &[u64]| {
        let admitted = seconds.iter().map(|second| Admitted {
            key: "user".to_owned(),
            limit: 2,
            sent_ms: second * 1_000,
            answered_ms: second * 1_000 + 10,
        });
        at_the_door(Access {
            admitted: admitted.collect(),
            ..Access::default()
        })
    };
    assert_eq!(admitted(&[0, 30, 60, 90]).violations(), []);
    assert_eq!(broken(&admitted(&[0, 30, 59]).violations()), ["I12"]);
    assert_eq!(broken(&admitted(&[0, 40, 70, 99]).violations()), ["I12"]);
}

/// Chains that tell of these.
fn told(events: &[Envelope]) -> Vec<Vec<Entry>> {
    let mut chains = vec![Vec::new(); Shard::COUNT.into()];
    for event in events {
        let shard = Shard::of(&event.group());
        let chain: &mut Vec<Entry> = &mut chains[usize::from(shard.number())];
        let head = chain.last().map_or(Head::empty(shard), Entry::head);
        let record = Record {
            message: event.id.clone(),
            at: event.time,
            actor: Actor {
                kind: ActorKind::System,
                tenant: event.tenant.clone(),
                subject: None,
            },
            action: event.event_type.clone(),
            object: event.group(),
            from: Origin::default(),
            outcome: Outcome::Done,
        };
        chain.push(Entry::after(&head, record));
    }
    chains
}

fn with_audit(world: World, chains: Vec<Vec<Entry>>) -> World {
    let audit = chains.into_iter().map(Arc::new).collect();
    World {
        audit: Some(audit),
        ..world
    }
}

#[test]
fn finds_what_the_audit_log_does_not_tell_or_tells_twice_or_otherwise() {
    let world = publish_all(World {
        orders: vec![an_order().pending()],
        ..World::default()
    });
    let whole = told(&world.published);
    let violations = |chains| {
        let found = with_audit(world.clone(), chains).violations_at_rest();
        let mut found = broken(&found);
        found.retain(|invariant| *invariant == "I14");
        found
    };
    assert_eq!(violations(whole), [""; 0]);
    assert_eq!(violations(told(&[])), ["I14"]);
    let twice: Vec<_> = world
        .published
        .iter()
        .chain(&world.published)
        .cloned()
        .collect();
    assert_eq!(violations(told(&twice)), ["I14"]);
    let mut edited = told(&world.published);
    for entry in edited.iter_mut().flatten() {
        entry.record.at = crate::build::at(9);
    }
    assert_eq!(violations(edited), ["I14"]);
}

#[test]
fn finds_secrets_and_what_looks_like_one_where_they_are_written_down() {
    let key = format!("cwk_{}", "0a".repeat(52));
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", "a".repeat(50), "b".repeat(50));
    let spilled = |place, text: &str| {
        let world = World {
            secrets: vec!["correct horse battery".to_owned(), "0123abcd-ef".to_owned()],
            written: vec![Written {
                place,
                text: text.to_owned(),
            }],
            ..World::default()
        };
        broken(&world.violations())
    };
    for text in [
        "{\"password\":\"correct horse battery\"}",
        "refresh_token=0123abcd-ef;",
        &key,
        &format!("Bearer {token}."),
        "-----BEGIN PRIVATE KEY-----",
        "{\"pan\":\"4242424242424242\"}",
        "4000-0566-5566-5556",
        "$argon2id$v=19$m=1",
    ] {
        assert_eq!(spilled(Place::Log, text), ["I16"], "{text}");
    }
    for text in [
        "{\"payment_method\":\"pm_card_visa\",\"at\":1763774400000}",
        "4242424242424243",
        "correct horse",
        "eyJhbGciOiJSUzI1NiJ9",
    ] {
        assert_eq!(spilled(Place::Event, text), [""; 0], "{text}");
    }
    assert_eq!(spilled(Place::Item, "$argon2id$v=19$m=1"), [""; 0]);
}
