//! Reasons have stable names and bounded details.

use super::*;

#[test]
fn every_reason_is_listed_and_reads_back() {
    for code in FailureCode::ALL {
        assert_eq!(FailureCode::from_name(code.name()), Some(code));
    }
    assert_eq!(FailureCode::from_name("Internal"), None);
    assert_eq!(FailureCode::from_name(""), None);
}

#[test]
fn names_are_stored_and_never_change() {
    assert_eq!(
        FailureCode::ALL.map(FailureCode::name),
        [
            "out_of_stock",
            "unknown_sku",
            "payment_declined",
            "payment_unavailable",
            "capture_refused",
            "address_rejected",
            "cancelled_by_customer",
            "internal",
            "action_required",
        ]
    );
}

#[test]
fn a_detail_is_cut_between_characters() {
    let failure = Failure::new(FailureCode::Internal, &"é".repeat(500));
    assert_eq!(failure.detail, "é".repeat(Failure::MAX_DETAIL));
}

#[test]
fn reads_as_a_sentence_with_or_without_detail() {
    let said = |detail| Failure::new(FailureCode::OutOfStock, detail).to_string();
    assert_eq!(said(""), "out_of_stock");
    assert_eq!(said("LAMP-1"), "out_of_stock: LAMP-1");
}

#[test]
fn every_reason_has_words_and_what_is_known_better_goes_before_them() {
    for code in FailureCode::ALL {
        let words = Failure::new(code, "").in_words().to_owned();
        assert!(words.contains(' ') && !words.contains('_'), "{words}");
    }
    let known = Failure::new(FailureCode::OutOfStock, "LAMP-1 ran out: 2 ordered, 1 left");
    assert_eq!(known.in_words(), "LAMP-1 ran out: 2 ordered, 1 left");
}
