//! Each step against payments in memory and a provider that keeps to its keys.

use contracts::AmountBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::ProviderError;
use domain::{Attempt, ProviderReference};
use serde_json::json;
use testkit::build::{a_payment, at, order_id, traceparent};
use testkit::fakes::{FakePaymentProvider, FakePayments, Fault, IntentPhase, ProviderFault};

use super::*;

mod closing;

#[derive(Default)]
struct World {
    payments: FakePayments,
    provider: FakePaymentProvider,
}

impl World {
    fn with(payment: Payment) -> Self {
        Self {
            payments: FakePayments::default().with(payment),
            ..Self::default()
        }
    }

    async fn run(&self, step: PaymentsStep) -> Result<PaymentsAnswer, ErrorName> {
        let done = handle(&self.payments, &self.provider, at(10), step).await;
        done.map_err(|error| error.name())
    }

    async fn authorise(&self) -> Result<PaymentsAnswer, ErrorName> {
        self.run(authorise("pm_card_visa", 1_200)).await
    }

    async fn capture(&self) -> Result<PaymentsAnswer, ErrorName> {
        self.run(capture_after(DecisionBody::Charging)).await
    }

    async fn void(&self) -> Result<PaymentsAnswer, ErrorName> {
        self.run(void_after(DecisionBody::Unwinding)).await
    }

    async fn close(&self) -> Result<PaymentsAnswer, ErrorName> {
        self.run(close_after(DecisionBody::Charging)).await
    }

    /// The payment, authorised by the steps that lead there.
    async fn authorised() -> Self {
        let world = Self::default();
        assert_eq!(world.authorise().await, DONE);
        world
    }

    fn payment(&self) -> Payment {
        self.payments.get(order_id(1)).unwrap()
    }

    fn state(&self) -> &'static str {
        self.payment().state.name()
    }

    /// What was asked of the provider, without the order.
    fn calls(&self) -> Vec<String> {
        let calls = self.provider.calls();
        let tail = |call: &String| call.split_once(':').unwrap().1.to_owned();
        calls.iter().map(tail).collect()
    }

    /// The one intent of the provider's own book.
    fn intent(&self) -> IntentPhase {
        let intents = self.provider.intents();
        assert_eq!(intents.len(), 1);
        intents[0].phase.clone()
    }
}

const DONE: Result<PaymentsAnswer, ErrorName> = Ok(PaymentsAnswer::Done(Done {}));

const fn closed(outcome: CloseOutcome) -> Result<PaymentsAnswer, ErrorName> {
    Ok(PaymentsAnswer::Closed(Closed { outcome }))
}

fn authorise(method: &str, minor: i64) -> PaymentsStep {
    PaymentsStep::Authorise {
        order_id: order_id(1).0,
        tenant: "main".to_owned(),
        traceparent: traceparent().to_string(),
        amount: AmountBody {
            minor,
            currency: "EUR".to_owned(),
        },
        payment_method: method.to_owned(),
    }
}

fn capture_after(decision: DecisionBody) -> PaymentsStep {
    let order_id = order_id(1).0;
    PaymentsStep::Capture { order_id, decision }
}

fn void_after(decision: DecisionBody) -> PaymentsStep {
    let order_id = order_id(1).0;
    PaymentsStep::Void { order_id, decision }
}

fn close_after(decision: DecisionBody) -> PaymentsStep {
    let order_id = order_id(1).0;
    PaymentsStep::Close { order_id, decision }
}

/// While the provider holds the amount, another run starts to close the payment.
struct ClosesMeanwhile<'a>(&'a World);

impl AuthorisePayment for ClosesMeanwhile<'_> {
    async fn authorise(
        &self,
        request: &AuthorisationRequest,
    ) -> Result<Authorisation, ProviderError> {
        let mut payment = self.0.payment();
        payment.close(at(9)).unwrap();
        self.0.payments.meanwhile(payment);
        self.0.provider.authorise(request).await
    }

    async fn look_up(
        &self,
        order_id: OrderId,
        attempt: Attempt,
    ) -> Result<Option<Authorisation>, ProviderError> {
        self.0.provider.look_up(order_id, attempt).await
    }
}

impl SettlePayment for ClosesMeanwhile<'_> {
    async fn outcome(
        &self,
        reference: &ProviderReference,
    ) -> Result<Option<Settled>, ProviderError> {
        self.0.provider.outcome(reference).await
    }

    async fn capture(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        self.0.provider.capture(order_id, attempt, reference).await
    }

    async fn cancel(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        self.0.provider.cancel(order_id, attempt, reference).await
    }
}

#[tokio::test]
async fn the_provider_holds_the_amount() {
    let world = World::authorised().await;
    assert_eq!(world.state(), "authorised");
    assert_eq!(world.intent(), IntentPhase::Held);
    assert_eq!(world.provider.book()[0].authorised, 1_200);
    assert_eq!(world.calls(), ["authorise:1"]);
    assert_eq!(world.payments.reads(), 0);
}

#[tokio::test]
async fn the_attempt_is_stored_before_the_provider_is_called() {
    let world = World::default();
    world.payments.fail_next_write(Fault::FailBefore);
    assert_eq!(world.authorise().await, Err(ErrorName::Unavailable));
    assert!(world.calls().is_empty());

    world.provider.set_down(true);
    assert_eq!(world.authorise().await, Err(ErrorName::ProviderDown));
    assert_eq!(world.state(), "authorising");
}

#[tokio::test]
async fn an_authorised_payment_is_not_asked_for_again() {
    let world = World::authorised().await;
    assert_eq!(world.authorise().await, DONE);
    assert_eq!(world.calls(), ["authorise:1"]);
    assert_eq!(world.payments.writes(), 2);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::UnknownAfter);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.authorise().await, DONE);
    assert_eq!(world.calls(), ["authorise:1", "look-up:1"]);
    assert_eq!(world.intent(), IntentPhase::Held);
}

#[tokio::test]
async fn what_the_look_up_does_not_find_is_repeated_with_the_same_key() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::UnknownBefore);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.authorise().await, DONE);
    assert_eq!(world.calls(), ["authorise:1", "look-up:1", "authorise:1"]);
    assert_eq!(world.intent(), IntentPhase::Held);
}

#[tokio::test]
async fn a_call_that_lands_late_holds_nothing_twice() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::Late);
    assert_eq!(world.authorise().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.authorise().await, DONE);
    world.provider.land_late();
    assert_eq!(world.intent(), IntentPhase::Held);
    assert_eq!(world.provider.book()[0].authorised, 1_200);
}

#[tokio::test]
async fn an_answer_that_could_not_be_stored_is_looked_up() {
    let world = World::default();
    let first = ErrorName::Unavailable;
    world.payments.fail_next_write(Fault::AppliedButError);
    assert_eq!(world.authorise().await, Err(first));
    assert_eq!(world.authorise().await, DONE);
    assert_eq!(world.calls(), ["look-up:1", "authorise:1"]);
}

#[tokio::test]
async fn a_decline_is_kept_and_not_asked_for_again() {
    let world = World::default();
    for _ in 0..2 {
        let declined = world.run(authorise("pm_card_declined", 1_200)).await;
        assert_eq!(declined, Err(ErrorName::PaymentDeclined));
    }
    assert_eq!(world.state(), "declined");
    assert_eq!(world.calls(), ["authorise:1"]);
}

#[tokio::test]
async fn a_card_that_wants_to_be_confirmed_is_told_apart_from_a_decline() {
    let world = World::default();
    for _ in 0..2 {
        let refused = world.run(authorise("pm_card_authenticationRequired", 1_200));
        assert_eq!(refused.await, Err(ErrorName::ActionRequired));
    }
    assert_eq!(world.state(), "declined");
}

#[tokio::test]
async fn a_decline_that_was_not_heard_is_looked_up() {
    let world = World::default();
    world.provider.fail_next(ProviderFault::UnknownAfter);
    let step = || authorise("pm_card_declined", 1_200);
    let unheard = world.run(step()).await;
    assert_eq!(unheard, Err(ErrorName::PaymentUnknown));
    let declined = world.run(step()).await;
    assert_eq!(declined, Err(ErrorName::PaymentDeclined));
}

#[tokio::test]
async fn a_payment_never_changes_its_terms() {
    let world = World::authorised().await;
    for other in [
        authorise("pm_card_visa", 1_300),
        authorise("pm_other", 1_200),
    ] {
        assert_eq!(world.run(other).await, Err(ErrorName::Internal));
    }
    assert_eq!(world.calls(), ["authorise:1"]);
}

#[tokio::test]
async fn a_payment_that_closes_while_the_provider_answers_stays_closing() {
    let world = World::default();
    let provider = ClosesMeanwhile(&world);
    let step = authorise("pm_card_visa", 1_200);
    let refused = handle(&world.payments, &provider, at(10), step).await;
    assert_eq!(refused.unwrap_err().name(), ErrorName::PaymentClosed);
    assert_eq!(world.state(), "closing");
}

#[tokio::test]
async fn capture_takes_the_money_once() {
    let world = World::authorised().await;
    assert_eq!(world.capture().await, DONE);
    assert_eq!(world.capture().await, DONE);
    assert_eq!(world.state(), "captured");
    assert_eq!(world.intent(), IntentPhase::Captured);
    assert_eq!(world.calls(), ["authorise:1", "capture:1"]);
}

#[tokio::test]
async fn a_capture_costs_one_write() {
    let world = World::authorised().await;
    let before = world.payment();
    assert_eq!(world.capture().await, DONE);
    let versions = [before, world.payment()].map(|payment| payment.changes.stored_version());
    assert_eq!(versions[1], versions[0] + 1);
}

#[tokio::test]
async fn only_a_capture_that_may_have_landed_is_noted_as_unheard() {
    let world = World::authorised().await;
    world.provider.set_down(true);
    assert_eq!(world.capture().await, Err(ErrorName::ProviderDown));
    assert_eq!(world.state(), "authorised");
    world.provider.set_down(false);
    world.provider.fail_next(ProviderFault::UnknownAfter);
    assert_eq!(world.capture().await, Err(ErrorName::PaymentUnknown));
    assert_eq!(world.state(), "capturing");
}

#[tokio::test]
async fn a_capture_that_nobody_could_note_is_repeated_with_the_same_key() {
    for fault in [ProviderFault::UnknownBefore, ProviderFault::UnknownAfter] {
        let world = World::authorised().await;
        world.provider.fail_next(fault);
        world.payments.fail_next_write(Fault::FailBefore);
        assert_eq!(world.capture().await, Err(ErrorName::Unavailable));
        assert_eq!(world.state(), "authorised");
        assert_eq!(world.capture().await, DONE);
        assert_eq!(world.calls()[1..], ["capture:1", "capture:1"]);
        assert_eq!(world.provider.book()[0].captured, 1_200);
    }
}

#[tokio::test]
async fn a_capture_that_landed_and_was_not_stored_is_found_by_its_repeat() {
    let world = World::authorised().await;
    world.payments.fail_next_write(Fault::FailBefore);
    assert_eq!(world.capture().await, Err(ErrorName::Unavailable));
    assert_eq!(world.state(), "authorised");
    assert_eq!(world.capture().await, DONE);
    assert_eq!(world.provider.book()[0].captured, 1_200);
}

#[tokio::test]
async fn a_capture_whose_answer_was_lost_is_looked_at_and_repeated_with_the_same_key() {
    let cases = [
        (
            ProviderFault::UnknownBefore,
            &["capture:1", "outcome", "capture:1"][..],
        ),
        (ProviderFault::UnknownAfter, &["capture:1", "outcome"]),
    ];
    for (fault, calls) in cases {
        let world = World::authorised().await;
        world.provider.fail_next(fault);
        assert_eq!(world.capture().await, Err(ErrorName::PaymentUnknown));
        assert_eq!(world.capture().await, DONE);
        assert_eq!(world.calls()[1..], *calls);
        assert_eq!(world.provider.book()[0].captured, 1_200);
    }
}

#[tokio::test]
async fn an_expired_authorisation_cannot_be_captured() {
    let world = World::authorised().await;
    world.provider.expire(order_id(1));
    assert_eq!(world.capture().await, Err(ErrorName::CaptureRefused));
    assert_eq!(world.provider.book()[0].captured, 0);
}

#[tokio::test]
async fn nothing_is_captured_that_was_not_authorised() {
    let states = [a_payment().authorising(), a_payment().declined()];
    let mut worlds: Vec<_> = states.into_iter().map(World::with).collect();
    worlds.push(World::default());
    for world in worlds {
        assert_eq!(world.capture().await, Err(ErrorName::CaptureRefused));
        assert!(world.calls().is_empty());
    }
}

#[tokio::test]
async fn steps_that_do_not_follow_from_the_decision_are_refused() {
    use DecisionBody::{Charging, Ended, Unwinding};
    let world = World::authorised().await;
    for step in [
        capture_after(Unwinding),
        capture_after(Ended),
        void_after(Charging),
        void_after(Ended),
        close_after(Unwinding),
        close_after(Ended),
    ] {
        assert_eq!(world.run(step).await, Err(ErrorName::WrongDecision));
    }
    assert_eq!(world.state(), "authorised");
    assert_eq!(world.calls(), ["authorise:1"]);
}

#[tokio::test]
async fn amounts_and_names_that_cannot_be_are_bad_input() {
    let world = World::default();
    for minor in [-1, i64::MAX] {
        let refused = world.run(authorise("pm_card_visa", minor)).await;
        assert_eq!(refused, Err(ErrorName::BadInput), "{minor}");
    }
    let mut step = authorise("pm_card_visa", 1_200);
    if let PaymentsStep::Authorise { tenant, .. } = &mut step {
        tenant.clear();
    }
    assert_eq!(world.run(step).await, Err(ErrorName::BadInput));
    assert_eq!(world.payments.writes(), 0);
}

#[tokio::test]
async fn answers_the_state_machine_through_the_runner() {
    let world = World::default();
    let handler = async |step| handle(&world.payments, &world.provider, at(10), step).await;
    let id = order_id(1).to_string();
    let authorise = json!({
        "step": "authorise",
        "order_id": id,
        "tenant": "main",
        "traceparent": "",
        "amount": {"minor": 1_200, "currency": "EUR"},
        "payment_method": "pm_card_visa",
    });
    let answer = lambda_boot::task::answer(handler, authorise).await;
    assert_eq!(answer, Ok(json!({})));

    let close = json!({"step": "close", "order_id": id, "decision": "charging"});
    let answer = lambda_boot::task::answer(handler, close).await;
    assert_eq!(answer, Ok(json!({"outcome": "closed"})));

    let void = json!({"step": "void", "order_id": id, "decision": "charging"});
    let error = lambda_boot::task::answer(handler, void).await.unwrap_err();
    assert_eq!(error.error_type, "WrongDecision");
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "PAYMENTS_TABLE",
        "PAYMENT_PROVIDER_URL",
        "PAYMENT_PROVIDER_KEY",
    ];
    assert_eq!(names, all);
}
