//! One live token, a moment of grace, and an end by what is used twice.

use super::*;
use crate::tests::samples::at;
use crate::{Email, PasswordHash, Registration, Role};

const LIMITS: SessionLimits = SessionLimits {
    grace: SignedDuration::from_secs(30),
    idle: SignedDuration::from_hours(1),
    total: SignedDuration::from_hours(3),
};

fn session() -> Session {
    let registration = Registration {
        id: CustomerId::parse("alice").unwrap(),
        tenant: TenantId::parse("shop").unwrap(),
        email: Email::parse("alice@example.org").unwrap(),
        name: "Alice".to_owned(),
        password: PasswordHash("$none".to_owned()),
        roles: vec![Role::Customer],
    };
    let mut alice = Account::register(registration, at(0));
    alice.end_sessions(at(0));
    Session::begin(SessionId(Uuid::from_u128(1)), &alice, &LIMITS, at(0))
}

#[test]
fn a_session_is_of_the_account_as_it_was() {
    let session = session();
    assert_eq!((session.account.as_str(), session.epoch), ("alice", 1));
    assert_eq!(session.live, Generation::FIRST);
}

fn present(session: &mut Session, token: u32, second: i64) -> Result<Generation, SessionRejection> {
    session.present(Generation(token), &LIMITS, at(second))
}

#[test]
fn each_use_makes_the_next_token_live() {
    let mut session = session();
    for token in 1..=3 {
        let next = present(&mut session, token, i64::from(token) * 60).unwrap();
        assert_eq!(next, Generation(token + 1));
        assert_eq!(session.rotated_at, at(i64::from(token) * 60));
    }
}

#[test]
fn a_second_tab_gets_the_same_token_within_the_grace_and_moves_nothing() {
    let mut session = session();
    present(&mut session, 1, 100).unwrap();
    let before = session.clone();
    for second in [100, 115, 130] {
        assert_eq!(present(&mut session, 1, second), Ok(Generation(2)));
        assert_eq!(session, before);
    }
}

#[test]
fn a_token_used_after_its_grace_ends_the_session_for_everybody() {
    let mut session = session();
    present(&mut session, 1, 100).unwrap();
    assert_eq!(present(&mut session, 1, 131), Err(SessionRejection::Reused));
    assert_eq!(session.ended, Some(SessionEnd::Reused));
    for token in [1, 2, 3] {
        assert_eq!(
            present(&mut session, token, 132),
            Err(SessionRejection::Ended)
        );
    }
}

#[test]
fn a_token_older_than_the_last_has_no_grace() {
    let mut session = session();
    present(&mut session, 1, 100).unwrap();
    present(&mut session, 2, 101).unwrap();
    assert_eq!(present(&mut session, 1, 102), Err(SessionRejection::Reused));
}

#[test]
fn a_token_that_was_never_given_out_changes_nothing() {
    let mut session = session();
    let before = session.clone();
    for token in [0, 2, u32::MAX] {
        assert_eq!(
            present(&mut session, token, 1),
            Err(SessionRejection::Unknown)
        );
    }
    assert_eq!(session, before);
}

#[test]
fn a_session_ends_without_use_and_in_the_end() {
    let idle = 60 * 60;
    let mut unused = session();
    assert!(present(&mut unused.clone(), 1, idle - 1).is_ok());
    assert_eq!(
        present(&mut unused, 1, idle),
        Err(SessionRejection::Expired)
    );
    let mut busy = session();
    for token in 1..=5 {
        present(&mut busy, token, i64::from(token) * (idle / 2)).unwrap();
    }
    assert_eq!(busy.ends_at, at(3 * idle));
    assert!(present(&mut busy.clone(), 6, 3 * idle - 1).is_ok());
    assert_eq!(
        present(&mut busy, 6, 3 * idle),
        Err(SessionRejection::Expired)
    );
    assert_eq!(busy.ended, None);
}

#[test]
fn who_signed_out_is_signed_out() {
    let mut session = session();
    session.sign_out(at(2));
    assert_eq!(present(&mut session, 1, 1), Err(SessionRejection::Ended));
    session.sign_out(at(2));
    assert_eq!(session.ended, Some(SessionEnd::SignedOut));
}

#[test]
fn a_clock_that_went_back_takes_no_grace_away() {
    let mut session = session();
    present(&mut session, 1, 100).unwrap();
    assert_eq!(present(&mut session, 1, 40), Ok(Generation(2)));
}

#[test]
fn ends_have_names() {
    for end in [SessionEnd::SignedOut, SessionEnd::Reused] {
        assert_eq!(SessionEnd::from_name(end.name()), Some(end));
    }
    assert_eq!(SessionEnd::from_name("x"), None);
}
