//! Which copy takes the place of which.

use serde_json::{Value, json};

use super::{Command, Destination, Refusal, decide};

fn copy(version: u64, profile: Value) -> Command {
    Command {
        destination: Destination::Crm,
        user: "u-1".to_owned(),
        version,
        profile,
    }
}

#[test]
fn takes_the_first_copy_and_every_newer_one() {
    let stored = copy(3, json!({"name": "Ann"}));
    assert_eq!(decide(None, &copy(0, json!({})), false), Ok(true));
    assert_eq!(decide(Some(&stored), &copy(4, json!({})), false), Ok(true));
    let gap_and_erased = copy(u64::MAX, Value::Null);
    assert_eq!(decide(Some(&stored), &gap_and_erased, false), Ok(true));
}

#[test]
fn the_same_copy_again_changes_nothing() {
    let stored = copy(3, json!({"name": "Ann"}));
    assert_eq!(decide(Some(&stored), &stored, false), Ok(false));
    let other = copy(3, Value::Null);
    assert_eq!(
        decide(Some(&stored), &other, false),
        Err(Refusal::Reused { stored: 3 })
    );
}

#[test]
fn an_erased_user_does_not_come_back_by_an_older_copy() {
    let erased = copy(4, Value::Null);
    assert_eq!(
        decide(Some(&erased), &copy(3, json!({"name": "Ann"})), false),
        Err(Refusal::Stale { stored: 4 })
    );
}

#[test]
fn rejects_only_what_it_would_have_taken() {
    let stored = copy(3, json!({}));
    assert_eq!(
        decide(Some(&stored), &copy(4, json!({})), true),
        Err(Refusal::Rejected)
    );
    assert_eq!(decide(Some(&stored), &stored, true), Ok(false));
    assert_eq!(
        decide(Some(&stored), &copy(2, json!({})), true),
        Err(Refusal::Stale { stored: 3 })
    );
}
