//! Checks of [`ReceiveMessages`], [`SendMessages`] and [`CountMessages`], of a queue with groups.

use std::time::Duration;

use domain::ports::{
    Attribute, CountMessages, Depth, Letter, ReceiveMessages, Received, SendMessages,
};

use crate::{must, must_fail, must_have};

/// Longer than any of these checks takes.
const HIDDEN: Duration = Duration::from_secs(120);

fn letter(group: &str, number: u32) -> Letter {
    let text = Attribute {
        data_type: "String".to_owned(),
        value: format!("who wrote {number}"),
    };
    Letter {
        body: format!("{{\"{group}\": {number}}}"),
        group: Some(group.to_owned()),
        dedupe: Some(format!("{group}/{number}")),
        attributes: [("author".to_owned(), text)].into(),
    }
}

async fn send(queue: &impl SendMessages, group: &str, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        must(queue.send(&letter(group, number)).await);
    }
}

/// Everything that can be received now.
async fn all(queue: &impl ReceiveMessages) -> Vec<Received> {
    let mut all = Vec::new();
    loop {
        let some = must(queue.receive(HIDDEN).await);
        if some.is_empty() {
            return all;
        }
        assert!(some.len() <= 10, "{some:?}");
        all.extend(some);
    }
}

fn of(received: &[Received], group: &str) -> Vec<Letter> {
    let letters = received.iter().map(|it| it.letter.clone());
    letters
        .filter(|it| it.group.as_deref() == Some(group))
        .collect()
}

/// What was sent, whole.
pub async fn reads_back_what_was_sent<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    assert_eq!(must(queue.receive(HIDDEN).await), []);
    send(queue, "a", 1..=1).await;
    let received = all(queue).await;
    assert_eq!(of(&received, "a"), [letter("a", 1)]);
    assert_eq!(must_have(received.first()).receipts, 1);
}

/// Each group in its order.
pub async fn gives_each_group_in_its_order<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    for number in 1..=3 {
        send(queue, "a", number..=number).await;
        send(queue, "b", number..=number).await;
    }
    let received = all(queue).await;
    for group in ["a", "b"] {
        assert_eq!(of(&received, group), [1, 2, 3].map(|it| letter(group, it)));
    }
}

/// Of a group of which some are out no more come; of others they do.
pub async fn hides_a_group_while_some_of_it_are_out<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    send(queue, "a", 1..=14).await;
    let first = must(queue.receive(HIDDEN).await);
    send(queue, "b", 1..=1).await;
    let then = all(queue).await;
    assert_eq!((of(&then, "a"), of(&then, "b").len()), (vec![], 1));
    for message in &first {
        must(queue.delete(message).await);
    }
    let rest = (1..=14).skip(first.len()).map(|it| letter("a", it));
    let next = must(queue.receive(HIDDEN).await);
    let expected: Vec<_> = rest.take(next.len()).collect();
    assert!(!next.is_empty());
    assert_eq!(of(&next, "a"), expected);
}

/// At its own place, with the same id and another receipt.
pub async fn gives_again_what_was_given_back<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    send(queue, "a", 1..=2).await;
    let first = all(queue).await;
    assert_eq!(all(queue).await, []);
    for message in first.iter().rev() {
        must(queue.give_back(message).await);
    }
    let again = all(queue).await;
    assert_eq!(of(&again, "a"), of(&first, "a"));
    let id = |it: &Received| (it.id.clone(), it.receipts);
    let expected: Vec<_> = first.iter().map(|it| (it.id.clone(), 2)).collect();
    assert_eq!(again.iter().map(id).collect::<Vec<_>>(), expected);
    let old = must_fail(queue.delete(must_have(first.first())).await);
    println!("by an old receipt: {old}");
}

/// For good; and what is behind it stays.
pub async fn keeps_what_is_not_deleted<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    send(queue, "a", 1..=3).await;
    let received = all(queue).await;
    let (first, rest) = must_have(received.split_first());
    must(queue.delete(first).await);
    for message in rest {
        must(queue.give_back(message).await);
    }
    assert_eq!(of(&all(queue).await, "a"), [2, 3].map(|it| letter("a", it)));
}

/// A repeat is dropped, also of what was taken out since; the same under another id is not.
pub async fn drops_a_repeat<Q: SendMessages + ReceiveMessages>(queue: &Q) {
    for _ in 0..2 {
        send(queue, "a", 1..=1).await;
    }
    let received = all(queue).await;
    assert_eq!(received.len(), 1);
    must(queue.delete(must_have(received.first())).await);
    send(queue, "a", 1..=1).await;
    let again = Letter {
        dedupe: Some("a/1+again".to_owned()),
        ..letter("a", 1)
    };
    must(queue.send(&again).await);
    assert_eq!(of(&all(queue).await, "a"), [again]);
}

/// Those that wait, and those that are out.
pub async fn counts_what_waits_and_what_is_out<Q>(queue: &Q)
where
    Q: SendMessages + ReceiveMessages + CountMessages,
{
    let counted = async || {
        let Depth { waiting, hidden } = must(queue.depth().await);
        (waiting, hidden)
    };
    assert_eq!(counted().await, (0, 0));
    send(queue, "a", 1..=2).await;
    assert_eq!(counted().await, (2, 0));
    let received = all(queue).await;
    assert_eq!(counted().await, (0, 2));
    must(queue.delete(must_have(received.first())).await);
    must(queue.give_back(must_have(received.last())).await);
    assert_eq!(counted().await, (1, 0));
}
