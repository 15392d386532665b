//! A token says what it was made for, and only its key makes it.

use super::*;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn session() -> SessionId {
    SessionId(Uuid::from_u128(0xabcd))
}

fn tokens() -> RefreshTokens {
    RefreshTokens::new(KEY).unwrap()
}

#[test]
fn a_token_says_its_session_and_its_number() {
    for number in [1, 2, u32::MAX] {
        let token = tokens().make(session(), Generation(number));
        assert_eq!(token.len(), 104);
        assert_eq!(token, tokens().make(session(), Generation(number)));
        let read = tokens().read(&token);
        assert_eq!(read, Some((session(), Generation(number))));
    }
}

#[test]
fn no_digit_of_a_token_can_be_changed() {
    let token = tokens().make(session(), Generation(7));
    for (at, digit) in token.char_indices() {
        let other = if digit == '0' { "1" } else { "0" };
        let mut changed = token.clone();
        changed.replace_range(at..=at, other);
        assert_eq!(tokens().read(&changed), None, "{at}");
    }
}

#[test]
fn a_token_of_another_key_is_none() {
    let other = RefreshTokens::new(&KEY.replace("00", "ff")).unwrap();
    let token = other.make(session(), Generation(1));
    assert_eq!(tokens().read(&token), None);
}

#[test]
fn what_is_no_token_is_none() {
    let token = tokens().make(session(), Generation(1));
    let longer = format!("{token}00");
    let shorter = &token[..102];
    let wide = "é".repeat(52);
    for text in [
        "",
        "x",
        &longer,
        shorter,
        &"0".repeat(104),
        &"z".repeat(104),
        &wide,
    ] {
        assert_eq!(tokens().read(text), None, "{text}");
    }
}

#[test]
fn a_key_has_32_bytes_and_does_not_show() {
    for key in ["", "secret", &KEY[..62], &"x".repeat(64)] {
        assert_eq!(RefreshTokens::new(key).unwrap_err(), RefreshKeyError);
    }
    assert_eq!(format!("{:?}", tokens()), "RefreshTokens(..)");
}
