//! How many pieces can move, and what else is none.

use serde_json::json;

use super::*;

fn restock(quantity: i64) -> Result<ParsedMovement, InvalidBody> {
    let reason = None;
    Restock { quantity, reason }.parse()
}

fn adjust(by: i64, reason: &str) -> Result<ParsedMovement, InvalidBody> {
    let reason = reason.to_owned();
    Adjust { by, reason }.parse()
}

#[test]
fn pieces_come_in_by_one_to_a_million() {
    for quantity in [1, MAX_MOVED] {
        assert_eq!(i64::from(restock(quantity).unwrap().by), quantity);
    }
    for quantity in [0, -1, MAX_MOVED + 1, i64::MAX, i64::MIN] {
        assert_eq!(restock(quantity).unwrap_err().pointer, "/quantity");
    }
}

#[test]
fn a_count_is_put_right_up_or_down_and_with_a_reason() {
    for by in [-MAX_MOVED, -1, 1, MAX_MOVED] {
        assert_eq!(i64::from(adjust(by, "counted").unwrap().by), by);
    }
    for by in [0, -MAX_MOVED - 1, MAX_MOVED + 1, i64::MAX, i64::MIN] {
        assert_eq!(adjust(by, "counted").unwrap_err().pointer, "/by");
    }
    for reason in ["", " ", "a\nb", &"x".repeat(121)] {
        assert_eq!(adjust(1, reason).unwrap_err().pointer, "/reason");
    }
}

#[test]
fn a_threshold_is_nothing_to_a_million() {
    for low_at in [0, MAX_MOVED] {
        let parsed = SetThreshold { low_at }.parse().unwrap();
        assert_eq!(i64::from(parsed), low_at);
    }
    for low_at in [-1, MAX_MOVED + 1, i64::MAX] {
        let refused = SetThreshold { low_at }.parse().unwrap_err();
        assert_eq!(refused.pointer, "/low_at");
    }
}

#[test]
fn what_is_unknown_or_no_whole_number_is_no_body() {
    for body in [
        json!({"quantity": 1.5}),
        json!({"quantity": "1"}),
        json!({"quantity": 1e30}),
        json!({"quantity": 1, "sku": "x"}),
        json!({}),
    ] {
        assert!(serde_json::from_value::<Restock>(body).is_err());
    }
    assert!(serde_json::from_value::<Adjust>(json!({"by": 1})).is_err());
}
