//! Codes that are texted.

use domain::CustomerId;
use testkit::build::{at, customer};

use crate::{CodeKeyError, PhoneCodes};

const PHONE: &str = "+441632960001";

fn codes() -> PhoneCodes {
    PhoneCodes::new(&"2".repeat(64)).unwrap()
}

fn alice() -> CustomerId {
    customer("alice")
}

/// Seconds from the beginning of a stretch on.
fn within(second: i64) -> jiff::Timestamp {
    let begin = at(0).as_second().div_euclid(300) * 300;
    jiff::Timestamp::from_second(begin + second).unwrap()
}

#[test]
fn a_code_is_six_digits_and_the_same_for_whoever_has_the_key() {
    let code = codes().make(&alice(), (3, PHONE), within(0));
    assert_eq!(code.len(), 6);
    assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(codes().make(&alice(), (3, PHONE), within(299)), code);
    let other_key = PhoneCodes::new(&"3".repeat(64)).unwrap();
    assert_ne!(other_key.make(&alice(), (3, PHONE), within(0)), code);
    assert!(!format!("{:?}", codes()).contains('2'));
}

/// The one thing that a code shows is what it was made of.
#[test]
fn a_code_is_of_one_account_one_asking_and_one_telephone() {
    let code = codes().make(&alice(), (3, PHONE), within(0));
    let fits =
        |who: &str, number, phone| codes().fits(&customer(who), (number, phone), &code, within(1));
    assert!(fits("alice", 3, PHONE));
    assert!(!fits("bob", 3, PHONE));
    assert!(!fits("alice", 4, PHONE));
    assert!(!fits("alice", 3, "+441632960002"));
    for wrong in ["", "000000", &code[..5], &format!("{code}0")] {
        let fits = codes().fits(&alice(), (3, PHONE), wrong, within(1));
        assert_eq!(fits, wrong == code, "{wrong}");
    }
}

#[test]
fn a_code_is_good_for_five_minutes_at_least_and_ten_at_most() {
    for texted in [0, 1, 150, 299] {
        let code = codes().make(&alice(), (3, PHONE), within(texted));
        let fits = |second| codes().fits(&alice(), (3, PHONE), &code, within(second));
        assert!(fits(texted) && fits(texted + 300), "{texted}");
        assert!(!fits(texted + 600), "{texted}");
        assert!(!fits(texted - 300), "{texted}");
    }
}

#[test]
fn codes_are_spread_over_all_there_are() {
    let code = |number| codes().make(&alice(), (number, PHONE), within(0));
    let all: Vec<u32> = (0..1_000).map(|it| code(it).parse().unwrap()).collect();
    let low = all.iter().filter(|code| **code < 500_000).count();
    assert!((400..600).contains(&low), "{low}");
    let short = all.iter().filter(|code| **code < 100_000).count();
    assert!(
        short > 50,
        "those that begin with 0 are among them: {short}"
    );
}

#[test]
fn a_key_that_is_too_short_or_no_key_is_refused() {
    for key in ["", "2", &"2".repeat(62), &"x".repeat(64)] {
        assert_eq!(PhoneCodes::new(key).unwrap_err(), CodeKeyError, "{key}");
    }
}
