//! What is kept of a password says whether it was this one, and nothing else.

use super::*;

fn passwords() -> Argon2Passwords {
    Argon2Passwords::new(PasswordParams::default()).unwrap()
}

#[test]
fn a_password_is_told_from_others() {
    let passwords = passwords();
    let kept = passwords.hash("correct horse", Uuid::from_u128(1)).unwrap();
    assert!(passwords.verify(&kept, "correct horse"));
    for other in ["", "correct hors", "Correct horse", "correct horse "] {
        assert!(!passwords.verify(&kept, other), "{other}");
    }
}

#[test]
fn the_same_password_is_kept_differently_each_time() {
    let passwords = passwords();
    let one = passwords.hash("correct horse", Uuid::from_u128(1)).unwrap();
    let other = passwords.hash("correct horse", Uuid::from_u128(2)).unwrap();
    assert_ne!(one, other);
    assert!(
        one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        one.0
    );
    assert!(!one.0.contains("horse"));
}

#[test]
fn nobody_has_a_password_not_even_an_empty_one() {
    let passwords = passwords();
    assert!(!passwords.verify(passwords.nobody(), ""));
    assert!(!passwords.verify(passwords.nobody(), "correct horse"));
    let unreadable = PasswordHash("$none".to_owned());
    assert!(!passwords.verify(&unreadable, "$none"));
}

/// What is verified for nobody is read as what is kept for somebody is, so that it takes a hash.
#[test]
fn nobody_costs_what_somebody_costs() {
    let passwords = passwords();
    let kept = passwords.hash("correct horse", Uuid::from_u128(1)).unwrap();
    let read = |kept: &PasswordHash| {
        let hash = Phc::new(&kept.0).unwrap();
        let params = Params::try_from(&hash).unwrap();
        let lengths = (hash.salt.unwrap().len(), hash.hash.unwrap().len());
        (params.m_cost(), params.t_cost(), params.p_cost(), lengths)
    };
    assert_eq!(read(&kept), read(passwords.nobody()));
}

#[test]
fn a_cheap_hash_is_refused() {
    let new = |memory_kib, passes| {
        let params = PasswordParams { memory_kib, passes };
        Argon2Passwords::new(params)
    };
    assert!(new(19 * 1024, 2).is_ok());
    for (memory_kib, passes) in [(19 * 1024 - 1, 2), (64 * 1024, 1), (0, 0)] {
        assert_eq!(new(memory_kib, passes).unwrap_err(), PasswordParamsError);
    }
}
