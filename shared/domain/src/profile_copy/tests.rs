//! A copy that is behind has a next try, and one that is not has none.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{NotTold, ProfileCopy};
use crate::{CustomerId, DestinationName, Sequence};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn none() -> ProfileCopy {
    let destination = DestinationName::parse("crm").unwrap();
    ProfileCopy::none(destination, CustomerId::parse("user-1").unwrap())
}

fn wanted(version: u32) -> ProfileCopy {
    let mut copy = none();
    assert!(copy.want(Sequence(version), at(0)));
    copy
}

#[test]
fn a_change_is_due_after_a_minute_where_nobody_came_to_it() {
    assert_eq!(wanted(3).next_try, Some(at(60)));
    assert!(none().is_in_sync() && none().next_try.is_none());
}

#[test]
fn an_older_change_is_no_news() {
    let mut copy = wanted(3);
    assert!(!copy.want(Sequence(3), at(1)));
    assert!(!copy.want(Sequence(2), at(1)));
    assert_eq!((copy.wanted, copy.next_try), (Sequence(3), Some(at(60))));
}

#[test]
fn a_version_that_the_service_has_already_is_not_sent() {
    let mut copy = wanted(3);
    copy.told(Sequence(5), at(1));
    assert!(copy.want(Sequence(4), at(2)));
    assert_eq!(copy.next_try, None);
}

#[test]
fn what_was_told_is_done() {
    let mut copy = wanted(3);
    copy.not_told(NotTold::Refused("no such field".to_owned()), at(1));
    copy.told(Sequence(3), at(2));
    assert!(copy.is_in_sync());
    assert_eq!((copy.next_try, copy.failed, copy.refusal), (None, 0, None));
}

#[test]
fn a_change_that_came_while_it_was_told_is_due_at_once() {
    let mut copy = wanted(3);
    copy.want(Sequence(4), at(1));
    copy.told(Sequence(3), at(2));
    assert_eq!(copy.next_try, Some(at(2)));
}

#[test]
fn what_was_told_late_takes_nothing_back() {
    let mut copy = wanted(4);
    copy.told(Sequence(4), at(1));
    copy.told(Sequence(3), at(2));
    copy.not_told(NotTold::Unreached, at(3));
    assert_eq!((copy.done, copy.next_try), (Sequence(4), None));
}

#[test]
fn who_cannot_be_reached_is_told_again_ever_later_up_to_ten_minutes() {
    let mut copy = wanted(1);
    let mut pauses = Vec::new();
    for _ in 0..40 {
        copy.not_told(NotTold::Unreached, at(0));
        pauses.push(copy.next_try.unwrap().as_second());
    }
    assert_eq!(pauses[..6], [30, 60, 120, 240, 480, 600]);
    assert_eq!(pauses[39], 600);
}

#[test]
fn who_refuses_is_told_again_once_a_day_at_least() {
    let mut copy = wanted(1);
    for _ in 0..40 {
        copy.not_told(NotTold::Refused("a name is missing".to_owned()), at(0));
    }
    assert_eq!(copy.next_try, Some(at(24 * 3_600)));
    assert_eq!(copy.refusal.as_deref(), Some("a name is missing"));
}

proptest! {
    /// As long as it has not what is wanted there is a next try, and else there is none.
    #[test]
    fn there_is_a_next_try_exactly_as_long_as_it_is_behind(
        steps in prop::collection::vec((0..4_u8, 1..20_u32), 0..60),
    ) {
        let mut copy = none();
        let mut newest = 0;
        for (turn, (step, version)) in (0..).zip(steps) {
            let before = copy.done;
            match step {
                0 => {
                    copy.want(Sequence(version), at(turn));
                    newest = newest.max(version);
                }
                1 => copy.told(Sequence(version), at(turn)),
                2 => copy.not_told(NotTold::Unreached, at(turn)),
                _ => copy.not_told(NotTold::Refused("no".to_owned()), at(turn)),
            }
            prop_assert_eq!(copy.wanted, Sequence(newest));
            prop_assert!(copy.done >= before);
            prop_assert_eq!(copy.next_try.is_some(), !copy.is_in_sync());
        }
    }
}
