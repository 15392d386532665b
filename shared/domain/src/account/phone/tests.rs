//! When a code is texted, and what it shows.

use super::*;
use crate::{Email, PasswordHash, Profile, Registration, Role, TenantId};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// A try at a second.
fn a_try(second: i64) -> (Uuid, Timestamp) {
    (Uuid::from_u128(7), at(second))
}

fn number(account: &mut Account, phone: Option<&str>, now: Timestamp) {
    let profile = Profile {
        phone: phone.map(str::to_owned),
        ..account.profile.clone()
    };
    account.update(profile, now);
    account.version += 1;
}

/// With a number that nobody has confirmed.
fn alice() -> Account {
    let registration = Registration {
        id: CustomerId::parse("alice").unwrap(),
        tenant: TenantId::parse("main").unwrap(),
        email: Email::parse("alice@example.org").unwrap(),
        name: "Alice".to_owned(),
        password: PasswordHash("kept".to_owned()),
        roles: vec![Role::Customer],
    };
    let mut account = Account::register(registration, at(0));
    account.version = 1;
    number(&mut account, Some("+441632960001"), at(0));
    account
}

fn ask(account: &mut Account, second: i64) -> Result<bool, NoCode> {
    let asked = account.ask_phone_code(at(second));
    account.version += u64::from(asked == Ok(true));
    asked
}

fn wait(seconds: i64) -> Result<bool, NoCode> {
    let wait = SignedDuration::from_secs(seconds);
    Err(NoCode::TooOften { wait })
}

#[test]
fn the_right_code_confirms_the_number_once() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    assert_eq!(alice.last, AccountEvent::PhoneCodeRequested);
    let asked = *alice.phone.asked().unwrap();
    assert_eq!(asked.message(&alice.id), "account/alice/3");
    let fits = |code: &AskedCode, phone: &str| (code.number, phone) == (3, "+441632960001");
    assert_eq!(alice.confirm_phone(fits, a_try(9)), Ok(()));
    assert!(alice.phone.is_confirmed());
    assert_eq!(alice.last, AccountEvent::PhoneConfirmed);
    let again = alice.confirm_phone(|_, _| true, a_try(10));
    assert_eq!(again, Err(CodeRefused::Used));
    assert_eq!(ask(&mut alice, 90), Err(NoCode::Confirmed));
}

#[test]
fn five_wrong_codes_end_it_and_the_right_one_comes_too_late() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    for left in [4, 3, 2, 1, 0] {
        let refused = alice.confirm_phone(|_, _| false, a_try(9));
        assert_eq!(refused, Err(CodeRefused::Wrong { left }));
        assert_eq!(alice.last, AccountEvent::PhoneCodeRefused);
    }
    let before = alice.clone();
    let late = alice.confirm_phone(|_, _| true, a_try(9));
    assert_eq!(late, Err(CodeRefused::TooManyTries));
    assert_eq!(alice, before, "nothing is stored of it");
    assert_eq!(alice.texts_phone_code(3, at(9)), None);
    assert_eq!(ask(&mut alice, 9), wait(51));
    assert_eq!(ask(&mut alice, 60), Ok(true));
    assert_eq!(alice.confirm_phone(|_, _| true, a_try(61)), Ok(()));
}

#[test]
fn what_was_asked_for_a_day_ago_is_neither_texted_nor_taken() {
    let mut alice = alice();
    assert_eq!(
        alice.confirm_phone(|_, _| true, a_try(0)),
        Err(CodeRefused::NotAsked)
    );
    assert_eq!(ask(&mut alice, 0), Ok(true));
    let day = 24 * 3_600;
    assert!(alice.texts_phone_code(3, at(day - 1)).is_some());
    assert_eq!(alice.texts_phone_code(3, at(day)), None);
    let late = alice.confirm_phone(|_, _| true, a_try(day));
    assert_eq!(late, Err(CodeRefused::TooOld));
}

#[test]
fn another_number_is_confirmed_anew_and_gets_no_code_of_the_one_before() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    number(&mut alice, Some("+441632960002"), at(5));
    assert_eq!(alice.texts_phone_code(3, at(6)), None);
    let refused = alice.confirm_phone(|_, _| true, a_try(6));
    assert_eq!(refused, Err(CodeRefused::NotAsked));
    assert_eq!(
        ask(&mut alice, 6),
        wait(54),
        "nor is that a way to text faster"
    );
    assert_eq!(ask(&mut alice, 60), Ok(true));
    assert_eq!(alice.confirm_phone(|_, _| true, a_try(61)), Ok(()));
    // The same number again changes nothing.
    number(&mut alice, Some("+441632960002"), at(62));
    assert!(alice.phone.is_confirmed());
    number(&mut alice, Some("+441632960001"), at(63));
    assert!(!alice.phone.is_confirmed());
    number(&mut alice, None, at(64));
    assert_eq!(ask(&mut alice, 200), Err(NoCode::NoNumber));
}

#[test]
fn a_code_that_is_on_its_way_is_not_asked_for_again_for_a_minute() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    let before = alice.clone();
    assert_eq!(ask(&mut alice, 59), Ok(false));
    assert_eq!(alice, before);
    assert_eq!(ask(&mut alice, 60), Ok(true));
    assert_eq!(
        alice.texts_phone_code(3, at(61)),
        None,
        "the one before ends"
    );
    assert_eq!(alice.texts_phone_code(4, at(61)), Some("+441632960001"));
}

#[test]
fn there_are_five_codes_in_a_day() {
    let mut alice = alice();
    for minute in 0..5 {
        assert_eq!(ask(&mut alice, minute * 60), Ok(true), "{minute}");
    }
    let day = 24 * 3_600;
    assert_eq!(ask(&mut alice, 600), wait(day - 600));
    assert_eq!(ask(&mut alice, day), Ok(true));
    assert_eq!(ask(&mut alice, day + 60), Ok(true), "the day began anew");
}

#[test]
fn who_does_not_sign_in_any_more_is_texted_nothing() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    let mut closed = alice.clone();
    closed.deactivate(at(1));
    assert_eq!(closed.texts_phone_code(3, at(2)), None);
    assert_eq!(ask(&mut closed, 90), Err(NoCode::NoNumber));
    let right = closed.confirm_phone(|_, _| true, a_try(2));
    assert_eq!(right, Err(CodeRefused::NotAsked));
    assert!(alice.erase(at(1)).is_some());
    assert_eq!(alice.phone, PhoneProof::default());
    assert_eq!(alice.texts_phone_code(3, at(2)), None);
}

/// Of the store the second would otherwise hear that it was stored, and would not be counted.
#[test]
fn two_wrong_tries_of_the_same_moment_are_not_stored_alike() {
    let mut alice = alice();
    assert_eq!(ask(&mut alice, 0), Ok(true));
    let mut other = alice.clone();
    for (account, id) in [(&mut alice, 1), (&mut other, 2)] {
        let refused = account.confirm_phone(|_, _| false, (Uuid::from_u128(id), at(1)));
        assert_eq!(refused, Err(CodeRefused::Wrong { left: 4 }));
    }
    assert_ne!(alice, other);
}
