//! Codes become words, and only words of ours.

use super::*;

#[test]
fn a_decline_is_told_in_plain_words() {
    let told = |code| PaymentRejection::of_decline(code).to_string();
    assert_eq!(
        told("insufficient_funds"),
        "there is not enough money on the card or account"
    );
    assert_eq!(told("expired_card"), "the card has expired");
    assert!(told("authentication_required").contains("confirm the payment"));
}

#[test]
fn what_nobody_should_tell_or_knows_reads_like_any_other_decline() {
    let any = decline_in_words("generic_decline");
    for code in [
        "stolen_card",
        "lost_card",
        "fraudulent",
        "do_not_honor",
        "",
        "Card of Ada <b>",
    ] {
        assert_eq!(decline_in_words(code), any, "{code}");
    }
}

#[test]
fn a_payment_that_has_to_be_confirmed_is_a_reason_of_its_own() {
    let refused = PaymentRejection::of_decline(ACTION_REQUIRED);
    assert_eq!(refused, PaymentRejection::ActionRequired);
    let reason = "generic_decline".to_owned();
    let declined = PaymentRejection::of_decline(&reason);
    assert_eq!(declined, PaymentRejection::Declined { reason });
}
