//! Checks of [`Counters`].

use limits::{Counters, End, Refused, Row, Time, Update};

use crate::{must, must_fail};

const AT: u64 = 1_790_000_000;

fn take(take: u32, end: u64, at_most: u32) -> Update {
    Update {
        take,
        end: End(AT + end),
        at_most,
        now: Time(AT * 1_000),
        ..Update::default()
    }
}

fn row(ends: &[(u64, u32)]) -> Row {
    Row {
        held: ends.iter().map(|(_, held)| held).sum(),
        ends: ends
            .iter()
            .map(|(end, held)| (End(AT + end), *held))
            .collect(),
    }
}

fn refused(answer: Result<Row, Refused>) -> Row {
    match must_fail(answer) {
        Refused::Row(row) => row,
        Refused::Error(error) => panic!("refused, not {error:?}"),
    }
}

/// An empty row, also after a change that was refused.
pub async fn knows_no_row_at_first(store: &impl Counters) {
    assert_eq!(must(store.row("a").await), Row::default());
    let moves = Update {
        moved: Some((End(AT), 1)),
        ..take(1, 15, 10)
    };
    assert_eq!(refused(store.change("a", &moves).await), Row::default());
    assert_eq!(must(store.row("a").await), Row::default());
}

/// Each taking is added, under its key only, and the row after it is the answer.
pub async fn adds_up_what_is_taken(store: &impl Counters) {
    assert_eq!(
        must(store.change("a", &take(10, 15, 0)).await),
        row(&[(15, 10)])
    );
    assert_eq!(
        must(store.change("a", &take(5, 15, 10)).await),
        row(&[(15, 15)])
    );
    let after = row(&[(15, 15), (30, 7)]);
    assert_eq!(must(store.change("a", &take(7, 30, 15)).await), after);
    assert_eq!(must(store.row("a").await), after);
    assert_eq!(must(store.row("b").await), Row::default());
}

/// Where too much is held, nothing is taken, and the row is the answer.
pub async fn takes_nothing_where_too_much_is_held(store: &impl Counters) {
    must(store.change("a", &take(10, 15, 0)).await);
    let held = row(&[(15, 10)]);
    assert_eq!(refused(store.change("a", &take(1, 15, 9)).await), held);
    assert_eq!(must(store.row("a").await), held);
}

/// What is moved leaves its end; it has to be there.
pub async fn moves_what_is_held(store: &impl Counters) {
    must(store.change("a", &take(10, 15, 0)).await);
    let moves = |held, from| Update {
        moved: Some((End(AT + from), held)),
        ..take(12, 45, 10)
    };
    refused(store.change("a", &moves(11, 15)).await);
    refused(store.change("a", &moves(1, 30)).await);
    let after = must(store.change("a", &moves(8, 15)).await);
    assert_eq!(after, row(&[(15, 2), (45, 12)]));
    // To the end that it has already.
    let grows = Update {
        moved: Some((End(AT + 45), 12)),
        ..take(20, 45, 14)
    };
    let after = must(store.change("a", &grows).await);
    assert_eq!(after, row(&[(15, 2), (45, 20)]));
}

/// An end is forgotten whole, and only as it was seen.
pub async fn forgets_what_is_over(store: &impl Counters) {
    for (end, held) in [(1, 3), (2, 4), (60, 5)] {
        must(store.change("a", &take(held, end, 100)).await);
    }
    let forgets = |over: &[(u64, u32)]| Update {
        forget: over
            .iter()
            .map(|(end, held)| (End(AT + end), *held))
            .collect(),
        ..take(1, 75, 12)
    };
    refused(store.change("a", &forgets(&[(1, 3), (2, 3)])).await);
    refused(store.change("a", &forgets(&[(1, 3), (3, 1)])).await);
    let after = must(store.change("a", &forgets(&[(1, 3), (2, 4)])).await);
    assert_eq!(after, row(&[(60, 5), (75, 1)]));
}

/// As many as there is room for, and each of them once.
pub async fn lets_as_many_take_as_there_is_room_for(store: &impl Counters) {
    let change = take(1, 15, 4);
    let all = (0..12).map(|_| store.change("a", &change));
    let mut taken = 0;
    for answer in futures::future::join_all(all).await {
        match answer {
            Ok(_) => taken += 1,
            Err(Refused::Row(full)) => assert_eq!(full.held, 5),
            Err(Refused::Error(error)) => panic!("{error:?}"),
        }
    }
    assert_eq!(taken, 5);
    assert_eq!(must(store.row("a").await), row(&[(15, 5)]));
}
