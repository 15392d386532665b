//! What comes when, and what is waited for.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// Applied up to 2; 4 and 6 are held.
fn with_gaps() -> Taken {
    let mut taken = Taken {
        applied: Sequence(2),
        ..Taken::default()
    };
    taken.hold(Sequence(6), "six".to_owned(), at(0));
    taken.hold(Sequence(4), "four".to_owned(), at(30));
    taken
}

#[test]
fn every_event_has_its_turn() {
    let taken = with_gaps();
    let turns = (1..=5).map(|it| taken.turn_of(Sequence(it)));
    assert_eq!(
        turns.collect::<Vec<_>>(),
        [Turn::Seen, Turn::Seen, Turn::Next, Turn::Early, Turn::Early]
    );
}

#[test]
fn what_is_missing_is_what_lies_between() {
    let taken = with_gaps();
    let missing: Vec<_> = (1..=8).filter(|it| taken.lacks(Sequence(*it))).collect();
    assert_eq!(missing, [3, 5]);
    assert!(!Taken::default().lacks(Sequence(1)));
}

#[test]
fn what_is_held_and_was_not_applied_in_its_turn_comes_again() {
    let mut taken = with_gaps();
    taken.advance(at(60));
    let missing: Vec<_> = (1..=8).filter(|it| taken.lacks(Sequence(*it))).collect();
    assert_eq!(missing, [4, 5]);
}

#[test]
fn what_is_held_comes_when_all_before_it_was_applied() {
    let mut taken = with_gaps();
    assert_eq!(taken.due(), None);
    taken.advance(at(60));
    assert_eq!(taken.due(), Some("four"));
    taken.advance(at(60));
    // Another gap, which has only now begun.
    assert_eq!((taken.due(), taken.gap.unwrap().since), (None, at(60)));
    assert_eq!(taken.gap.unwrap().next_look, at(120));
    taken.advance(at(60));
    assert_eq!(taken.due(), Some("six"));
    taken.advance(at(60));
    assert_eq!((taken.applied, taken.gap), (Sequence(6), None));
    assert!(taken.held.is_empty());
}

#[test]
fn a_copy_of_what_is_held_changes_nothing() {
    let mut taken = with_gaps();
    taken.hold(Sequence(4), "another four".to_owned(), at(99));
    assert_eq!(taken, with_gaps());
}

#[test]
fn a_gap_is_looked_at_after_a_minute_then_ten_then_ever_more_rarely() {
    let mut taken = with_gaps();
    let mut looks = Vec::new();
    for _ in 0..12 {
        let gap = taken.gap.unwrap();
        let minutes = gap.age(gap.next_look).as_mins();
        looks.push((minutes, gap.is_overdue(gap.next_look)));
        taken.asked(gap.next_look);
    }
    let minutes: Vec<_> = looks.iter().map(|(minutes, _)| *minutes).collect();
    assert_eq!(
        minutes,
        [1, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 4_000, 5_440]
    );
    assert!(
        looks
            .iter()
            .all(|(minutes, overdue)| *overdue == (*minutes >= 10))
    );
}

/// Nobody is called about what was not asked for yet.
#[test]
fn a_first_look_that_comes_late_is_followed_by_another_before_anybody_is_called() {
    let mut taken = with_gaps();
    let late = at(3_600);
    assert!(!taken.gap.unwrap().is_overdue(late));
    taken.asked(late);
    let gap = taken.gap.unwrap();
    assert_eq!(gap.next_look, at(3_660));
    assert!(gap.is_overdue(gap.next_look));
}

#[test]
fn nothing_is_asked_for_where_nothing_is_missing() {
    let mut taken = Taken::default();
    taken.asked(at(0));
    assert_eq!(taken, Taken::default());
}
