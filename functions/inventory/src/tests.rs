//! Each step against stock and leases in memory.

use contracts::saga::StockLineBody;
use domain::LeaseState;
use jiff::SignedDuration;
use serde_json::json;
use testkit::build::{a_lease, at, order_id, pieces, traceparent};
use testkit::fakes::{FakeInventory, Fault};

use super::*;

/// Five teas and one cup.
fn a_warehouse() -> FakeInventory {
    FakeInventory::default()
        .with_stock(&pieces("sku-tea", 5))
        .with_stock(&pieces("sku-cup", 1))
}

fn reserve(lines: &[(&str, u32)]) -> InventoryStep {
    let line = |(sku, quantity): &(&str, u32)| StockLineBody {
        sku: (*sku).to_owned(),
        quantity: *quantity,
    };
    InventoryStep::Reserve {
        order_id: order_id(1).0,
        tenant: "main".to_owned(),
        traceparent: traceparent().to_string(),
        lines: lines.iter().map(line).collect(),
    }
}

fn release_after(decision: DecisionBody) -> InventoryStep {
    InventoryStep::Release {
        order_id: order_id(1).0,
        decision,
    }
}

fn release() -> InventoryStep {
    release_after(DecisionBody::Unwinding)
}

fn commit_after(decision: DecisionBody) -> InventoryStep {
    InventoryStep::Commit {
        order_id: order_id(1).0,
        decision,
    }
}

fn commit() -> InventoryStep {
    commit_after(DecisionBody::Charging)
}

fn extend() -> InventoryStep {
    InventoryStep::Extend {
        order_id: order_id(1).0,
    }
}

async fn run(stock: &FakeInventory, step: InventoryStep) -> Result<(), ErrorName> {
    let done = handle(stock, at(10), step).await;
    done.map(|Done {}| ()).map_err(|error| error.name())
}

/// The steps one after the other, all of which must succeed.
async fn after(stock: &FakeInventory, steps: impl IntoIterator<Item = InventoryStep>) {
    for step in steps {
        assert_eq!(run(stock, step).await, Ok(()));
    }
}

fn lease_state(stock: &FakeInventory) -> Option<LeaseState> {
    stock.lease(order_id(1)).map(|lease| lease.state)
}

fn teas_and_cups(stock: &FakeInventory) -> (u32, u32) {
    (stock.on_shelf("sku-tea"), stock.on_shelf("sku-cup"))
}

#[tokio::test]
async fn holds_every_line_without_reading_first() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2), ("sku-cup", 1)])]).await;
    assert_eq!(teas_and_cups(&stock), (3, 0));
    let lease = stock.lease(order_id(1)).unwrap();
    let until = at(10) + Lease::TERM;
    assert_eq!(lease.state, LeaseState::Held { until });
    assert_eq!(lease.traceparent, Some(traceparent()));
    assert_eq!(stock.leases().reads(), 0);
}

#[tokio::test]
async fn holds_nothing_when_one_line_is_out_of_stock() {
    let stock = a_warehouse();
    let both = reserve(&[("sku-tea", 2), ("sku-cup", 2)]);
    assert_eq!(run(&stock, both).await, Err(ErrorName::OutOfStock));
    assert_eq!(teas_and_cups(&stock), (5, 1));
    assert_eq!(lease_state(&stock), None);
}

#[tokio::test]
async fn says_what_is_missing_in_the_detail_only() {
    let stock = a_warehouse();
    let refused = handle(&stock, at(10), reserve(&[("sku-cup", 2)])).await;
    let detail = refused.unwrap_err().detail();
    assert_eq!(detail, "sku-cup ran out: 2 ordered, 1 left");
}

#[tokio::test]
async fn holds_nothing_when_one_sku_is_unknown() {
    let stock = a_warehouse();
    let both = reserve(&[("sku-tea", 2), ("sku-hat", 1)]);
    assert_eq!(run(&stock, both).await, Err(ErrorName::UnknownSku));
    assert_eq!(teas_and_cups(&stock), (5, 1));
}

#[tokio::test]
async fn adds_up_lines_of_one_sku() {
    let stock = a_warehouse();
    let thrice = reserve(&[("sku-tea", 2), ("sku-tea", 2), ("sku-tea", 2)]);
    assert_eq!(run(&stock, thrice).await, Err(ErrorName::OutOfStock));
    after(&stock, [reserve(&[("sku-tea", 2), ("sku-tea", 2)])]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 1);
}

#[tokio::test]
async fn a_second_reserve_changes_nothing() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    let writes = stock.leases().writes();
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 3);
    assert_eq!(stock.leases().writes(), writes);
}

#[tokio::test]
async fn a_reserve_whose_answer_was_lost_is_found_done() {
    let stock = a_warehouse();
    stock.fail_next_write(Fault::AppliedButError);
    let lost = run(&stock, reserve(&[("sku-tea", 2)])).await;
    assert_eq!(lost, Err(ErrorName::Unavailable));
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 3);
}

#[tokio::test]
async fn the_last_piece_goes_to_one_order() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-cup", 1)])]).await;
    let other = InventoryStep::Reserve {
        order_id: order_id(2).0,
        tenant: "main".to_owned(),
        traceparent: String::new(),
        lines: vec![(&pieces("sku-cup", 1)).into()],
    };
    assert_eq!(run(&stock, other).await, Err(ErrorName::OutOfStock));
    assert_eq!(stock.lease(order_id(2)), None);
}

#[tokio::test]
async fn release_gives_the_stock_back_once() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)]), release(), release()]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 5);
    assert_eq!(lease_state(&stock), Some(LeaseState::Released));
}

#[tokio::test]
async fn a_release_whose_answer_was_lost_gives_back_once() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    stock.fail_next_write(Fault::AppliedButError);
    let lost = run(&stock, release()).await;
    assert_eq!(lost, Err(ErrorName::Unavailable));
    after(&stock, [release()]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 5);
}

#[tokio::test]
async fn release_before_reserve_leaves_a_tombstone_that_refuses_the_late_reserve() {
    let stock = a_warehouse();
    after(&stock, [release()]).await;
    assert_eq!(lease_state(&stock), Some(LeaseState::Released));
    let late = run(&stock, reserve(&[("sku-tea", 2)])).await;
    assert_eq!(late, Err(ErrorName::LeaseEnded));
    assert_eq!(stock.on_shelf("sku-tea"), 5);
}

#[tokio::test]
async fn commit_sells_what_is_held_once() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)]), commit(), commit()]).await;
    assert_eq!(lease_state(&stock), Some(LeaseState::Sold));
    assert_eq!(stock.on_shelf("sku-tea"), 3);
}

#[tokio::test]
async fn commit_without_a_held_lease_is_missing() {
    let stock = a_warehouse();
    assert_eq!(run(&stock, commit()).await, Err(ErrorName::LeaseMissing));
    after(&stock, [release()]).await;
    assert_eq!(run(&stock, commit()).await, Err(ErrorName::LeaseMissing));
}

#[tokio::test]
async fn what_was_sold_is_not_given_back() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)]), commit()]).await;
    assert_eq!(run(&stock, release()).await, Err(ErrorName::LeaseSold));
    assert_eq!(stock.on_shelf("sku-tea"), 3);
    assert_eq!(lease_state(&stock), Some(LeaseState::Sold));
}

#[tokio::test]
async fn steps_that_do_not_follow_from_the_decision_are_refused() {
    use DecisionBody::{Charging, Ended, Unwinding};
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    for step in [
        release_after(Charging),
        release_after(Ended),
        commit_after(Unwinding),
        commit_after(Ended),
    ] {
        assert_eq!(run(&stock, step).await, Err(ErrorName::WrongDecision));
    }
    assert_eq!(stock.leases().writes(), 1);
}

#[tokio::test]
async fn after_a_conflict_the_step_is_decided_anew() {
    let stock = a_warehouse();
    stock.leases().meanwhile(a_lease().tombstone());
    let refused = run(&stock, reserve(&[("sku-tea", 2)])).await;
    assert_eq!(refused, Err(ErrorName::LeaseEnded));

    let stock = a_warehouse();
    stock.leases().meanwhile(a_lease().held());
    after(&stock, [reserve(&[("sku-tea", 1)])]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 5, "the other run took the piece");
}

#[tokio::test]
async fn a_release_that_meets_a_sale_meanwhile_takes_nothing_back() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 1)])]).await;
    let mut sold = stock.lease(order_id(1)).unwrap();
    sold.execute(&LeaseCommand::Commit, at(9)).unwrap();
    stock.leases().meanwhile(sold);
    assert_eq!(run(&stock, release()).await, Err(ErrorName::LeaseSold));
    assert_eq!(stock.on_shelf("sku-tea"), 4);
}

#[tokio::test]
async fn a_conflict_without_the_stored_lease_reads_it() {
    let stock = a_warehouse();
    stock.fail_next_write(Fault::Conflict);
    after(&stock, [reserve(&[("sku-tea", 2)])]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 3);
    assert_eq!(stock.leases().reads(), 1);
}

#[tokio::test]
async fn endless_conflicts_end_as_a_conflict() {
    let stock = a_warehouse();
    for _ in 0..ROUNDS {
        stock.fail_next_write(Fault::Conflict);
    }
    let refused = run(&stock, reserve(&[("sku-tea", 2)])).await;
    assert_eq!(refused, Err(ErrorName::Conflict));
    assert_eq!(stock.on_shelf("sku-tea"), 5);
}

#[tokio::test]
async fn extend_promises_a_held_lease_for_longer() {
    let stock = FakeInventory::default().with_lease(a_lease().held());
    after(&stock, [extend()]).await;
    let until = at(10) + Lease::TERM;
    assert_eq!(lease_state(&stock), Some(LeaseState::Held { until }));
    assert!(Lease::TERM > SignedDuration::from_mins(5));
}

#[tokio::test]
async fn extend_stirs_no_lease_that_is_not_held() {
    for lease in [a_lease().released(), a_lease().sold()] {
        let stock = FakeInventory::default().with_lease(lease.clone());
        after(&stock, [extend()]).await;
        assert_eq!(lease_state(&stock), Some(lease.state));
    }
    let stock = FakeInventory::default();
    after(&stock, [extend()]).await;
    assert_eq!(lease_state(&stock), None);
}

#[tokio::test]
async fn a_store_that_is_down_is_unavailable() {
    let stock = a_warehouse();
    stock.fail_next_write(Fault::FailBefore);
    let refused = run(&stock, reserve(&[("sku-tea", 2)])).await;
    assert_eq!(refused, Err(ErrorName::Unavailable));
    stock.leases().fail_next_read();
    assert_eq!(run(&stock, release()).await, Err(ErrorName::Unavailable));
    assert_eq!(stock.on_shelf("sku-tea"), 5);
}

#[tokio::test]
async fn names_that_cannot_be_are_bad_input() {
    let stock = a_warehouse();
    let no_sku = run(&stock, reserve(&[("no sku", 2)])).await;
    assert_eq!(no_sku, Err(ErrorName::BadInput));
    let no_tenant = InventoryStep::Reserve {
        order_id: order_id(1).0,
        tenant: String::new(),
        traceparent: String::new(),
        lines: Vec::new(),
    };
    assert_eq!(run(&stock, no_tenant).await, Err(ErrorName::BadInput));
    assert_eq!(stock.leases().writes(), 0);
}

#[tokio::test]
async fn answers_the_state_machine_through_the_runner() {
    let stock = a_warehouse();
    let handler = async |step| handle(&stock, at(10), step).await;
    let reserve = json!({
        "step": "reserve",
        "order_id": order_id(1).to_string(),
        "tenant": "main",
        "traceparent": "",
        "lines": [{"sku": "sku-tea", "quantity": 2}],
    });
    let answer = lambda_boot::task::answer(handler, reserve).await;
    assert_eq!(answer, Ok(json!({})));
    assert_eq!(stock.on_shelf("sku-tea"), 3);

    let release = json!({
        "step": "release", "order_id": order_id(1).to_string(), "decision": "charging",
    });
    let error = lambda_boot::task::answer(handler, release).await;
    let error = error.unwrap_err();
    assert_eq!(error.error_type, "WrongDecision");
    assert_eq!(error.error_message, "not after the decision Charging");
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().collect::<Vec<_>>(), ["INVENTORY_TABLE"]);
}

fn restock(id: &str, quantity: u32) -> InventoryStep {
    InventoryStep::Restock {
        order_id: order_id(1).0,
        refund_id: id.to_owned(),
        lines: vec![StockLineBody {
            sku: "sku-tea".to_owned(),
            quantity,
        }],
    }
}

#[tokio::test]
async fn pieces_that_come_back_are_on_the_shelf_once() {
    let stock = a_warehouse();
    after(&stock, [reserve(&[("sku-tea", 3)]), commit()]).await;
    after(&stock, [restock("one", 1), restock("one", 1)]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 3);
    after(&stock, [restock("two", 2)]).await;
    assert_eq!(stock.on_shelf("sku-tea"), 5);
    assert_eq!(run(&stock, commit()).await, Ok(()));
}

#[tokio::test]
async fn no_more_comes_back_than_was_sold() {
    let stock = a_warehouse();
    after(
        &stock,
        [reserve(&[("sku-tea", 3)]), commit(), restock("one", 2)],
    )
    .await;
    let more = run(&stock, restock("two", 2)).await;
    assert_eq!(more, Err(ErrorName::NotSold));
    assert_eq!(stock.on_shelf("sku-tea"), 4);
}

#[tokio::test]
async fn nothing_comes_back_of_what_was_not_sold() {
    let stock = a_warehouse();
    for before in [vec![], vec![reserve(&[("sku-tea", 3)])]] {
        after(&stock, before).await;
        let refused = run(&stock, restock("one", 1)).await;
        assert_eq!(refused, Err(ErrorName::NotSold));
    }
}
