//! What is shown, sent back and left.

mod poison;

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Parser;
use contracts::events::{Envelope, envelopes_of_order};
use domain::Sequence;
use domain::ports::{
    Attribute, CountMessages, Letter, ReceiveMessages, Received, SendMessages, StoreError,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::{an_order, at};
use testkit::fakes::{FakeQueue, Fault};

use super::filter::Filter;
use super::list::count;
use super::replay::{Plan, Tally};
use super::show::show;
use super::walk::Walk;
use crate::failure::{Ending, Failure};
use crate::output::{Format, Output};
use crate::pace::{Pace, Progress};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    filter: Filter,
}

/// The filter that somebody types.
fn filter(line: &str) -> Filter {
    let words = line.split_whitespace();
    Line::parse_from(std::iter::once("cartwright").chain(words)).filter
}

/// Placed, flagged and completed, of the order with this number.
fn events(number: u64) -> Vec<Envelope> {
    let order = an_order()
        .number(number)
        .with_contact("ada@example.org")
        .confirmed_late();
    envelopes_of_order(&order, Sequence::NONE)
}

fn letter(event: &Envelope) -> Letter {
    let author = Attribute {
        data_type: "String".to_owned(),
        value: "dora".to_owned(),
    };
    Letter {
        body: serde_json::to_string(event).unwrap(),
        group: Some(event.group()),
        dedupe: Some(event.id.clone()),
        attributes: [("author".to_owned(), author)].into(),
    }
}

/// A queue and its dead letters, a minute after these were given up.
struct World {
    clock: FakeClock,
    dead: FakeQueue,
    source: FakeQueue,
}

impl World {
    async fn with(letters: &[Letter]) -> Self {
        let clock = FakeClock::default();
        let dead = FakeQueue::at(&clock);
        for letter in letters {
            dead.send(letter).await.unwrap();
        }
        clock.advance(SignedDuration::from_mins(1));
        Self {
            source: FakeQueue::at(&clock),
            dead,
            clock,
        }
    }

    async fn of_events(events: &[Envelope]) -> Self {
        Self::with(&events.iter().map(letter).collect::<Vec<_>>()).await
    }

    fn plan<'a>(&self, filter: &'a Filter, id: &str) -> Plan<'a> {
        Plan {
            filter,
            id: id.to_owned(),
            began: self.clock.now(),
            pace: Pace::per_second(NonZeroU32::MAX),
        }
    }

    async fn replay(&self, line: &str, id: &str) -> Tally {
        let filter = filter(line);
        let mut plan = self.plan(&filter, id);
        plan.replay(&self.dead, &self.source, &mut Progress::silent())
            .await
    }

    /// Ids of the events that came back, and those that are left.
    fn ids(&self) -> (Vec<String>, Vec<String>) {
        (ids(&self.source), ids(&self.dead))
    }

    async fn shown(&self, line: &str, how: (usize, bool)) -> Vec<Value> {
        let mut output = Output::new(Format::Json, Vec::new());
        show(&self.dead, &filter(line), how, &mut output)
            .await
            .unwrap();
        let text = String::from_utf8(output.into_sink()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn ids(queue: &FakeQueue) -> Vec<String> {
    let id = |letter: Letter| Envelope::parse(&letter.body).map_or(letter.body, |event| event.id);
    queue.letters().into_iter().map(id).collect()
}

fn ids_of(events: &[Envelope]) -> Vec<String> {
    events.iter().map(|event| event.id.clone()).collect()
}

fn said(tally: &Tally) -> String {
    tally.report("r").to_string()
}

#[tokio::test]
async fn everything_goes_back_in_its_order_with_all_that_stands_beside_it() {
    let all = [events(1), events(2)].concat();
    let world = World::of_events(&all).await;
    let tally = world.replay("", "r").await;
    assert_eq!(world.ids(), (ids_of(&all), vec![]));
    assert_eq!(said(&tally), "6 sent back (r)");
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
    for (number, (event, sent)) in (1..).zip(all.iter().zip(world.source.letters())) {
        let expected = Letter {
            dedupe: Some(format!("message-{number}+r")),
            ..letter(event)
        };
        assert_eq!(sent, expected);
    }
}

/// A queue with groups shows ten of a group at a time.
#[tokio::test]
async fn a_long_group_goes_back_whole() {
    let letters: Vec<_> = (1..=35)
        .map(|number| Letter {
            body: number.to_string(),
            group: Some("account/ada".to_owned()),
            dedupe: Some(number.to_string()),
            ..Letter::default()
        })
        .collect();
    let world = World::with(&letters).await;
    world.replay("", "r").await;
    let expected: Vec<_> = (1..=35).map(|number| number.to_string()).collect();
    assert_eq!(world.ids(), (expected, vec![]));
}

#[tokio::test]
async fn only_what_fits_goes_back() {
    let all = [events(1), events(2)].concat();
    let (one, placed) = (all[0].group(), &all[0].event_type);
    let (first, last) = (all[0].time, all[2].time);
    for (line, expected) in [
        (format!("--aggregate {one}"), vec![0, 1, 2]),
        (format!("--type {placed}"), vec![0, 3]),
        (format!("--type {placed} --aggregate {one}"), vec![0]),
        (format!("--since {last}"), vec![2, 5]),
        (format!("--until {last}"), vec![0, 1, 3, 4]),
        (format!("--since {first} --until {first}"), vec![]),
    ] {
        let world = World::of_events(&all).await;
        let tally = world.replay(&line, "r").await;
        let wanted: Vec<_> = expected
            .iter()
            .map(|place| all[*place].id.clone())
            .collect();
        assert_eq!(world.ids().0, wanted, "{line}");
        assert_eq!(world.ids().1.len(), all.len() - wanted.len(), "{line}");
        assert_eq!(tally.into_ending().unwrap(), Ending::Done);
        let depth = world.dead.depth().await.unwrap();
        assert_eq!(depth.hidden, 0, "others can see them again");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_go_back_and_changes_nothing() {
    let all = events(1);
    let world = World::of_events(&all).await;
    let before = world.dead.letters();
    let filter = filter(&format!("--type {}", all[2].event_type));
    let mut output = Output::new(Format::Json, Vec::new());
    let forecast = world
        .plan(&filter, "r")
        .try_out(&world.dead, &mut output)
        .await
        .unwrap();
    assert_eq!(forecast.to_string(), "1 would be sent back, 2 passed by");
    let said = String::from_utf8(output.into_sink()).unwrap();
    assert!(
        said.contains(&all[2].event_type) && !said.contains("ada@"),
        "{said}"
    );
    assert_eq!((world.dead.letters(), world.source.sent()), (before, 0));
    world.replay("", "r").await;
    assert_eq!(world.ids(), (ids_of(&all), vec![]));
}

#[tokio::test]
async fn what_is_not_sent_stays_and_the_rest_of_its_group_with_it() {
    let all = [events(1), events(2)].concat();
    let world = World::of_events(&all).await;
    world.source.refuse(&all[0].group());
    let tally = world.replay("", "r").await;
    assert_eq!(world.ids(), (ids_of(&all[3..]), ids_of(&all[..3])));
    assert_eq!(
        said(&tally),
        "3 sent back (r), 1 not sent, 2 left behind one that was not sent"
    );
    assert!(matches!(tally.into_ending(), Err(Failure::Left(_))));
}

#[tokio::test]
async fn nothing_is_removed_while_the_queue_is_away() {
    let all = [events(1), events(2), events(3), events(4)].concat();
    let world = World::of_events(&all).await;
    world.source.set_down(true);
    let tally = world.replay("", "r").await;
    assert_eq!(world.ids(), (vec![], ids_of(&all)));
    assert_eq!(
        tally.report("r").to_string().split(',').next(),
        Some("0 sent back (r)")
    );
    tally.into_ending().unwrap_err();
    world.source.set_down(false);
    world.replay("", "s").await;
    assert_eq!(world.ids(), (ids_of(&all), vec![]));
}

/// As when the command is killed between the two.
#[tokio::test]
async fn what_was_sent_and_not_removed_is_sent_again_before_what_is_behind_it() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let all = events(1);
        let world = World::of_events(&all).await;
        world.dead.fail_next_delete(fault);
        let tally = world.replay("", "r").await;
        tally.into_ending().unwrap_err();
        assert_eq!(world.ids().0, ids_of(&all[..1]), "{fault:?}");
        let tally = world.replay("", "s").await;
        assert_eq!(tally.into_ending().unwrap(), Ending::Done);
        let again = usize::from(fault == Fault::AppliedButError);
        let expected = [&all[..1], &all[again..]].concat();
        assert_eq!(world.ids(), (ids_of(&expected), vec![]), "{fault:?}");
    }
}

/// It goes back as it is, under its own id; a queue without groups gets it without any.
#[tokio::test]
async fn what_is_no_event_of_ours_goes_back_as_it_is() {
    let grouped = Letter {
        body: "no event".to_owned(),
        group: Some("order/a".to_owned()),
        dedupe: Some("d".to_owned()),
        ..Letter::default()
    };
    let bare = Letter {
        body: "{}".to_owned(),
        ..Letter::default()
    };
    let world = World::with(&[grouped.clone(), bare.clone()]).await;
    let shown = world.shown("--aggregate order/a", (10, false)).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["type"], &shown[0]["aggregate"]),
        (&Value::Null, &json!("order/a"))
    );
    world.replay("", "r").await;
    let sent = Letter {
        dedupe: Some("message-1+r".to_owned()),
        ..grouped
    };
    assert_eq!(world.source.letters(), [sent, bare]);
    assert!(world.dead.letters().is_empty());
}

/// It would go round and round.
#[tokio::test]
async fn what_comes_meanwhile_is_for_the_next_time() {
    let all = events(1);
    let world = World::of_events(&all[..1]).await;
    let (filter, dead) = (Filter::default(), &world.dead);
    let mut plan = world.plan(&filter, "r");
    world.clock.advance(SignedDuration::from_secs(1));
    dead.send(&letter(&all[1])).await.unwrap();
    let tally = plan
        .replay(dead, &world.source, &mut Progress::silent())
        .await;
    assert_eq!(said(&tally), "1 sent back (r), 1 passed by");
    assert_eq!(world.ids(), (ids_of(&all[..1]), ids_of(&all[1..2])));
}

#[tokio::test]
async fn what_is_in_them_is_shown_to_those_who_ask() {
    let all = events(1);
    let world = World::of_events(&all).await;
    let shown = world.shown("", (2, false)).await;
    assert_eq!(
        shown,
        [1, 2].map(|number| json!({
            "message_id": format!("message-{number}"),
            "type": all[number - 1].event_type,
            "aggregate": all[0].group(),
            "sequence": number,
            "time": all[number - 1].time,
            "receipts": 1,
        }))
    );
    let shown = world.shown("", (10, true)).await;
    let body = shown[0]["body"].as_str().unwrap();
    assert!(body.contains("ada@example.org"), "{body}");
    assert_eq!((shown.len(), shown[0]["receipts"].as_u64()), (3, Some(2)));
}

#[tokio::test]
async fn a_queue_is_counted_without_hiding_anything() {
    let world = World::of_events(&events(1)).await;
    for _ in 0..2 {
        let counted = count("notify".to_owned(), &world.dead).await.unwrap();
        let counted = serde_json::to_value(counted).unwrap();
        let expected = json!({"queue": "notify", "waiting": 3, "hidden": 0, "oldest": at(0)});
        assert_eq!(counted, expected);
    }
    let empty = count("failures".to_owned(), &world.source).await.unwrap();
    assert_eq!(
        empty.to_string().trim_end(),
        "failures                  0 waiting"
    );
}

fn fifty() -> Vec<Letter> {
    let letter = |number: u32| Letter {
        body: number.to_string(),
        ..Letter::default()
    };
    (0..50).map(letter).collect()
}

/// How many messages a way leads to, if each step takes three minutes.
async fn length_of(mut walk: Walk<'_, impl ReceiveMessages>, clock: &FakeClock) -> usize {
    let mut seen = 0;
    loop {
        let messages = walk.next().await.unwrap();
        if messages.is_empty() {
            walk.end().await;
            return seen;
        }
        seen += messages.len();
        messages.into_iter().for_each(|it| walk.keep(it));
        clock.advance(SignedDuration::from_mins(3));
    }
}

/// What was looked at comes again meanwhile.
#[tokio::test]
async fn a_way_of_hours_leads_to_everything_once() {
    let world = World::with(&fifty()).await;
    let walk = Walk::through(&world.dead);
    assert_eq!(length_of(walk, &world.clock).await, 50);
}

/// A queue that hides nothing, and gives the first ten for ever.
struct Leaky<'a>(&'a FakeQueue);

impl ReceiveMessages for Leaky<'_> {
    async fn receive(&self, _: Duration) -> Result<Vec<Received>, StoreError> {
        self.0.receive(Duration::ZERO).await
    }

    async fn delete(&self, message: &Received) -> Result<(), StoreError> {
        self.0.delete(message).await
    }

    async fn give_back(&self, message: &Received) -> Result<(), StoreError> {
        self.0.give_back(message).await
    }
}

#[tokio::test]
async fn a_way_ends_where_only_what_was_seen_comes() {
    let world = World::with(&fifty()).await;
    let leaky = Leaky(&world.dead);
    assert_eq!(length_of(Walk::through(&leaky), &world.clock).await, 10);
}

#[tokio::test]
async fn a_refused_command_is_shown_with_its_reason_and_goes_back_as_it_is() {
    let reason = Attribute {
        data_type: "String".to_owned(),
        value: "there is no product hat".to_owned(),
    };
    let refused = Letter {
        body: "{}".to_owned(),
        attributes: [("reason".to_owned(), reason)].into(),
        ..Letter::default()
    };
    let world = World::with(std::slice::from_ref(&refused)).await;
    let shown = world.shown("", (1, false)).await;
    assert_eq!(shown[0]["reason"], "there is no product hat");
    assert_eq!(shown[0]["body"], Value::Null);
    world.replay("", "r").await;
    assert_eq!(world.source.letters(), [refused]);
}
