//! Every command in every state of a lease, and what the tables cannot show.

use super::*;
use crate::tests::samples::{at, order_id, reserve, sku, stock_line};
use crate::tests::{cells, differences, executed};

const TABLE: &str = "
              reserve  release   commit
    none      held     released  !Missing
    held      ok       released  sold
    released  !Ended   ok        !Missing
    sold      ok       !Sold     ok
";

/// Stages RES, REL and COMMIT of the model.
const MODEL: &str = "
              reserve  release   commit
    none      held     released  no
    held      ok       released  sold
    released  no       ok        no
    sold      ok       no        ok
";

fn none() -> Lease {
    Lease::none(order_id(1))
}

fn held(quantity: u32) -> Lease {
    let mut lease = none();
    lease.reserve(reserve(quantity), at(0)).unwrap();
    lease
}

fn after(mut lease: Lease, command: &LeaseCommand) -> Lease {
    lease.execute(command, at(1)).unwrap();
    lease
}

fn saved(mut lease: Lease) -> Lease {
    lease.changes.saved();
    lease
}

fn all_cells() -> crate::tests::Cells {
    let states = [
        none(),
        held(1),
        after(held(1), &LeaseCommand::Release),
        after(held(1), &LeaseCommand::Commit),
    ];
    let commands = [
        ("reserve", reserve(1)),
        ("release", LeaseCommand::Release),
        ("commit", LeaseCommand::Commit),
    ];
    executed(&states, &commands, |lease| lease.state.name())
}

#[test]
fn follows_its_table_in_every_cell() {
    assert_eq!(all_cells(), cells(TABLE));
}

#[test]
fn agrees_with_the_model_in_every_cell() {
    assert_eq!(differences(&all_cells(), &cells(MODEL)), [""; 0]);
}

#[test]
fn a_release_before_the_reserve_keeps_stock_from_ever_being_held() {
    let mut lease = saved(after(none(), &LeaseCommand::Release));
    assert_eq!(lease.reserve(reserve(1), at(2)), Err(LeaseRejection::Ended));
    assert_eq!(lease.state, LeaseState::Released);
    assert_eq!(lease.lines, []);
    assert!(!lease.changes.is_changed());
}

#[test]
fn a_tombstone_gives_nothing_back() {
    assert!(!after(none(), &LeaseCommand::Release).gives_back());
}

#[test]
fn the_release_of_held_stock_gives_it_back_once() {
    let released = after(saved(held(2)), &LeaseCommand::Release);
    assert!(released.gives_back());
    let again = after(saved(released), &LeaseCommand::Release);
    assert!(!again.gives_back());
}

#[test]
fn only_the_first_reserve_takes_stock() {
    let lease = held(2);
    assert!(lease.takes_stock());
    let again = after(saved(lease), &reserve(2));
    assert!(!again.takes_stock());
}

#[test]
fn an_extension_and_a_sale_take_no_stock() {
    let mut lease = saved(held(2));
    lease.extend(at(60));
    assert!(lease.changes.is_changed());
    assert!(!lease.takes_stock() && !lease.gives_back());
    let sold = after(saved(lease), &LeaseCommand::Commit);
    assert!(sold.changes.is_changed());
    assert!(!sold.takes_stock() && !sold.gives_back());
}

#[test]
fn a_repeat_with_other_lines_keeps_the_first() {
    let mut lease = held(2);
    lease.reserve(reserve(5), at(9)).unwrap();
    assert_eq!(lease.lines, [stock_line(2)]);
}

#[test]
fn lines_of_one_sku_are_added_up_in_the_order_of_their_first_mention() {
    let other = Sku::parse("CHAIR").unwrap();
    let chairs = |quantity| StockLine {
        sku: other.clone(),
        quantity,
    };
    let sum = added_up(vec![stock_line(1), chairs(4), stock_line(2), chairs(1)]);
    assert_eq!(sum, [stock_line(3), chairs(5)]);
}

#[test]
fn an_overlong_sum_of_lines_stays_at_the_largest_number_instead_of_wrapping() {
    let sum = added_up(vec![stock_line(u32::MAX), stock_line(2)]);
    assert_eq!(sum, [stock_line(u32::MAX)]);
}

#[test]
fn a_lease_is_promised_for_its_term_and_extended_from_the_present() {
    let mut lease = held(1);
    let until = |from| LeaseState::Held {
        until: from + Lease::TERM,
    };
    assert_eq!(lease.state, until(at(0)));
    lease.extend(at(100));
    assert_eq!(lease.state, until(at(100)));
}

#[test]
fn an_extension_changes_only_what_is_held() {
    for lease in [
        none(),
        after(held(1), &LeaseCommand::Release),
        after(held(1), &LeaseCommand::Commit),
    ] {
        let before = saved(lease);
        let mut extended = before.clone();
        extended.extend(at(100));
        assert_eq!(extended, before);
    }
}

#[test]
fn the_clock_alone_never_ends_a_lease() {
    let long_after = at(365 * 24 * 3_600);
    let mut lease = held(1);
    lease.reserve(reserve(1), long_after).unwrap();
    assert_eq!(lease.state.name(), "held");
    lease.execute(&LeaseCommand::Commit, long_after).unwrap();
    assert_eq!(lease.state, LeaseState::Sold);
}

#[test]
fn the_lease_of_an_order_has_the_order_s_key() {
    assert_eq!(held(1).id(), order_id(1));
    assert_eq!(held(1).lines.first().unwrap().sku, sku());
}

fn sold(quantity: u32) -> Lease {
    after(held(quantity), &LeaseCommand::Commit)
}

fn restock(id: &str, quantity: u32) -> LeaseCommand {
    LeaseCommand::Restock {
        id: RefundId::parse(id).unwrap(),
        lines: vec![stock_line(quantity)],
    }
}

#[test]
fn pieces_of_one_refund_come_back_once() {
    let once = after(saved(sold(3)), &restock("one", 1));
    assert_eq!(once.given_back(), [stock_line(1)]);
    assert_eq!(once.state, LeaseState::Sold);
    let again = after(saved(once), &restock("one", 1));
    assert!(!again.changes.is_changed() && !again.gives_back());
    let other = after(again, &restock("two", 2));
    assert_eq!(other.given_back(), [stock_line(2)]);
}

#[test]
fn no_more_comes_back_than_was_sold() {
    let mut lease = after(sold(3), &restock("one", 2));
    for command in [restock("two", 2), restock("three", u32::MAX)] {
        let refused = lease.execute(&command, at(2));
        assert_eq!(refused, Err(LeaseRejection::NotSold));
    }
    let mut other = restock("four", 1);
    if let LeaseCommand::Restock { lines, .. } = &mut other {
        lines[0].sku = Sku::parse("CHAIR").unwrap();
    }
    assert_eq!(lease.execute(&other, at(2)), Err(LeaseRejection::NotSold));
}
