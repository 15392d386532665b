//! What a cancelled transaction of stock and lease means.

use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use domain::ports::{HoldError, StoreError};
use domain::{Aggregate, Lease, LeaseCommand};
use testkit::build::{a_lease, at, pieces, sku};

use super::shelf::Mark;
use super::transaction::{Direction, token};
use super::{Outcome, because};
use crate::contention::pause_before;
use crate::item::Stored;

fn lease() -> Lease {
    a_lease()
        .of_pieces(&[pieces("sku-tea", 2), pieces("sku-mug", 1)])
        .held()
}

fn reason(code: &str) -> CancellationReason {
    CancellationReason::builder().code(code).build()
}

fn failed() -> CancellationReason {
    reason("ConditionalCheckFailed")
}

fn none() -> CancellationReason {
    reason("None")
}

fn shelf_with(available: u32) -> CancellationReason {
    let number = |number: u32| AttributeValue::N(number.to_string());
    CancellationReason::builder()
        .code("ConditionalCheckFailed")
        .item("pk", AttributeValue::S("STOCK#sku-mug".to_owned()))
        .item("entity", AttributeValue::S("stock".to_owned()))
        .item("version", number(4))
        .item("available", number(available))
        .item("changed_at", number(1_000))
        .build()
}

fn refusal(reasons: &[CancellationReason]) -> Option<HoldError> {
    match tried(reasons, Direction::Out) {
        Outcome::Refused(error) => Some(error),
        Outcome::Met => None,
        Outcome::Turns(marks) => panic!("{marks:?}"),
    }
}

fn tried(reasons: &[CancellationReason], direction: Direction) -> Outcome {
    let mut lease = lease();
    if let Direction::Back = direction {
        lease.execute(&LeaseCommand::Release, at(9)).unwrap();
    }
    because(reasons, &lease, (direction, &[Mark::Kept; 2]))
}

/// A mug's shelf with so many pieces more than when it is low.
fn spare(spare: i64, is_listed: bool) -> CancellationReason {
    let mut reason = shelf_with(50);
    let item = reason.item.as_mut().unwrap();
    item.insert("spare".to_owned(), AttributeValue::N(spare.to_string()));
    if is_listed {
        let sku = AttributeValue::S("sku-mug".to_owned());
        item.insert("low_sku".to_owned(), sku);
    }
    reason
}

/// One mug is taken, or comes back.
fn turn(reason: CancellationReason, direction: Direction) -> Vec<Mark> {
    match tried(&[none(), none(), reason], direction) {
        Outcome::Turns(marks) => marks,
        Outcome::Refused(error) => panic!("{error}"),
        Outcome::Met => panic!("met another"),
    }
}

#[test]
fn the_line_that_makes_its_stock_low_is_sent_again_with_the_entry() {
    let (out, back) = (Direction::Out, Direction::Back);
    let kept = |mark| vec![Mark::Kept, mark];
    assert_eq!(turn(spare(1, false), out), kept(Mark::Set));
    assert_eq!(turn(spare(-3, false), out), kept(Mark::Set));
    assert_eq!(turn(spare(0, true), back), kept(Mark::Removed));
    // Meanwhile it has become what was thought: as before.
    assert_eq!(turn(spare(2, false), out), kept(Mark::Kept));
    assert_eq!(turn(spare(0, true), out), kept(Mark::Kept));
    assert_eq!(turn(spare(-1, true), back), kept(Mark::Kept));
}

#[test]
fn a_transaction_that_met_another_is_tried_again() {
    let met = reason("TransactionConflict");
    assert_eq!(refusal(&[met.clone(), none(), none()]), None);
    assert_eq!(refusal(&[none(), met, none()]), None);
    let busy = reason("ThrottlingError");
    assert_eq!(refusal(&[none(), none(), busy]), None);
}

#[test]
fn a_shortage_beside_a_twin_on_its_way_is_not_believed() {
    let met = reason("TransactionConflict");
    assert_eq!(refusal(&[met, none(), shelf_with(0)]), None);
}

#[test]
fn a_lease_that_is_stored_comes_before_a_shortage() {
    let mut stored = lease();
    let image = stored.encode().unwrap();
    let mut taken = failed();
    taken.item = Some(image.into());
    stored.changes_mut().saved();
    let error = refusal(&[taken, none(), shelf_with(0)]);
    assert_eq!(error, Some(HoldError::Conflict(Some(Box::new(stored)))));
    let untold = refusal(&[failed(), none(), none()]);
    assert_eq!(untold, Some(HoldError::Conflict(None)));
}

#[test]
fn a_shortage_names_the_line() {
    let short = HoldError::OutOfStock {
        sku: sku("sku-mug"),
        wanted: 1,
        available: 0,
    };
    assert_eq!(refusal(&[none(), none(), shelf_with(0)]), Some(short));
    let unknown = HoldError::UnknownSku(sku("sku-tea"));
    assert_eq!(refusal(&[none(), failed(), none()]), Some(unknown));
}

#[test]
fn any_other_reason_is_a_fault() {
    let error = refusal(&[none(), reason("ValidationError"), none()]);
    assert!(matches!(
        error,
        Some(HoldError::Store(StoreError::Broken(_)))
    ));
    let error = refusal(&[]);
    assert!(matches!(
        error,
        Some(HoldError::Store(StoreError::Broken(_)))
    ));
}

#[test]
fn a_change_has_one_token_and_another_change_another() {
    let kept = &[Mark::Kept; 2][..];
    let held = lease();
    let mut later = held.clone();
    later.changes_mut().saved();
    let first = token(&held, (Direction::Out, kept), at(1));
    assert_eq!(first, token(&held, (Direction::Out, kept), at(1)));
    let others = [
        token(&held, (Direction::Back, kept), at(1)),
        token(&held, (Direction::Out, kept), at(2)),
        token(&later, (Direction::Out, kept), at(1)),
        token(&held, (Direction::Out, &[Mark::Kept, Mark::Set]), at(1)),
        token(
            &a_lease().of(testkit::build::order_id(2)).held(),
            (Direction::Out, kept),
            at(1),
        ),
    ];
    assert!(!others.contains(&first), "{others:?}");
}

#[test]
fn those_who_met_wait_for_different_times_within_a_budget() {
    let waits = |token: &str| {
        (1..=8)
            .map(|tried| pause_before(token, tried))
            .collect::<Vec<_>>()
    };
    let (one, other) = (waits("one"), waits("other"));
    assert_ne!(one, other);
    // Doubled until the sixth time, and not beyond.
    let longest = [50, 100, 200, 400, 800, 1_600, 1_600, 1_600];
    for (most, (one, other)) in longest.into_iter().zip(one.iter().zip(&other)) {
        let most = std::time::Duration::from_millis(most);
        assert!(
            *one <= most && *other <= most,
            "{one:?}, {other:?}, {most:?}"
        );
    }
}
