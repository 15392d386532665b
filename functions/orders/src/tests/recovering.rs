//! Steps of recovery: look, restart, unwind-closed.

use super::*;

pub(super) fn look(epoch: u32, tries: u32) -> OrdersStep {
    OrdersStep::Look {
        order_id: order_id(1).0,
        epoch,
        tries,
    }
}

pub(super) fn unwind_closed(epoch: u32, outcome: CloseOutcome) -> OrdersStep {
    OrdersStep::UnwindClosed {
        order_id: order_id(1).0,
        epoch,
        outcome,
    }
}

fn restart(epoch: u32) -> OrdersStep {
    let order_id = order_id(1).0;
    OrdersStep::Restart { order_id, epoch }
}

/// Status, act, decision, wait.
async fn looked(orders: &FakeOrders, seconds: i64, tries: u32) -> (String, String, String, u16) {
    match run_at(orders, seconds, look(1, tries)).await {
        Ok(OrdersAnswer::Look(look)) => (look.status, look.act, look.decision, look.wait_seconds),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_look_says_what_to_do() {
    let code = FailureCode::OutOfStock;
    for (order, act, decision) in [
        (an_order().pending(), "restart", "none"),
        (an_order().charging(), "capture", "charging"),
        (an_order().unwinding(code), "undo", "unwinding"),
        (an_order().failed(code), "undo", "unwinding"),
        (an_order().confirmed(), "done", "ended"),
    ] {
        let name = order.state.name();
        let (status, told, read, _) = looked(&holding(order), 10, 0).await;
        assert_eq!((status.as_str(), told.as_str()), (name, act));
        assert_eq!(read, decision, "{name}");
    }
}

#[tokio::test]
async fn a_pending_order_is_given_up_after_half_an_hour() {
    let half_an_hour = 30 * 60;
    let orders = holding(an_order().pending());
    assert_eq!(looked(&orders, half_an_hour - 1, 0).await.1, "restart");
    assert_eq!(looked(&orders, half_an_hour, 0).await.1, "unwind");
}

#[tokio::test]
async fn rounds_wait_longer_up_to_a_minute() {
    let orders = holding(an_order().charging());
    let mut waits = Vec::new();
    for tries in 0..7 {
        waits.push(looked(&orders, 10, tries).await.3);
    }
    assert_eq!(waits, [0, 5, 10, 20, 40, 60, 60]);
}

#[tokio::test]
async fn a_look_keeps_the_sweeper_away_until_the_next_one_is_overdue() {
    let orders = holding(an_order().charging());
    looked(&orders, 10, 2).await;
    let silence = SignedDuration::from_secs(10 + 120);
    assert_eq!(stored(&orders).next_look, Some(at(10) + silence));
}

#[tokio::test]
async fn a_look_at_an_order_that_ended_writes_nothing() {
    let orders = holding(an_order().failed(FailureCode::OutOfStock));
    looked(&orders, 10, ROUNDS_BEFORE_FLAG).await;
    assert_eq!(orders.writes(), 1);
    assert!(!stored(&orders).needs_attention);
}

#[tokio::test]
async fn after_twenty_rounds_a_person_is_called_once() {
    let orders = holding(an_order().charging());
    looked(&orders, 10, ROUNDS_BEFORE_FLAG - 1).await;
    assert!(!stored(&orders).needs_attention);
    for tries in ROUNDS_BEFORE_FLAG..ROUNDS_BEFORE_FLAG + 3 {
        assert_eq!(looked(&orders, 10, tries).await.3, 600);
        assert!(stored(&orders).needs_attention);
    }
    let flags = orders.events();
    let flags = flags
        .iter()
        .filter(|event| event.event_type.contains("attention"));
    assert_eq!(flags.count(), 1);
}

#[tokio::test]
async fn a_flagged_order_still_ends_and_is_unflagged() {
    let orders = holding(an_order().charging());
    looked(&orders, 10, ROUNDS_BEFORE_FLAG).await;
    let answer = run(&orders, complete(1, DecisionBody::Charging)).await;
    assert_eq!(answer, status("confirmed"));
    assert!(!stored(&orders).needs_attention);
}

#[tokio::test]
async fn a_restart_makes_a_new_epoch_and_answers_with_its_saga() {
    let orders = holding(an_order().pending());
    let answer = run(&orders, restart(1)).await;
    let Ok(OrdersAnswer::Restarted(restarted)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((restarted.epoch, restarted.saga.epoch), (2, 2));
    assert_eq!(restarted.saga.order_id, order_id(1).0);
    assert_eq!(restarted.saga.amount.minor, 1_200);
    let order = stored(&orders);
    assert_eq!(order.epoch, Epoch(2));
    assert!(order.next_look.is_some_and(|look| look > at(10)));
}

#[tokio::test]
async fn a_restart_whose_answer_was_lost_answers_the_same() {
    let orders = holding(an_order().pending());
    orders.fail_next_write(Fault::AppliedButError);
    let lost = run(&orders, restart(1)).await;
    assert_eq!(lost, Err(ErrorName::Unavailable));
    let first = run(&orders, restart(1)).await;
    assert_eq!(first, run(&orders, restart(1)).await);
    assert!(matches!(first, Ok(OrdersAnswer::Restarted(_))));
    assert_eq!(stored(&orders).epoch, Epoch(2));
    assert_eq!(orders.writes(), 2);
}

#[tokio::test]
async fn a_restart_from_before_another_one_is_superseded() {
    let orders = holding(an_order().pending());
    for epoch in [1, 2] {
        assert!(run(&orders, restart(epoch)).await.is_ok());
    }
    assert_eq!(run(&orders, restart(1)).await, Err(ErrorName::Superseded));
    assert_eq!(stored(&orders).epoch, Epoch(3));
}

#[tokio::test]
async fn an_order_that_is_settled_is_not_restarted() {
    let code = FailureCode::OutOfStock;
    for order in [
        an_order().charging(),
        an_order().unwinding(code),
        an_order().confirmed(),
        an_order().failed(code),
    ] {
        let orders = holding(order);
        assert_eq!(run(&orders, restart(1)).await, Err(ErrorName::Conflict));
        assert_eq!(stored(&orders).epoch, Epoch(1));
    }
}

#[tokio::test]
async fn an_order_that_is_settled_meanwhile_is_not_restarted() {
    let orders = holding(an_order().pending());
    let mut other = stored(&orders);
    let charging = OrderCommand::DecideCharging { epoch: Epoch(1) };
    other.execute(&charging, at(9)).unwrap();
    orders.meanwhile(other);
    assert_eq!(run(&orders, restart(1)).await, Err(ErrorName::Conflict));
}

#[tokio::test]
async fn a_charging_order_unwinds_once_every_attempt_was_answered_closed() {
    let orders = holding(an_order().charging());
    for _ in 0..2 {
        let answer = run(&orders, unwind_closed(1, CloseOutcome::Closed)).await;
        assert_eq!(answer, decided(DecisionBody::Unwinding));
    }
    let failure = Failure::new(FailureCode::CaptureRefused, "");
    assert_eq!(stored(&orders).state, OrderState::Unwinding { failure });
    assert_eq!(orders.writes(), 2);
}

#[tokio::test]
async fn a_charging_order_does_not_unwind_after_a_capture() {
    let orders = holding(an_order().charging());
    let answer = run(&orders, unwind_closed(1, CloseOutcome::Captured)).await;
    assert_eq!(answer, Err(ErrorName::WrongDecision));
    assert_eq!(orders.writes(), 1);
}

#[tokio::test]
async fn only_a_charging_order_unwinds_after_a_close() {
    for order in [an_order().pending(), an_order().confirmed()] {
        let orders = holding(order);
        let answer = run(&orders, unwind_closed(1, CloseOutcome::Closed)).await;
        assert_eq!(answer, Err(ErrorName::WrongDecision));
    }
}

fn cancelled_late() -> Order {
    let mut order = an_order().confirmed();
    order.execute(&OrderCommand::RequestCancel, at(20)).unwrap();
    order
}

#[tokio::test]
async fn a_look_at_an_order_that_is_to_be_refunded_says_what_to_give_back() {
    let orders = holding(cancelled_late());
    let Ok(OrdersAnswer::Look(look)) = run_at(&orders, 30, look(1, 0)).await else {
        panic!("no look");
    };
    let refund = look.refund.unwrap();
    assert_eq!((look.act.as_str(), look.wait_seconds), ("refund", 0));
    assert_eq!(
        (refund.refund_id.as_str(), refund.goods.as_str()),
        ("cancel", "recalled")
    );
    assert_eq!(
        refund.amount.minor,
        cancelled_late().facts.totals.total().minor()
    );
    let stored = orders.get(order_id(1)).unwrap();
    assert!(stored.next_look.is_some_and(|next| next > at(30)));
}

#[tokio::test]
async fn a_refund_is_recorded_once_and_nothing_is_left_to_do() {
    let orders = holding(cancelled_late());
    let record = || OrdersStep::RecordRefund {
        order_id: order_id(1).0,
        refund_id: "cancel".to_owned(),
    };
    for _ in 0..2 {
        let Ok(OrdersAnswer::Status(answer)) = run_at(&orders, 30, record()).await else {
            panic!("not recorded");
        };
        assert_eq!(answer.status, "refunded");
    }
    assert_eq!(looked(&orders, 40, 0).await.1, "done");
    let events = orders.get(order_id(1)).unwrap().events;
    let refunded = |it: &&domain::Raised<domain::OrderEvent>| {
        matches!(it.event, domain::OrderEvent::Refunded { .. })
    };
    assert_eq!(events.all().iter().filter(refunded).count(), 1);
}

#[tokio::test]
async fn a_refund_that_nobody_asked_for_is_not_recorded() {
    let orders = holding(an_order().confirmed());
    let refund_id = "cancel".to_owned();
    let order_id = order_id(1).0;
    let step = OrdersStep::RecordRefund {
        order_id,
        refund_id,
    };
    let refused = run_at(&orders, 30, step).await;
    assert_eq!(refused, Err(ErrorName::RefundRefused));
}
