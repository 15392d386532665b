//! Which events a stream record carries.

use std::collections::BTreeSet;

use contracts::events::{AccountChanged, NoteTaken};
use domain::{
    Aggregate, Author, AuthorKind, Email, Epoch, FailureCode, Generation, Job, JobHolder,
    LeaseCommand, OrderCommand, Origin, Payment, PaymentCommand, Refusal, Session, SessionId,
    SessionLimits, Shipment, ShipmentCommand, StockMovement,
};
use serde_json::json;
use testkit::build::{
    a_lease, a_payment, a_shipment, an_account, an_api_key, an_order, at, order_id, pieces,
    reference, tenant,
};
use testkit::port_checks::jobs::asked;

use super::{Image, from_stream_json, new_events, order_in};
use crate::item::note::sign;
use crate::item::{Stored, account, api_key, job, movement, refusal, session};
use crate::schema::{NEWS, PK};

fn image(aggregate: &impl Stored) -> Image {
    aggregate.encode().unwrap()
}

fn sequences(old: Option<Image>, new: Image) -> Vec<u32> {
    let events = new_events(old, new).unwrap();
    events.iter().map(|event| event.sequence).collect()
}

#[test]
fn an_insert_carries_all_events() {
    assert_eq!(sequences(None, image(&an_order().confirmed())), [1, 2]);
    let empty = Some(Image::default());
    assert_eq!(sequences(empty, image(&an_order().pending())), [1]);
}

#[test]
fn a_change_carries_what_the_old_image_has_not() {
    let old = Some(image(&an_order().charging()));
    assert_eq!(sequences(old, image(&an_order().confirmed())), [2]);
    let same = Some(image(&an_order().confirmed()));
    assert!(sequences(same, image(&an_order().confirmed())).is_empty());
}

#[test]
fn every_kind_of_aggregate_has_events() {
    let images = [
        (image(&an_order().failed(FailureCode::OutOfStock)), "order"),
        (image(&a_lease().sold()), "lease"),
        (image(&a_payment().captured()), "payment"),
        (image(&a_shipment().cancelled()), "shipment"),
    ];
    for (image, kind) in images {
        let events = new_events(None, image).unwrap();
        assert!(!events.is_empty());
        assert!(events.iter().all(|event| event.aggregate_kind() == kind));
        assert!(
            events
                .iter()
                .all(|event| event.subject == order_id(1).to_string())
        );
    }
}

#[test]
fn the_time_of_an_event_is_when_it_happened() {
    let mut order = an_order().pending();
    let (epoch, now) = (order.epoch, at(7));
    order.execute(&OrderCommand::Flag { epoch }, now).unwrap();
    let events = new_events(None, image(&order)).unwrap();
    assert_eq!(events[1].time, now);
}

#[test]
fn removals_and_other_items_have_no_events() {
    assert_eq!(
        new_events(Some(image(&a_lease().held())), Image::default()).unwrap(),
        []
    );
    let contact = json!({"pk": {"S": "CONTACT#1"}, "entity": {"S": "contact"}});
    let contact = from_stream_json(contact).unwrap();
    assert_eq!(new_events(None, contact.clone()).unwrap(), []);
    assert_eq!(order_in(contact).unwrap(), None);
}

#[test]
fn an_image_that_cannot_be_read_names_its_key() {
    let torn = json!({"pk": {"S": "ORDER#1"}, "entity": {"S": "order"}});
    let torn = from_stream_json(torn).unwrap();
    assert_eq!(new_events(None, torn.clone()).unwrap_err().key, "ORDER#1");
    assert_eq!(order_in(torn).unwrap_err().key, "ORDER#1");
    assert!(from_stream_json(json!({"pk": "no type"})).is_err());
}

/// Each write of a life, as the stream shows it: marked exactly where it has events.
fn assert_marked_where_told<A: Stored>(mut aggregate: A, commands: &[A::Command]) {
    let mut old = None;
    let mut told = 0;
    for (command, second) in commands.iter().zip(1..) {
        // A refusal writes nothing.
        drop(aggregate.execute(command, at(second)));
        let new = image(&aggregate);
        let events = new_events(old.replace(new.clone()), new.clone()).unwrap();
        assert_eq!(new.contains_key(NEWS), !events.is_empty(), "{aggregate:?}");
        told += events.len();
        aggregate.changes_mut().saved();
    }
    let all = new_events(None, image(&aggregate)).unwrap();
    assert_eq!(told, all.len(), "{all:?}");
}

#[test]
fn a_write_is_marked_where_it_has_events_and_nowhere_else() {
    let (epoch, reference) = (Epoch::FIRST, reference("pi_1"));
    assert_marked_where_told(
        an_order().pending(),
        &[
            OrderCommand::Complete { epoch },
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Flag { epoch },
            OrderCommand::UnwindClosed { epoch },
            OrderCommand::Fail { epoch },
        ],
    );
    let captured = PaymentCommand::RecordCaptured {
        reference: reference.clone(),
    };
    assert_marked_where_told(
        Payment::none(order_id(1)),
        &[
            PaymentCommand::StartAuthorisation,
            PaymentCommand::RecordAuthorised { reference },
            PaymentCommand::RecordCaptureUnheard,
            PaymentCommand::StartClosing,
            PaymentCommand::RecordClosed,
            captured,
        ],
    );
    let mut lease = a_lease().held();
    lease.extend(at(9));
    assert_marked_where_told(lease, &[LeaseCommand::Commit]);
    assert_marked_where_told(
        Shipment::none(order_id(1)),
        &[
            ShipmentCommand::StartCreation,
            ShipmentCommand::StartCancellation,
            ShipmentCommand::RecordCancelled,
        ],
    );
}

/// A write of an account is its event: what was there before is not told again.
#[test]
fn an_account_carries_the_event_of_its_last_write() {
    let mut alice = an_account("alice");
    let first = account::encode(&alice).unwrap();
    assert_eq!(sequences(None, first.clone()), [1]);
    assert!(sequences(Some(first.clone()), first.clone()).is_empty());
    alice.version = 1;
    alice.end_sessions(at(1));
    let second = account::encode(&alice).unwrap();
    assert_eq!(sequences(Some(first.clone()), second.clone()), [2]);
    assert!(sequences(Some(second), first).is_empty());
}

/// The table has the new address only: who hears of the write hears the old one too.
#[test]
fn an_account_that_moved_tells_where_it_was() {
    let mut alice = an_account("alice");
    let first = account::encode(&alice).unwrap();
    alice.version = 1;
    let there = Email::parse("liddell@example.org").unwrap();
    alice.change_email(there, at(1)).unwrap();
    let second = account::encode(&alice).unwrap();
    alice.version = 2;
    alice.end_sessions(at(2));
    let third = account::encode(&alice).unwrap();
    let told = |old, new| {
        let event: AccountChanged = new_events(old, new).unwrap()[0].data().unwrap();
        (event.email, event.previous_email)
    };
    let there = "liddell@example.org".to_owned();
    let before = Some("alice@example.org".to_owned());
    assert_eq!(told(Some(first), second.clone()), (there.clone(), before));
    assert_eq!(told(None, second.clone()), (there.clone(), None));
    assert_eq!(told(Some(second), third), (there, None));
}

/// Accounts of before there were events stay readable.
#[test]
fn an_account_of_before_there_were_events_is_read() {
    let mut image = account::encode(&an_account("alice")).unwrap();
    for name in ["event", "news", "verify", "reset", "verified"] {
        assert!(image.remove(name).is_some(), "{name}");
    }
    let alice = account::decode(image).unwrap();
    assert_eq!((alice.verification, alice.reset), <_>::default());
    assert!(!alice.verified);
}

fn by(kind: AuthorKind) -> Author {
    let from = Origin {
        address: Some("192.0.2.77".to_owned()),
        request: Some("request-7".to_owned()),
    };
    Author::unnamed(kind, from)
}

fn signed(mut image: Image, author: &Author) -> Image {
    sign(&mut image, author).unwrap();
    image
}

#[test]
fn the_events_of_a_write_have_its_author_and_those_of_the_next_have_not() {
    let dora = by(AuthorKind::Account);
    let mut order = an_order().pending();
    let placed = signed(image(&order), &dora);
    let events = new_events(None, placed.clone()).unwrap();
    assert_eq!(events[0].author, Some(dora));
    order.changes_mut().saved();
    let (epoch, now) = (order.epoch, at(7));
    order.execute(&OrderCommand::Flag { epoch }, now).unwrap();
    let events = new_events(Some(placed), image(&order)).unwrap();
    assert_eq!((events.len(), &events[0].author), (1, &None));
}

#[test]
fn what_somebody_does_to_their_own_account_is_done_by_it() {
    let image = account::encode(&an_account("alice")).unwrap();
    let events = new_events(None, signed(image, &by(AuthorKind::Owner))).unwrap();
    let author = events[0].author.clone().unwrap();
    assert_eq!(author.kind, AuthorKind::Account);
    assert_eq!(author.subject.unwrap().as_str(), "alice");
    assert_eq!(author.from, by(AuthorKind::Owner).from);
}

/// A decision is nobody's news; that a person made it is for the audit log.
#[test]
fn a_decision_that_somebody_asked_for_is_noted_and_one_of_the_shop_s_own_is_not() {
    let mut order = an_order().pending();
    let before = image(&order);
    order.changes_mut().saved();
    order.execute(&OrderCommand::RequestCancel, at(7)).unwrap();
    let silent = image(&order);
    assert_eq!(
        new_events(Some(before.clone()), silent.clone()).unwrap(),
        []
    );
    let dora = by(AuthorKind::Account);
    let after = signed(silent, &dora);
    assert!(after.contains_key(NEWS));
    let events = new_events(Some(before), after.clone()).unwrap();
    let note: NoteTaken = events[0].data().unwrap();
    assert_eq!(note.action, "order.unwinding");
    assert_eq!(note.object, format!("order/{}", order.facts.id));
    assert_eq!((events.len(), events[0].time), (1, at(7)));
    assert_eq!(events[0].author, Some(dora));
    assert_eq!(new_events(Some(after.clone()), after).unwrap(), []);
}

#[test]
fn the_beginning_and_the_end_of_a_session_are_noted_and_its_refreshes_are_not() {
    let limits = SessionLimits::default();
    let id = SessionId(uuid::Uuid::from_u128(7));
    let mut session = Session::begin(id, &an_account("alice"), &limits, at(0));
    let mut told = Vec::new();
    let mut before: Option<Image> = None;
    let owner = by(AuthorKind::Owner);
    let steps: [fn(&mut Session, &SessionLimits) -> bool; 4] = [
        |_, _| true,
        |it, limits| it.present(it.live, limits, at(60)).is_ok(),
        |it, limits| it.present(it.live, limits, at(120)).is_ok(),
        |it, limits| it.present(Generation(1), limits, at(180)).is_ok(),
    ];
    for step in steps {
        let good = step(&mut session, &limits);
        assert_eq!(good, session.ended.is_none());
        let image = signed(session::encode(&session).unwrap(), &owner);
        for event in new_events(before.replace(image.clone()), image).unwrap() {
            let note: NoteTaken = event.data().unwrap();
            assert_eq!(note.object, "account/alice");
            let author = event.author.unwrap();
            assert_eq!(author.subject.unwrap().as_str(), "alice");
            told.push((event.time, note.action, note.refused.is_some()));
        }
        session.version += 1;
    }
    let expected = [
        (at(0), "session.began".to_owned(), false),
        (at(180), "session.reused".to_owned(), true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn keys_and_movements_are_noted() {
    let mut told = Vec::new();
    let mut key = an_api_key(7).0;
    key.version = 0;
    let made = api_key::encode(&key).unwrap();
    key.version = 1;
    key.revoke(at(9));
    let revoked = api_key::encode(&key).unwrap();
    told.extend(new_events(None, made.clone()).unwrap());
    told.extend(new_events(Some(made), revoked).unwrap());
    let restocked = StockMovement::set_up(&pieces("sku-tea", 10), at(0));
    told.extend(new_events(None, movement::encode(&restocked).unwrap()).unwrap());
    let actions: Vec<_> = told
        .iter()
        .map(|event| event.data::<NoteTaken>().unwrap().action)
        .collect();
    assert_eq!(
        actions,
        ["api-key.created", "api-key.revoked", "stock.restock"]
    );
}

/// Its steps are nobody's news.
#[test]
fn who_asks_for_a_job_and_who_cancels_it_is_noted() {
    let dora = by(AuthorKind::Account);
    let mut job = asked(&tenant(), 1, 0);
    let mut before: Option<Image> = None;
    let (mut told, mut ids) = (Vec::new(), BTreeSet::new());
    let holder = JobHolder(uuid::Uuid::from_u128(7));
    let steps: [&dyn Fn(&mut Job); 4] = [
        &|_| {},
        &|job| {
            job.claim(holder, at(1));
        },
        &|job| {
            job.cancel(at(2));
        },
        &|job| {
            job.fail(holder, domain::JobFailure::Unavailable, at(3))
                .unwrap()
        },
    ];
    for (number, step) in steps.into_iter().enumerate() {
        step(&mut job);
        let mut image = job::encode(&job).unwrap();
        // Whoever runs it writes no name.
        if number % 2 == 0 {
            image = signed(image, &dora);
        }
        assert_eq!(image.contains_key(NEWS), number != 1);
        for event in new_events(before.replace(image.clone()), image).unwrap() {
            let note: NoteTaken = event.data().unwrap();
            assert_eq!(note.object, format!("job/{}", job.id));
            assert_eq!(event.author, Some(dora.clone()));
            told.push((event.time, note.action));
            ids.insert(event.id);
        }
        job.version += 1;
    }
    let expected = [(at(0), "job.requested"), (at(2), "job.cancelled")];
    assert_eq!(told, expected.map(|(at, action)| (at, action.to_owned())));

    // A month later the row is gone, and the same is asked for under the same key: that is news.
    let again = asked(&tenant(), 1, 31 * 24 * 3_600);
    assert_eq!(again.id, job.id);
    let again = signed(job::encode(&again).unwrap(), &dora);
    ids.extend(new_events(None, again).unwrap().into_iter().map(|it| it.id));
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_refusal_is_noted_with_who_was_refused() {
    let mut author = by(AuthorKind::Account);
    author.subject = Some(an_account("alice").id);
    let refused = Refusal {
        who: "alice at the list".to_owned(),
        author: author.clone(),
        action: "GET /api/v1/admin/orders".to_owned(),
        object: "route/api/v1/admin/orders".to_owned(),
        reason: "forbidden".to_owned(),
        at: at(60),
        is_told: true,
    };
    let (key, mut image) = refusal::encode(&refused).unwrap();
    let pk = serde_dynamo::to_attribute_value(key.pk()).unwrap();
    image.insert(PK.to_owned(), pk);
    let events = new_events(None, image).unwrap();
    let note: NoteTaken = events[0].data().unwrap();
    assert_eq!(
        (note.object, note.refused),
        (refused.object, Some(refused.reason))
    );
    assert_eq!(events[0].author, Some(author));
}
