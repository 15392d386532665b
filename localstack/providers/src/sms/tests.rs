//! What the gateway takes and what it does not.

use super::{Refusal, Text, check};

fn text(to: &str, body: &str) -> Text {
    Text {
        account: "AC1".to_owned(),
        to: to.to_owned(),
        from: "+31600000000".to_owned(),
        body: body.to_owned(),
    }
}

#[test]
fn takes_numbers_of_two_to_fifteen_digits_after_a_plus() {
    for to in ["+31612345678", "+12", "+123456789012345"] {
        assert_eq!(check(&text(to, "hi"), None), Ok(()), "{to}");
    }
    for to in [
        "31612345678",
        "+1",
        "+1234567890123456",
        "+0612345678",
        "+3161234567x",
        "++3161234567",
        "+",
        "",
    ] {
        assert_eq!(check(&text(to, "hi"), None), Err(Refusal::NoNumber), "{to}");
    }
}

#[test]
fn takes_1600_characters_of_any_width() {
    assert_eq!(
        check(&text("+31612345678", &"é".repeat(1600)), None),
        Ok(())
    );
    assert_eq!(
        check(&text("+31612345678", &"e".repeat(1601)), None),
        Err(Refusal::BodyTooLong)
    );
}

#[test]
fn a_decline_has_the_code_that_was_asked_for_if_it_is_a_number() {
    let declined = |code| check(&text("+31612345678", "hi"), Some(code));
    assert_eq!(declined("30004"), Err(Refusal::Declined(30_004)));
    assert_eq!(declined("generic_decline"), Err(Refusal::Declined(21_610)));
}
