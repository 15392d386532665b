//! Money that goes back, with answers that are lost.

use contracts::AmountBody;
use domain::ports::{AuthorisationRequest, AuthorisePayment, SettlePayment};
use domain::{Attempt, PaymentTerms};
use serde_json::json;
use testkit::build::{at, eur, order_id, tenant};
use testkit::fakes::{FakePaymentProvider, FakePayments, ProviderFault};

use super::*;

struct World {
    payments: FakePayments,
    provider: FakePaymentProvider,
}

impl World {
    /// 12.00 are captured, or held only, at the provider and in our book.
    async fn with(captured: bool) -> Self {
        let provider = FakePaymentProvider::default();
        let request = AuthorisationRequest {
            order_id: order_id(1),
            attempt: Attempt::FIRST,
            amount: eur(1_200),
            payment_method: "pm_card_visa".to_owned(),
        };
        let held = provider.authorise(&request).await.unwrap();
        let domain::ports::Authorisation::Held(reference) = held else {
            panic!("{held:?}");
        };
        let mut payment = Payment::none(order_id(1));
        let terms = PaymentTerms {
            tenant: tenant(),
            traceparent: None,
            amount: eur(1_200),
            payment_method: request.payment_method,
        };
        payment.start(terms, at(1)).unwrap();
        let authorised = PaymentCommand::RecordAuthorised {
            reference: reference.clone(),
        };
        payment.execute(&authorised, at(2)).unwrap();
        if captured {
            let (order, attempt) = (order_id(1), Attempt::FIRST);
            provider.capture(order, attempt, &reference).await.unwrap();
            let captured = PaymentCommand::RecordCaptured { reference };
            payment.execute(&captured, at(3)).unwrap();
        }
        Self {
            payments: FakePayments::default().with(payment),
            provider,
        }
    }

    async fn refund(&self, id: &str, minor: i64) -> Result<(), ErrorName> {
        let step = RefundsStep::Refund {
            order_id: order_id(1).0,
            refund_id: id.to_owned(),
            amount: AmountBody {
                minor,
                currency: "EUR".to_owned(),
            },
        };
        let done = handle(&self.payments, &self.provider, at(10), step).await;
        done.map(|Done {}| ()).map_err(|error| error.name())
    }

    fn given_back(&self) -> i64 {
        self.provider.book().iter().map(|it| it.refunded).sum()
    }

    fn kept(&self) -> i64 {
        self.payments.get(order_id(1)).unwrap().kept_minor()
    }

    /// What was asked of the provider about refunds, without the order.
    fn calls(&self) -> Vec<String> {
        let calls = self.provider.calls();
        let tail = |call: &String| call.split_once(':').unwrap().1.to_owned();
        let tails = calls.iter().map(tail);
        tails.filter(|call| call.starts_with("refund")).collect()
    }
}

#[tokio::test]
async fn money_goes_back_once() {
    let world = World::with(true).await;
    for _ in 0..2 {
        assert_eq!(world.refund("one", 700).await, Ok(()));
    }
    assert_eq!((world.given_back(), world.kept()), (700, 500));
    assert_eq!(world.calls(), ["refund:one"]);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_looked_up() {
    for (fault, calls) in [
        (ProviderFault::UnknownAfter, 2),
        (ProviderFault::UnknownBefore, 3),
    ] {
        let world = World::with(true).await;
        world.provider.fail_next(fault);
        let lost = world.refund("one", 700).await;
        assert_eq!(lost, Err(ErrorName::PaymentUnknown));
        assert_eq!(world.refund("one", 700).await, Ok(()));
        assert_eq!((world.given_back(), world.kept()), (700, 500));
        assert_eq!(world.calls()[1], "refund:one:look-up");
        assert_eq!(world.calls().len(), calls);
    }
}

#[tokio::test]
async fn no_more_goes_back_than_was_captured() {
    let world = World::with(true).await;
    assert_eq!(world.refund("one", 700).await, Ok(()));
    let more = world.refund("two", 501).await;
    assert_eq!(more, Err(ErrorName::RefundRefused));
    assert_eq!(world.refund("three", 500).await, Ok(()));
    assert_eq!(world.kept(), 0);
}

#[tokio::test]
async fn a_refund_keeps_its_amount() {
    let world = World::with(true).await;
    assert_eq!(world.refund("one", 700).await, Ok(()));
    assert_eq!(world.refund("one", 600).await, Err(ErrorName::Internal));
    assert_eq!(world.given_back(), 700);
}

#[tokio::test]
async fn nothing_goes_back_of_what_was_not_captured() {
    let world = World::with(false).await;
    assert_eq!(
        world.refund("one", 700).await,
        Err(ErrorName::RefundRefused)
    );
    assert_eq!(world.calls(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_is_down_gives_back_later() {
    let world = World::with(true).await;
    world.provider.set_down(true);
    let down = world.refund("one", 700).await;
    assert_eq!(down, Err(ErrorName::ProviderDown));
    world.provider.set_down(false);
    assert_eq!(world.refund("one", 700).await, Ok(()));
    assert_eq!(world.given_back(), 700);
}

#[tokio::test]
async fn nothing_is_asked_for_a_refund_of_nothing() {
    let world = World::with(true).await;
    assert_eq!(world.refund("one", 0).await, Ok(()));
    assert_eq!(world.calls(), [""; 0]);
}

/// The event as recovery sends it, through the runner.
#[tokio::test]
async fn answers_the_state_machine_through_the_runner() {
    let world = World::with(true).await;
    let event = json!({
        "step": "refund",
        "order_id": order_id(1).to_string(),
        "refund_id": "cancel",
        "amount": {"minor": 1200, "currency": "EUR"},
    });
    let handle = |step| handle(&world.payments, &world.provider, at(10), step);
    let answer = lambda_boot::task::answer(handle, event).await;
    assert_eq!(answer, Ok(json!({})));
    assert_eq!(world.given_back(), 1_200);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "PAYMENTS_TABLE",
        "PAYMENT_PROVIDER_URL",
        "PAYMENT_REFUND_KEY",
    ];
    assert_eq!(names, all);
}
