//! Every command in every state of a payment, and what the tables cannot show.

use super::*;
use crate::tests::samples::{at, eur, order_id, payment_terms, reference};
use crate::tests::{Cells, cells, differences, executed};

const TABLE: &str = "
                 start        authorised  declined    unheard        captured    close      closed
    none         authorising  !OutOfTurn  !OutOfTurn  !OutOfTurn     !OutOfTurn  closed     !OutOfTurn
    authorising  ok           authorised  declined    !OutOfTurn     !OutOfTurn  closing    !OutOfTurn
    authorised   ok           ok          !OutOfTurn  capturing      captured    closing    !OutOfTurn
    declined     !Declined    !OutOfTurn  ok          !OutOfTurn     !OutOfTurn  closing    !OutOfTurn
    capturing    ok           ok          !OutOfTurn  ok             captured    closing    !OutOfTurn
    captured     ok           ok          !OutOfTurn  ok             ok          !Captured  !Captured
    closing      !Closed      !Closed     ok          !Closed        captured    ok         closed
    closed       !Closed      !Closed     ok          !Closed        captured    ok         ok
";

/// Stages AUTH 0, AUTH 2, AUTH 3, CAP 0, CAP 2 (and VOID 3), VOID 0 and VOID 2 of the model, with the
/// capture as `docs/adr/0017` changed it.
const MODEL: &str = "
                 start        authorised  declined    unheard        captured    close      closed
    none         authorising  no          ok          no             ok          closed     ok
    authorising  ok           authorised  declined    no             ok          closing    ok
    authorised   ok           ok          ok          capturing      captured    closing    ok
    declined     no           no          ok          no             ok          closing    ok
    capturing    ok           ok          ok          ok             captured    closing    ok
    captured     ok           ok          ok          ok             ok          no         ok
    closing      no           no          ok          no             captured    ok         closed
    closed       no           no          ok          no             captured    ok         ok
";

/// All of one kind: an answer to a question that the item says was never asked. Nothing changes
/// in either; we refuse so that it is seen. The model gets to one sort of them only: `declined`
/// on an authorised payment, when a second call finds the authorisation expired. There it tells
/// the caller no, as the refusal does.
const DIFFERENCES: [&str; 13] = [
    "authorised closed: ok, no",
    "authorised declined: ok, no",
    "authorising captured: ok, no",
    "authorising closed: ok, no",
    "captured closed: ok, no",
    "captured declined: ok, no",
    "capturing closed: ok, no",
    "capturing declined: ok, no",
    "declined captured: ok, no",
    "declined closed: ok, no",
    "none captured: ok, no",
    "none closed: ok, no",
    "none declined: ok, no",
];

fn none() -> Payment {
    Payment::none(order_id(1))
}

fn authorised_command() -> PaymentCommand {
    PaymentCommand::RecordAuthorised {
        reference: reference("pi_1"),
    }
}

fn declined_command() -> PaymentCommand {
    PaymentCommand::RecordDeclined {
        reason: "insufficient funds".to_owned(),
    }
}

fn captured_command() -> PaymentCommand {
    PaymentCommand::RecordCaptured {
        reference: reference("pi_1"),
    }
}

fn authorising() -> Payment {
    let mut payment = none();
    payment.start(payment_terms(), at(0)).unwrap();
    payment
}

fn after(payment: Payment, commands: &[PaymentCommand]) -> Payment {
    commands.iter().fold(payment, |mut payment, command| {
        payment.execute(command, at(1)).unwrap();
        payment
    })
}

fn authorised() -> Payment {
    after(authorising(), &[authorised_command()])
}

fn capturing() -> Payment {
    after(authorised(), &[PaymentCommand::RecordCaptureUnheard])
}

fn captured() -> Payment {
    after(authorised(), &[captured_command()])
}

fn closing() -> Payment {
    after(authorising(), &[PaymentCommand::StartClosing])
}

fn closed() -> Payment {
    after(closing(), &[PaymentCommand::RecordClosed])
}

fn all_states() -> [Payment; 8] {
    [
        none(),
        authorising(),
        authorised(),
        after(authorising(), &[declined_command()]),
        capturing(),
        captured(),
        closing(),
        closed(),
    ]
}

fn all_cells() -> Cells {
    let commands = [
        ("start", PaymentCommand::StartAuthorisation),
        ("authorised", authorised_command()),
        ("declined", declined_command()),
        ("unheard", PaymentCommand::RecordCaptureUnheard),
        ("captured", captured_command()),
        ("close", PaymentCommand::StartClosing),
        ("closed", PaymentCommand::RecordClosed),
    ];
    executed(&all_states(), &commands, |payment| payment.state.name())
}

#[test]
fn follows_its_table_in_every_cell() {
    assert_eq!(all_cells(), cells(TABLE));
}

#[test]
fn differs_from_the_model_only_where_it_is_stricter_about_answers_never_asked_for() {
    assert_eq!(differences(&all_cells(), &cells(MODEL)), DIFFERENCES);
}

#[test]
fn the_provider_s_word_that_it_captured_overrides_a_close() {
    for payment in [closing(), closed()] {
        let captured = after(payment, &[captured_command()]);
        assert_eq!(captured.state, PaymentState::Captured);
        assert_eq!(captured.ledger().len(), 2);
    }
}

#[test]
fn once_closing_neither_an_attempt_nor_a_capture_starts() {
    for mut payment in [closing(), closed()] {
        let before = payment.clone();
        let start = payment.start(payment_terms(), at(5));
        assert_eq!(start, Err(PaymentRejection::Closed));
        assert_eq!(payment.may_capture(), Err(PaymentRejection::Closed));
        assert_eq!(payment, before);
    }
}

#[test]
fn a_void_with_no_attempt_stored_closes_at_once() {
    let mut payment = none();
    payment.close(at(0)).unwrap();
    assert_eq!(payment.state, PaymentState::Closed);
    assert_eq!(payment.attempts().count(), 0);
    assert_eq!(payment.next_look, None);
}

#[test]
fn every_attempt_ever_sent_is_listed() {
    let attempts = |payment: Payment| payment.attempts().collect::<Vec<_>>();
    assert_eq!(attempts(none()), []);
    assert_eq!(attempts(closing()), [Attempt(1)]);
    let mut second = authorising();
    second.attempt = Attempt(2);
    assert_eq!(attempts(second), [Attempt(1), Attempt(2)]);
}

#[test]
fn the_same_order_cannot_be_asked_to_pay_something_else() {
    let mut other_amount = payment_terms();
    other_amount.amount = eur(1);
    let mut other_method = payment_terms();
    other_method.payment_method = "pm_card_amex".to_owned();
    for terms in [other_amount, other_method] {
        for before in all_states().into_iter().skip(1) {
            let mut payment = before.clone();
            let refused = payment.start(terms.clone(), at(2));
            assert_eq!(refused, Err(PaymentRejection::OtherTerms));
            assert_eq!(payment, before);
        }
    }
}

#[test]
fn the_same_terms_under_another_trace_are_the_same() {
    let mut payment = authorising();
    let mut terms = payment_terms();
    terms.traceparent = Some(Traceparent::parse("00-1-2-01").unwrap());
    payment.start(terms, at(2)).unwrap();
    assert_eq!(payment, authorising());
}

#[test]
fn books_both_sides_of_a_capture_and_nothing_before() {
    let entry = |account, minor| LedgerEntry {
        at: at(1),
        account,
        minor,
    };
    assert_eq!(
        captured().ledger(),
        [
            entry(LedgerAccount::Customer, -1_200),
            entry(LedgerAccount::Receivable, 1_200)
        ]
    );
    for payment in [none(), authorising(), authorised(), capturing(), closed()] {
        assert_eq!(payment.ledger(), []);
    }
}

#[test]
fn a_late_repeat_of_the_capture_books_nothing_more() {
    let again = after(captured(), &[captured_command()]);
    assert_eq!(again, captured());
}

#[test]
fn a_payment_still_closing_is_looked_at_again_until_the_provider_answers() {
    let mut payment = authorising();
    payment.close(at(0)).unwrap();
    assert_eq!(payment.next_look, Some(at(15 * 60)));
    let first = payment.clone();
    payment.close(at(60)).unwrap();
    assert_eq!(payment, first, "a repeat before the look changes nothing");
    payment.close(at(16 * 60)).unwrap();
    assert_eq!(payment.next_look, Some(at(16 * 60 + 24 * 3_600)));
    for answer in [PaymentCommand::RecordClosed, captured_command()] {
        let answered = after(payment.clone(), &[answer]);
        assert_eq!(answered.next_look, None);
    }
}

#[test]
fn keeps_what_the_provider_calls_the_attempt() {
    assert_eq!(authorised().reference, Some(reference("pi_1")));
    assert_eq!(authorising().reference, None);
}

#[test]
fn a_decline_says_why() {
    let mut payment = after(authorising(), &[declined_command()]);
    let rejection = payment.start(payment_terms(), at(2)).unwrap_err();
    assert!(matches!(rejection, PaymentRejection::Declined { .. }));
    let text = decline_in_words("do_not_honor");
    assert_eq!(rejection.to_string(), text);
}

fn start_refund(id: &str, minor: i64) -> PaymentCommand {
    PaymentCommand::StartRefund {
        id: RefundId::parse(id).unwrap(),
        amount: eur(minor),
    }
}

/// Of 12.00: what was started counts, answered or not.
#[test]
fn no_more_goes_back_than_was_captured() {
    let mut payment = after(captured(), &[start_refund("one", 700)]);
    let wanted = eur(501);
    let more = payment.execute(&start_refund("two", 501), at(9));
    assert_eq!(more, Err(PaymentRejection::RefundTooLarge { wanted }));
    payment.execute(&start_refund("two", 500), at(9)).unwrap();
}

#[test]
fn a_refund_books_both_sides_once() {
    let id = RefundId::parse("one").unwrap();
    let back = PaymentCommand::RecordRefunded {
        id,
        reference: reference("re_1"),
    };
    let payment = after(captured(), &[start_refund("one", 700), back.clone(), back]);
    assert_eq!(payment.kept_minor(), 500);
    let booked: Vec<i64> = payment.ledger().iter().map(|entry| entry.minor).collect();
    assert_eq!(booked, [-1_200, 1_200, 700, -700]);
}
