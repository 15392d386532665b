//! Events are a promise to others: their envelopes, their shapes and when they are made.

mod fixtures;
mod schemas;

use std::collections::HashSet;

use domain::{
    Account, AccountEvent, Aggregate, Author, AuthorKind, Currency, Money, Order, OrderLine,
    Origin, ProductId, Sequence, Sku, Stock,
};

use super::*;
use crate::samples::{
    EMAIL, KEPT, ORDER_ID, a_course, accounts, at, cancelled_order, completed_order,
    delivered_order, facts, failed_order, leases, order_id, payments, products, refunded_order,
    shipments,
};

/// All events of all sample lives: every type at least once, with and without what is optional.
fn all_events() -> Vec<Envelope> {
    let none = Sequence::NONE;
    let mut events = Vec::new();
    let orders = [
        completed_order(),
        failed_order(),
        cancelled_order(),
        refunded_order(),
        delivered_order(),
    ];
    for order in orders {
        events.extend(envelopes_of_order(&order, none));
    }
    for lease in leases() {
        events.extend(envelopes_of_lease(&lease, none));
    }
    for payment in payments() {
        events.extend(envelopes_of_payment(&payment, none));
    }
    for shipment in shipments() {
        events.extend(envelopes_of_shipment(&shipment, none));
    }
    events.push(changed_stock());
    events.extend(products().iter().map(product_event));
    events.push(course_event(&a_course()));
    events.extend(moved_account());
    events.extend(accounts().iter().map(account_changed));
    events.extend(["wrong-password", ""].map(note));
    let skipped = events.iter().filter_map(|event| skipped(event, at(9)));
    let skipped: Vec<_> = skipped.collect();
    events.extend(skipped);
    events
}

fn note(refused: &str) -> Envelope {
    let data = NoteTaken {
        action: "session.began".to_owned(),
        object: "account/ada".to_owned(),
        refused: (!refused.is_empty()).then(|| refused.to_owned()),
    };
    let subject = format!("session-{}", refused.len());
    note_taken(subject, Sequence(1), at(5), Some(&facts().tenant), &data)
}

/// As it is told the first time.
fn moved_account() -> Option<Envelope> {
    let accounts = accounts();
    let moved = |account: &&Account| account.last == AccountEvent::EmailChanged;
    let moved = accounts.iter().find(moved)?;
    Some(account_moved(moved, &accounts[0].email))
}

fn changed_stock() -> Envelope {
    stock_changed(&Stock {
        sku: Sku::parse("LAMP-1").unwrap(),
        available: 41,
        put_in: 50,
        low_at: 5,
        version: 7,
        changed_at: at(1),
    })
}

#[test]
fn type_names_are_unique_and_made_of_kind_and_deed() {
    let names: HashSet<_> = EventType::ALL.iter().map(|each| each.as_str()).collect();
    assert_eq!(names.len(), EventType::ALL.len());
    for event_type in EventType::ALL {
        let parts: Vec<_> = event_type.as_str().split('.').collect();
        let [shop, kind, deed, version] = parts[..] else {
            panic!("{parts:?}");
        };
        assert_eq!((shop, version), ("cartwright", "v1"));
        assert_eq!(kind, event_type.kind().name());
        assert!(deed.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        assert_eq!(EventType::parse(event_type.as_str()), Some(*event_type));
    }
    assert_eq!(EventType::parse("cartwright.order.placed.v2"), None);
}

fn told<A: Aggregate + std::fmt::Debug>(
    aggregate: &A,
    envelopes: fn(&A, Sequence) -> Vec<Envelope>,
) {
    let news = aggregate.events().all().iter();
    let news = news.filter(|raised| A::is_news(&raised.event)).count();
    let numbers: Vec<u32> = envelopes(aggregate, Sequence::NONE)
        .iter()
        .map(|event| event.sequence)
        .collect();
    assert_eq!(
        numbers,
        (1..).take(news).collect::<Vec<u32>>(),
        "{aggregate:?}"
    );
}

/// Whoever waits for an event goes on with its tombstone, and whoever filters by type is not misled.
#[test]
fn a_tombstone_has_the_place_of_its_event_and_nothing_else_of_it() {
    for event in all_events() {
        let Some(tombstone) = skipped(&event, at(9)) else {
            assert!(
                ["stock", "product", "course", "account", "note"].contains(&event.aggregate_kind())
            );
            continue;
        };
        let place = |event: &Envelope| (event.id.clone(), event.group(), event.sequence);
        assert_eq!(place(&tombstone), place(&event));
        let kind = event.aggregate_kind();
        assert_eq!(
            tombstone.event_type,
            format!("cartwright.{kind}.skipped.v1")
        );
        let data: EventSkipped = tombstone.data().unwrap();
        assert_eq!(
            (data.order_id, data.instead_of),
            (event.subject, event.event_type)
        );
        assert_eq!(tombstone.data.as_object().unwrap().len(), 2);
    }
}

#[test]
fn what_is_news_is_told_and_nothing_else() {
    let orders = [
        completed_order(),
        failed_order(),
        cancelled_order(),
        refunded_order(),
        delivered_order(),
    ];
    for order in orders {
        told(&order, envelopes_of_order);
    }
    for lease in leases() {
        told(&lease, envelopes_of_lease);
    }
    for payment in payments() {
        told(&payment, envelopes_of_payment);
    }
    for shipment in shipments() {
        told(&shipment, envelopes_of_shipment);
    }
}

#[test]
fn the_sample_lives_raise_every_type() {
    let raised: HashSet<_> = all_events().into_iter().map(|e| e.event_type).collect();
    for event_type in EventType::ALL {
        assert!(raised.contains(event_type.as_str()), "{event_type:?}");
    }
    assert_eq!(raised.len(), EventType::ALL.len());
}

#[test]
fn every_envelope_has_what_cloud_events_requires() {
    for event in all_events() {
        assert_eq!(event.specversion, "1.0");
        assert_eq!(event.source, "/cartwright");
        assert_eq!(event.datacontenttype, "application/json");
        assert!(event.data.is_object());
        let kind = event.aggregate_kind();
        let id = format!("{kind}/{}/{}", event.subject, event.sequence);
        assert_eq!(event.id, id);
        assert_eq!(event.group(), format!("{kind}/{}", event.subject));
    }
}

#[test]
fn the_same_event_always_has_the_same_id_and_no_other_has_it() {
    assert_eq!(all_events(), all_events());
    let ids: HashSet<_> = envelopes_of_order(&completed_order(), Sequence::NONE)
        .into_iter()
        .chain(envelopes_of_lease(&leases()[0], Sequence::NONE))
        .chain(envelopes_of_payment(&payments()[0], Sequence::NONE))
        .chain(envelopes_of_shipment(&shipments()[0], Sequence::NONE))
        .map(|event| event.id)
        .collect();
    assert_eq!(ids.len(), 3 + 3 + 3 + 2);
}

/// F26: time is when it happened, however late it is stored, read or published.
#[test]
fn an_event_s_time_is_domain_time() {
    let mut order = completed_order();
    order.changes.saved();
    let times: Vec<_> = envelopes_of_order(&order, Sequence::NONE)
        .into_iter()
        .map(|event| event.time)
        .collect();
    assert_eq!(times, [at(0), at(2), at(3)]);
    let [.., completed] = &envelopes_of_order(&order, Sequence::NONE)[..] else {
        panic!("no event");
    };
    let data: OrderCompleted = completed.data().unwrap();
    assert_eq!(data.completed_at, completed.time);
    assert_eq!(changed_stock().time, at(1));
}

/// A replay publishes from the present item what the first publisher read from an older one.
#[test]
fn what_happened_later_does_not_change_an_earlier_event() {
    let early = Order::place(facts());
    let late = envelopes_of_order(&failed_order(), Sequence::NONE);
    assert_eq!(envelopes_of_order(&early, Sequence::NONE), late[..1]);
    assert_eq!(late.len(), 2);
}

#[test]
fn only_events_after_the_given_sequence_are_put_into_envelopes() {
    let order = completed_order();
    let all = envelopes_of_order(&order, Sequence::NONE);
    for after in 0..=5_u32 {
        let newer = envelopes_of_order(&order, Sequence(after));
        let skipped = usize::try_from(after).unwrap().min(all.len());
        assert_eq!(newer, all[skipped..]);
    }
    assert_eq!(order.events().last_sequence(), Sequence(3));
}

#[test]
fn tenant_and_trace_go_along_where_they_are_known() {
    let known = &envelopes_of_payment(&payments()[0], Sequence::NONE)[0];
    assert_eq!(known.tenant.as_deref(), Some("shop"));
    assert!(known.traceparent.as_deref().unwrap().starts_with("00-"));
    let unknown = &envelopes_of_payment(&payments()[2], Sequence::NONE)[0];
    assert_eq!((&unknown.tenant, &unknown.traceparent), (&None, &None));
}

#[test]
fn a_failed_order_gives_the_reason_of_the_decision() {
    let events = envelopes_of_order(&failed_order(), Sequence::NONE);
    let failed: OrderFailed = events.last().unwrap().data().unwrap();
    assert_eq!(failed.failure.code, "out_of_stock");
    assert_eq!(failed.failure.detail, "LAMP-1 ran out: 2 ordered, 1 left");
}

/// The order's id is in every event of it, under one name, for whoever joins them.
#[test]
fn every_event_of_an_order_names_the_order() {
    let others = ["stock", "product", "course", "account", "note"];
    for event in all_events() {
        if !others.contains(&event.aggregate_kind()) {
            assert_eq!(event.data["order_id"], ORDER_ID, "{}", event.event_type);
            assert_eq!(event.subject, ORDER_ID);
        }
    }
}

/// I16: the newest event of an account says all that others may know, and nothing else.
#[test]
fn an_account_tells_everything_but_what_is_secret() {
    let accounts = accounts();
    for (account, sequence) in accounts.iter().zip(1..) {
        let event = account_changed(account);
        assert_eq!((event.sequence, event.time), (sequence, account.changed_at));
        let text = serde_json::to_string(&event).unwrap();
        assert!(!text.contains(KEPT) && !text.contains("argon2"), "{text}");
        if account.is_erased() {
            let nothing_else = serde_json::json!({"account_id": account.id.as_str()});
            assert_eq!(event.data, nothing_else);
            continue;
        }
        let told: AccountChanged = event.data().unwrap();
        assert_eq!(told, AccountChanged::from(account));
    }
}

/// Only who hears of it first learns where its owner was reached before.
#[test]
fn an_old_address_is_told_once() {
    let told: Vec<_> = all_events()
        .into_iter()
        .filter(|event| event.event_type == EventType::AccountEmailChanged.as_str())
        .map(|event| event.data::<AccountChanged>().unwrap())
        .map(|account| (account.email, account.previous_email))
        .collect();
    let there = "ada@example.net".to_owned();
    let first = (there.clone(), Some(EMAIL.to_owned()));
    assert_eq!(told, [first, (there, None)]);
}

#[test]
fn a_link_is_told_as_a_number_with_its_end() {
    let links: Vec<_> = accounts()
        .iter()
        .filter_map(|account| AccountChanged::from(account).link)
        .map(|link| format!("{} {} {}", link.purpose, link.number, link.ends_at))
        .collect();
    let expected = [
        "verify-email 1 2026-03-04T12:00:00Z",
        "verify-email 2 2026-03-04T13:10:00Z",
        "reset-password 1 2026-03-01T14:30:00Z",
        "verify-email 3 2026-03-04T13:40:00Z",
    ];
    assert_eq!(links, expected);
}

/// Who subscribes to events learns nobody's address.
#[test]
fn who_made_a_change_is_beside_the_event_and_not_in_it() {
    for kind in AuthorKind::ALL {
        let author = Author {
            kind,
            tenant: Some(facts().tenant),
            subject: Some(facts().customer),
            from: Origin {
                address: Some("192.0.2.77".to_owned()),
                request: Some("request-7".to_owned()),
            },
        };
        let event = Envelope {
            author: Some(author.clone()),
            ..changed_stock()
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(text, serde_json::to_string(&changed_stock()).unwrap());
        assert_eq!(parse_author(&author_text(&author)).unwrap(), author);
        let bare = Author::unnamed(kind, Origin::default());
        assert_eq!(parse_author(&author_text(&bare)).unwrap(), bare);
    }
    for text in [
        "",
        "{}",
        r#"{"k":"god"}"#,
        r#"{"k":"account","s":"a b"}"#,
        r#"{"k":"account","x":"1"}"#,
    ] {
        assert!(parse_author(text).is_err(), "{text}");
    }
}

#[test]
fn a_reader_skips_fields_that_it_does_not_know() {
    let event = changed_stock();
    let mut newer = serde_json::to_value(&event).unwrap();
    newer["partitionkey"] = serde_json::json!("x");
    newer["data"]["reserved"] = serde_json::json!(3);
    let read = Envelope::parse(&newer.to_string()).unwrap();
    assert_eq!(read.id, event.id);
    assert_eq!(read.data::<StockChanged>().unwrap().available, 41);
}

#[test]
fn a_text_that_is_no_event_is_told_from_data_that_does_not_fit() {
    for text in ["", "{}", "null", "[]", r#"{"specversion":"1.0"}"#] {
        let refused = Envelope::parse(text);
        assert!(matches!(refused, Err(InvalidEnvelope::Json(_))), "{text}");
    }
    let misread = changed_stock().data::<OrderPlaced>();
    assert!(matches!(misread, Err(InvalidEnvelope::Data(_))));
}

/// Ids serve as SNS deduplication and group ids: at most 128 characters, ASCII without spaces
/// (SNS API reference, Publish).
#[test]
fn the_longest_ids_fit_the_topic() {
    let sku = Sku::parse(&"x".repeat(64)).unwrap();
    let event = stock_changed(&Stock {
        sku,
        available: Stock::MAX,
        put_in: Stock::MAX,
        low_at: 0,
        version: u32::MAX,
        changed_at: at(0),
    });
    for text in [event.id.clone(), event.group()] {
        assert!(text.len() <= 128);
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

#[test]
fn the_largest_order_fits_the_topic() {
    let mut facts = facts();
    let price = Money::new(Money::MAX_MINOR / 50_000, Currency::parse("EUR").unwrap());
    let line = |number: usize| OrderLine {
        product_id: ProductId::parse(&format!("{number:x>64}")).unwrap(),
        sku: Sku::parse(&format!("{number:x>64}")).unwrap(),
        quantity: domain::MAX_QUANTITY,
        unit_price: price.unwrap(),
    };
    facts.lines = (0..domain::MAX_LINES).map(line).collect();
    facts.contact.as_mut().unwrap().email = "x".repeat(254);
    let placed = &envelopes_of_order(&Order::place(facts), Sequence::NONE)[0];
    let bytes = serde_json::to_vec(placed).unwrap().len();
    assert!(bytes * 8 < MAX_EVENT_BYTES, "{bytes} bytes");
    assert_eq!(placed.subject, order_id().to_string());
}
