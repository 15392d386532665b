//! Each step against orders in memory.

use domain::{Failure, FailureCode};
use jiff::SignedDuration;
use serde_json::json;
use testkit::build::{an_order, at, order_id};
use testkit::fakes::{FakeOrders, Fault};

use super::*;

mod failures;
mod recovering;

fn decide(epoch: u32, want: Want) -> OrdersStep {
    OrdersStep::Decide {
        order_id: order_id(1).0,
        epoch,
        want,
        failure: None,
    }
}

fn complete(epoch: u32, decision: DecisionBody) -> OrdersStep {
    OrdersStep::Complete {
        order_id: order_id(1).0,
        epoch,
        decision,
    }
}

fn fail(epoch: u32, decision: DecisionBody) -> OrdersStep {
    OrdersStep::Fail {
        order_id: order_id(1).0,
        epoch,
        decision,
    }
}

fn holding(order: Order) -> FakeOrders {
    FakeOrders::default().with(order)
}

async fn run(orders: &FakeOrders, step: OrdersStep) -> Result<OrdersAnswer, ErrorName> {
    run_at(orders, 10, step).await
}

async fn run_at(
    orders: &FakeOrders,
    seconds: i64,
    step: OrdersStep,
) -> Result<OrdersAnswer, ErrorName> {
    let done = handle(orders, at(seconds), step).await;
    done.map_err(|error| error.name())
}

fn decided(decision: DecisionBody) -> Result<OrdersAnswer, ErrorName> {
    Ok(OrdersAnswer::Decided(Decided { decision }))
}

fn status(status: &str) -> Result<OrdersAnswer, ErrorName> {
    let status = status.to_owned();
    Ok(OrdersAnswer::Status(Status { status }))
}

fn stored(orders: &FakeOrders) -> Order {
    orders.get(order_id(1)).unwrap()
}

#[tokio::test]
async fn the_first_decision_holds_and_later_ones_read_it() {
    use DecisionBody::{Charging, Unwinding};
    for (first, second, holds) in [
        (Want::Charging, Want::Unwinding, Charging),
        (Want::Unwinding, Want::Charging, Unwinding),
        (Want::Charging, Want::Charging, Charging),
    ] {
        let orders = holding(an_order().pending());
        assert_eq!(run(&orders, decide(1, first)).await, decided(holds));
        let writes = orders.writes();
        assert_eq!(run(&orders, decide(1, second)).await, decided(holds));
        assert_eq!(orders.writes(), writes, "reading writes nothing");
    }
}

#[tokio::test]
async fn a_decision_that_another_run_took_meanwhile_is_read() {
    let orders = holding(an_order().pending());
    let mut other = stored(&orders);
    let epoch = Epoch(1);
    let failure = Failure::new(FailureCode::OutOfStock, "");
    let unwind = OrderCommand::DecideUnwinding { epoch, failure };
    other.execute(&unwind, at(9)).unwrap();
    orders.meanwhile(other);
    let answer = run(&orders, decide(1, Want::Charging)).await;
    assert_eq!(answer, decided(DecisionBody::Unwinding));
}

#[tokio::test]
async fn an_order_that_ended_answers_so() {
    let code = FailureCode::OutOfStock;
    for order in [an_order().confirmed(), an_order().failed(code)] {
        let orders = holding(order);
        for want in [Want::Charging, Want::Unwinding] {
            let answer = run(&orders, decide(1, want)).await;
            assert_eq!(answer, decided(DecisionBody::Ended));
        }
    }
}

#[tokio::test]
async fn an_epoch_that_was_taken_over_may_not_act() {
    let mut order = an_order().pending();
    order.take_over(Epoch(1), at(300)).unwrap();
    let orders = holding(order);
    for step in [
        decide(1, Want::Charging),
        decide(1, Want::Unwinding),
        complete(1, DecisionBody::Charging),
        fail(1, DecisionBody::Unwinding),
        recovering::look(1, 0),
        recovering::unwind_closed(1, CloseOutcome::Closed),
    ] {
        assert_eq!(run(&orders, step).await, Err(ErrorName::Superseded));
    }
    assert_eq!(orders.writes(), 1);
    let answer = run(&orders, decide(2, Want::Charging)).await;
    assert_eq!(answer, decided(DecisionBody::Charging));
}

#[tokio::test]
async fn an_unknown_order_is_missing() {
    let orders = FakeOrders::default();
    let answer = run(&orders, decide(1, Want::Charging)).await;
    assert_eq!(answer, Err(ErrorName::OrderMissing));
}

#[tokio::test]
async fn a_charging_order_completes_once() {
    let orders = holding(an_order().charging());
    for _ in 0..2 {
        let answer = run(&orders, complete(1, DecisionBody::Charging)).await;
        assert_eq!(answer, status("confirmed"));
    }
    assert_eq!(orders.writes(), 2);
    assert!(stored(&orders).state.is_ended());
}

#[tokio::test]
async fn complete_needs_charging_both_read_and_stored() {
    let orders = holding(an_order().charging());
    for read in [DecisionBody::Unwinding, DecisionBody::Ended] {
        let answer = run(&orders, complete(1, read)).await;
        assert_eq!(answer, Err(ErrorName::WrongDecision));
    }
    let code = FailureCode::OutOfStock;
    for order in [
        an_order().pending(),
        an_order().unwinding(code),
        an_order().failed(code),
    ] {
        let orders = holding(order);
        let answer = run(&orders, complete(1, DecisionBody::Charging)).await;
        assert_eq!(answer, Err(ErrorName::WrongDecision));
        assert_eq!(orders.writes(), 1);
    }
}

#[tokio::test]
async fn an_unwinding_order_fails_once() {
    let orders = holding(an_order().unwinding(FailureCode::OutOfStock));
    for _ in 0..2 {
        let answer = run(&orders, fail(1, DecisionBody::Unwinding)).await;
        assert_eq!(answer, status("failed"));
    }
    assert_eq!(orders.writes(), 2);
}

#[tokio::test]
async fn an_order_that_its_customer_cancelled_ends_as_cancelled() {
    let orders = holding(an_order().unwinding(FailureCode::CancelledByCustomer));
    let answer = run(&orders, fail(1, DecisionBody::Unwinding)).await;
    assert_eq!(answer, status("cancelled"));
}

#[tokio::test]
async fn fail_needs_unwinding_both_read_and_stored() {
    let orders = holding(an_order().unwinding(FailureCode::OutOfStock));
    for read in [DecisionBody::Charging, DecisionBody::Ended] {
        let answer = run(&orders, fail(1, read)).await;
        assert_eq!(answer, Err(ErrorName::WrongDecision));
    }
    for order in [
        an_order().pending(),
        an_order().charging(),
        an_order().confirmed(),
    ] {
        let orders = holding(order);
        let answer = run(&orders, fail(1, DecisionBody::Unwinding)).await;
        assert_eq!(answer, Err(ErrorName::WrongDecision));
        assert_eq!(orders.writes(), 1);
    }
}

#[tokio::test]
async fn a_decision_whose_answer_was_lost_is_read_by_the_repeat() {
    let orders = holding(an_order().pending());
    orders.fail_next_write(Fault::AppliedButError);
    let lost = run(&orders, decide(1, Want::Charging)).await;
    assert_eq!(lost, Err(ErrorName::Unavailable));
    let answer = run(&orders, decide(1, Want::Unwinding)).await;
    assert_eq!(answer, decided(DecisionBody::Charging));
}

#[tokio::test]
async fn answers_the_state_machines_through_the_runner() {
    let orders = holding(an_order().pending());
    let handler = async |step| handle(&orders, at(10), step).await;
    let id = order_id(1).to_string();
    let unwind = json!({
        "step": "decide",
        "order_id": id,
        "epoch": 1,
        "want": "unwinding",
        "failure": {
            "Error": "OutOfStock",
            "Cause": r#"{"errorType":"OutOfStock","errorMessage":"sku-tea ran out: 2 ordered, 0 left"}"#,
        },
    });
    let answer = lambda_boot::task::answer(handler, unwind).await;
    assert_eq!(answer, Ok(json!({"decision": "unwinding"})));

    let look = json!({"step": "look", "order_id": id, "epoch": 1, "tries": 0});
    let answer = lambda_boot::task::answer(handler, look).await;
    let expected = json!({
        "status": "unwinding", "act": "undo", "decision": "unwinding", "wait_seconds": 0,
    });
    assert_eq!(answer, Ok(expected));

    let fail = json!({"step": "fail", "order_id": id, "epoch": 1, "decision": "unwinding"});
    let answer = lambda_boot::task::answer(handler, fail).await;
    assert_eq!(answer, Ok(json!({"status": "failed"})));
    let OrderState::Failed { failure } = stored(&orders).state else {
        panic!("the order has not failed");
    };
    let told = Failure::new(
        FailureCode::OutOfStock,
        "sku-tea ran out: 2 ordered, 0 left",
    );
    assert_eq!(failure, told);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().collect::<Vec<_>>(), ["ORDERS_TABLE"]);
}
