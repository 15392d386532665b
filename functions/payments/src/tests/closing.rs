//! The way out: void and close.

use super::*;

#[tokio::test]
async fn a_payment_that_was_never_sent_closes_at_once() {
    let world = World::default();
    assert_eq!(world.void().await, DONE);
    assert_eq!(world.state(), "closed");
    assert!(world.calls().is_empty());
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentClosed));
    assert!(
        world.calls().is_empty(),
        "the late authorisation is not sent"
    );
}

#[tokio::test]
async fn void_lets_the_amount_go_once() {
    let world = World::authorised().await;
    assert_eq!(world.void().await, DONE);
    assert_eq!(world.void().await, DONE);
    assert_eq!(world.state(), "closed");
    assert_eq!(world.intent(), IntentPhase::Cancelled);
    assert_eq!(world.calls(), ["authorise:1", "cancel:1"]);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentClosed));
    assert_eq!(world.capture().await, Err(ErrorName::PaymentClosed));
}

#[tokio::test]
async fn closing_is_stored_before_the_provider_is_asked() {
    let world = World::authorised().await;
    world.payments.fail_next_write(Fault::FailBefore);
    assert_eq!(world.void().await, Err(ErrorName::Unavailable));
    assert_eq!(world.calls(), ["authorise:1"]);

    world.provider.set_down(true);
    assert_eq!(world.close().await, Err(ErrorName::ProviderDown));
    assert_eq!(world.state(), "closing");
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_the_payment_closing_and_due_for_a_look() {
    let world = World::authorised().await;
    world.provider.set_down(true);
    assert_eq!(world.void().await, Err(ErrorName::ProviderDown));
    assert_eq!(world.payment().next_look, Some(at(10 + 15 * 60)));
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentClosed));

    world.provider.set_down(false);
    assert_eq!(world.void().await, DONE);
    assert_eq!(world.state(), "closed");
    assert_eq!(world.payment().next_look, None);
}

#[tokio::test]
async fn an_attempt_that_nobody_answered_is_repeated_with_the_same_key_and_cancelled() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::Late);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.void().await, DONE);
    let calls = ["authorise:1", "look-up:1", "authorise:1", "cancel:1"];
    assert_eq!(world.calls(), calls);

    world.provider.land_late();
    assert_eq!(world.intent(), IntentPhase::Cancelled);
    assert!(!world.provider.book()[0].open);
}

#[tokio::test]
async fn an_attempt_that_the_look_up_finds_is_cancelled() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::UnknownAfter);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.close().await, closed(CloseOutcome::Closed));
    assert_eq!(world.calls(), ["authorise:1", "look-up:1", "cancel:1"]);
    assert_eq!(world.intent(), IntentPhase::Cancelled);
}

#[tokio::test]
async fn a_cancel_whose_answer_was_lost_is_looked_at_and_repeated_if_need_be() {
    let cases = [
        (
            ProviderFault::UnknownBefore,
            &["cancel:1", "outcome", "cancel:1"][..],
        ),
        (ProviderFault::UnknownAfter, &["cancel:1", "outcome"]),
    ];
    for (fault, calls) in cases {
        let world = World::authorised().await;
        world.provider.fail_next(fault);
        assert_eq!(world.void().await, Err(ErrorName::PaymentUnknown));
        assert_eq!(world.state(), "closing");
        assert_eq!(world.void().await, DONE);
        assert_eq!(world.calls()[1..], *calls);
        assert_eq!(world.intent(), IntentPhase::Cancelled);
    }
}

#[tokio::test]
async fn a_declined_attempt_is_looked_at_before_it_counts_as_closed() {
    let world = World::default();
    let declined = world.run(authorise("pm_card_declined", 1_200)).await;
    assert_eq!(declined, Err(ErrorName::PaymentDeclined));
    assert_eq!(world.void().await, DONE);
    assert_eq!(world.calls(), ["authorise:1", "look-up:1"]);
    assert_eq!(world.state(), "closed");
}

#[tokio::test]
async fn what_was_captured_is_not_voided() {
    let world = World::authorised().await;
    assert_eq!(world.capture().await, DONE);
    assert_eq!(world.void().await, Err(ErrorName::AlreadyCaptured));
    assert_eq!(world.close().await, closed(CloseOutcome::Captured));
    assert_eq!(world.state(), "captured");
    assert_eq!(world.calls(), ["authorise:1", "capture:1"]);
}

/// A capture without an answer took the money: the provider's word overrides our closing.
#[tokio::test]
async fn a_capture_that_nobody_heard_of_overrides_closing() {
    for step in [
        void_after(DecisionBody::Unwinding),
        close_after(DecisionBody::Charging),
    ] {
        let world = World::authorised().await;
        world.provider.fail_next(ProviderFault::UnknownAfter);
        assert_eq!(world.capture().await, Err(ErrorName::PaymentUnknown));
        let expected = match step {
            PaymentsStep::Void { .. } => Err(ErrorName::AlreadyCaptured),
            _ => closed(CloseOutcome::Captured),
        };
        assert_eq!(world.run(step).await, expected);
        assert_eq!(world.state(), "captured");
        assert_eq!(world.payment().next_look, None);
        assert_eq!(world.payment().ledger().len(), 2);
    }
}

/// A cancel is answered closed; the capture on its way finds it so.
#[tokio::test]
async fn a_capture_that_lands_after_the_cancel_takes_nothing() {
    let world = World::authorised().await;
    world.provider.fail_next(ProviderFault::Late);
    assert_eq!(world.capture().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.close().await, closed(CloseOutcome::Closed));
    world.provider.land_late();
    assert_eq!(world.intent(), IntentPhase::Cancelled);
    assert_eq!(world.provider.book()[0].captured, 0);
}

#[tokio::test]
async fn a_closed_payment_is_answered_closed_without_asking() {
    let world = World::with(a_payment().closed());
    assert_eq!(world.close().await, closed(CloseOutcome::Closed));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn the_next_look_moves_on_when_its_time_has_come() {
    let world = World::with(a_payment().closing());
    world.provider.set_down(true);
    assert_eq!(world.void().await, Err(ErrorName::ProviderDown));
    assert_eq!(world.payment().next_look, Some(at(900)), "not come yet");

    let void = void_after(DecisionBody::Unwinding);
    let failed = handle(&world.payments, &world.provider, at(1_000), void).await;
    assert_eq!(failed.unwrap_err().name(), ErrorName::ProviderDown);
    let tomorrow = at(1_000 + 24 * 3_600);
    assert_eq!(world.payment().next_look, Some(tomorrow));
}
