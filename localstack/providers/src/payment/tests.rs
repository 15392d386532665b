//! The life of a payment intent, command by command.

use std::collections::BTreeMap;

use super::{Command, Effect, Refusal, decide};
use crate::intent::{Intents, Phase, Terms};

fn terms(payment_method: &str) -> Terms {
    Terms {
        amount: 1200,
        currency: "eur".to_owned(),
        payment_method: payment_method.to_owned(),
        metadata: BTreeMap::from([("order_id".to_owned(), "o-1".to_owned())]),
    }
}

/// Carries commands out on intent `pi_a`, one after the other.
#[derive(Default)]
struct Desk(Intents);

impl Desk {
    fn authorised() -> Self {
        let mut desk = Self::default();
        assert!(desk.run(&Command::Create(terms("pm_card_visa"))).is_ok());
        desk
    }

    fn run(&mut self, command: &Command) -> Result<Effect, Refusal> {
        let effect = decide(&self.0, command, None, "a")?;
        if let Some(intent) = self.0.after(&effect, 7) {
            self.0.put(intent);
        }
        Ok(effect)
    }

    fn capture(&mut self, amount: Option<i64>) -> Result<Effect, Refusal> {
        self.run(&Command::Capture {
            intent: "pi_a".to_owned(),
            amount,
        })
    }

    fn cancel(&mut self) -> Result<Effect, Refusal> {
        self.run(&Command::Cancel {
            intent: "pi_a".to_owned(),
            reason: None,
        })
    }

    fn refund(&mut self, amount: Option<i64>) -> Result<Effect, Refusal> {
        self.run(&Command::Refund {
            intent: "pi_a".to_owned(),
            amount,
            metadata: BTreeMap::new(),
        })
    }

    /// (authorised, captured, refunded, cancelled, open)
    fn sums(&self) -> Option<(i64, i64, i64, i64, i64)> {
        let intent = self.0.find("pi_a")?;
        Some((
            intent.authorised(),
            intent.captured(),
            intent.refunded(),
            intent.cancelled(),
            intent.open(),
        ))
    }
}

#[test]
fn holds_the_amount_when_created() {
    assert_eq!(Desk::authorised().sums(), Some((1200, 0, 0, 0, 1200)));
}

#[test]
fn keeps_a_declined_intent_that_holds_nothing() {
    let mut desk = Desk::default();
    for (method, code) in [
        ("pm_card_declined", "generic_decline"),
        ("pm_card_insufficient", "insufficient_funds"),
        ("pm_card_authenticationRequired", "authentication_required"),
    ] {
        let effect = desk.run(&Command::Create(terms(method)));
        assert!(
            matches!(&effect, Ok(Effect::Created { declined: Some(found), .. }) if found == code),
            "{effect:?}"
        );
    }
    assert_eq!(desk.sums(), Some((0, 0, 0, 0, 0)));
}

#[test]
fn a_cancelled_decline_releases_nothing() {
    let mut desk = Desk::default();
    assert!(
        desk.run(&Command::Create(terms("pm_card_declined")))
            .is_ok()
    );
    assert!(desk.cancel().is_ok());
    assert_eq!(desk.sums(), Some((0, 0, 0, 0, 0)));
}

#[test]
fn refuses_an_unknown_payment_method() {
    let refused = Desk::default().run(&Command::Create(terms("pm_other")));
    assert_eq!(
        refused,
        Err(Refusal::NoSuchMethod {
            id: "pm_other".to_owned()
        })
    );
}

#[test]
fn captures_at_most_what_is_held_and_once() {
    let mut desk = Desk::authorised();
    assert_eq!(
        desk.capture(Some(1201)),
        Err(Refusal::CaptureTooLarge { capturable: 1200 })
    );
    assert!(desk.capture(None).is_ok());
    assert_eq!(desk.sums(), Some((1200, 1200, 0, 0, 0)));
    assert!(matches!(
        desk.capture(None),
        Err(Refusal::UnexpectedState { .. })
    ));
}

#[test]
fn a_partial_capture_lets_the_rest_go() {
    let mut desk = Desk::authorised();
    assert!(desk.capture(Some(500)).is_ok());
    assert_eq!(desk.sums(), Some((1200, 500, 0, 700, 0)));
}

#[test]
fn cancelling_is_final() {
    let mut desk = Desk::authorised();
    assert!(desk.cancel().is_ok());
    assert_eq!(desk.sums(), Some((1200, 0, 0, 1200, 0)));
    assert!(matches!(
        desk.capture(None),
        Err(Refusal::UnexpectedState { .. })
    ));
    assert!(matches!(
        desk.cancel(),
        Err(Refusal::UnexpectedState { .. })
    ));
}

#[test]
fn a_captured_intent_cannot_be_cancelled_and_says_what_it_is() {
    let mut desk = Desk::authorised();
    assert!(desk.capture(None).is_ok());
    let refused = desk.cancel();
    assert!(
        matches!(&refused, Err(Refusal::UnexpectedState { intent, .. })
            if matches!(intent.phase, Phase::Captured { captured: 1200, .. })),
        "{refused:?}"
    );
}

#[test]
fn refunds_at_most_what_was_captured() {
    let mut desk = Desk::authorised();
    assert!(matches!(
        desk.refund(None),
        Err(Refusal::UnexpectedState { .. })
    ));
    assert!(desk.capture(None).is_ok());
    assert!(desk.refund(Some(1000)).is_ok());
    assert_eq!(
        desk.refund(Some(201)),
        Err(Refusal::RefundTooLarge { refundable: 200 })
    );
    assert!(desk.refund(None).is_ok());
    assert_eq!(desk.sums(), Some((1200, 1200, 1200, 0, 0)));
    assert_eq!(desk.refund(None), Err(Refusal::AlreadyRefunded));
}

#[test]
fn refuses_commands_on_an_intent_that_is_not_there() {
    let mut desk = Desk::default();
    for refused in [desk.capture(None), desk.cancel(), desk.refund(None)] {
        assert!(
            matches!(refused, Err(Refusal::NoSuchIntent { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_forced_decline_of_a_capture_keeps_the_hold() {
    let desk = Desk::authorised();
    let command = Command::Capture {
        intent: "pi_a".to_owned(),
        amount: None,
    };
    let refused = decide(&desk.0, &command, Some("card_velocity_exceeded"), "b");
    assert!(
        matches!(refused, Err(Refusal::Declined { .. })),
        "{refused:?}"
    );
    assert_eq!(desk.sums(), Some((1200, 0, 0, 0, 1200)));
}
