//! Events against chains in memory.

use std::sync::atomic::{AtomicU8, Ordering};

use audit::{ActorKind, Entry, Head, Outcome, Shard, verify};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{
    NoteTaken, author_text, envelopes_of_lease, envelopes_of_order, note_taken,
};
use domain::{Author, AuthorKind, CustomerId, TenantId};
use domain::{FailureCode, Order, Sequence};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{a_lease, an_order, at};
use testkit::fakes::{FakeChains, Fault};
use testkit::must;

use super::*;

struct World {
    chains: FakeChains,
    writer: Writer<FakeChains>,
    salts: AtomicU8,
}

impl World {
    fn new() -> Self {
        Self::over(FakeChains::default())
    }

    /// Another process that writes to the same chains.
    fn over(chains: FakeChains) -> Self {
        Self {
            writer: Writer::new(chains.clone()),
            chains,
            salts: AtomicU8::new(0),
        }
    }

    async fn take(&self, event: &Envelope) -> Result<(), ErrorName> {
        self.hear(Labelled::bare(event.clone())).await
    }

    async fn hear(&self, message: Labelled<Envelope>) -> Result<(), ErrorName> {
        let salt = || Salt([self.salts.fetch_add(1, Ordering::Relaxed); 16]);
        let taken = handle(&self.writer, &salt, message).await;
        taken.map_err(|error| error.name())
    }

    async fn take_all(&self, events: &[Envelope]) {
        for event in events {
            assert_eq!(self.take(event).await, Ok(()), "{}", event.id);
        }
    }

    /// Verifies all chains; how many entries they have.
    fn verified(&self) -> u64 {
        let mut length = 0;
        for shard in Shard::all() {
            let all = self.chains.all().into_iter();
            let own: Vec<_> = all.filter(|it| it.shard == shard).map(Some).collect();
            length += must(verify(shard, &own, &[])).position;
        }
        length
    }

    fn entry_of(&self, event: &Envelope) -> Entry {
        let told = |entry: &Entry| entry.record.message == event.id;
        self.chains.all().into_iter().find(told).unwrap()
    }
}

fn events_of(order: &Order) -> Vec<Envelope> {
    envelopes_of_order(order, Sequence::NONE)
}

fn events() -> Vec<Envelope> {
    let mut events = events_of(&an_order().confirmed());
    let lease = a_lease().sold();
    events.extend(envelopes_of_lease(&lease, Sequence::NONE));
    events.extend(events_of(
        &an_order().number(2).failed(FailureCode::OutOfStock),
    ));
    events
}

#[tokio::test]
async fn every_event_is_one_entry() {
    let world = World::new();
    world.take_all(&events()).await;
    world.take_all(&events()).await;
    assert_eq!(world.verified(), events().len() as u64);
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_which_object() {
    let world = World::new();
    world.take_all(&events()).await;
    let [placed, completed, ..] = &events()[..] else {
        panic!("an order that was placed and completed");
    };
    let entry = world.entry_of(placed);
    assert_eq!(entry.shard, Shard::of(&placed.group()));
    let record = entry.record;
    assert_eq!(record.object, placed.group());
    assert_eq!(record.action, "cartwright.order.placed.v1");
    assert_eq!(record.at, placed.time);
    assert_eq!(record.outcome, Outcome::Done);
    assert_eq!(record.from.request, placed.traceparent);
    assert_eq!(record.actor.kind, ActorKind::Account);
    assert_eq!(record.actor.tenant.as_deref(), Some("main"));
    assert_eq!(record.actor.subject.unwrap().value(), Some("alice"));
    let actor = world.entry_of(completed).record.actor;
    assert_eq!((actor.kind, actor.subject), (ActorKind::System, None));
}

fn author(kind: AuthorKind) -> Author {
    let from = domain::Origin {
        address: Some("192.0.2.77".to_owned()),
        request: Some("request-7".to_owned()),
    };
    Author {
        tenant: Some(must(TenantId::parse("main"))),
        subject: Some(must(CustomerId::parse("dora"))),
        ..Author::unnamed(kind, from)
    }
}

#[tokio::test]
async fn an_entry_says_who_asked_for_the_change_and_from_where() {
    let world = World::new();
    let events = events_of(&an_order().confirmed());
    let kinds = [
        (AuthorKind::Account, ActorKind::Account),
        (AuthorKind::Service, ActorKind::Service),
        (AuthorKind::Operator, ActorKind::Operator),
    ];
    for (event, (kind, expected)) in events.iter().zip(kinds) {
        let message = Labelled::bare(event.clone()).with(AUTHOR, author_text(&author(kind)));
        assert_eq!(world.hear(message).await, Ok(()));
        let record = world.entry_of(event).record;
        assert_eq!(record.actor.kind, expected);
        assert_eq!(record.actor.subject.unwrap().value(), Some("dora"));
        assert_eq!(record.from.address.unwrap().value(), Some("192.0.2.77"));
        assert_eq!(record.from.request.as_deref(), Some("request-7"));
    }
    assert_eq!(world.verified(), 2);
}

#[tokio::test]
async fn of_what_is_told_again_nobody_says_that_it_was_the_shop() {
    let world = World::new();
    let events = events_of(&an_order().confirmed());
    let nobody = Author::unnamed(AuthorKind::Anybody, domain::Origin::default());
    for event in &events {
        let message = Labelled::bare(event.clone()).with(AUTHOR, author_text(&nobody));
        assert_eq!(world.hear(message).await, Ok(()));
    }
    let kinds: Vec<_> = events
        .iter()
        .map(|event| world.entry_of(event).record.actor.kind)
        .collect();
    // Who placed an order, the order itself says.
    assert_eq!(kinds, [ActorKind::Account, ActorKind::Unknown]);
}

#[tokio::test]
async fn a_note_is_told_as_what_it_is_of() {
    let world = World::new();
    let data = NoteTaken {
        action: "GET /api/v1/admin/orders".to_owned(),
        object: "route/GET".to_owned(),
        refused: Some("forbidden".to_owned()),
    };
    let note = note_taken("refused-1".to_owned(), Sequence(1), at(7), None, &data);
    let message = Labelled::bare(note.clone());
    let by = author_text(&author(AuthorKind::Account));
    assert_eq!(world.hear(message.with(AUTHOR, by)).await, Ok(()));
    let record = world.entry_of(&note).record;
    assert_eq!((record.action, record.object), (data.action, data.object));
    assert_eq!(record.outcome, Outcome::Refused("forbidden".to_owned()));
    assert_eq!(record.actor.tenant.as_deref(), Some("main"));
}

#[tokio::test]
async fn an_author_that_nobody_can_read_goes_back() {
    let world = World::new();
    let message = Labelled::bare(events()[0].clone()).with(AUTHOR, "{}".to_owned());
    assert_eq!(world.hear(message).await, Err(ErrorName::BadInput));
}

#[tokio::test]
async fn nothing_personal_of_an_event_is_told_but_who_acted() {
    let world = World::new();
    let order = an_order().with_contact("ada@example.org").confirmed_late();
    for event in events_of(&order) {
        let by = author_text(&author(AuthorKind::Account));
        let message = Labelled::bare(event).with(AUTHOR, by);
        assert_eq!(world.hear(message).await, Ok(()));
    }
    let mut entries = world.chains.all();
    for entry in &mut entries {
        entry.record.erase();
    }
    let text = format!("{entries:?}");
    for secret in ["ada@example.org", "alice", "dora", "192.0.2.77"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn two_processes_write_one_chain() {
    let one = World::new();
    let other = World::over(one.chains.clone());
    for (number, event) in events().iter().enumerate() {
        let world = if number % 2 == 0 { &one } else { &other };
        assert_eq!(world.take(event).await, Ok(()));
    }
    other.take_all(&events()).await;
    one.take_all(&events()).await;
    assert_eq!(one.verified(), events().len() as u64);
}

#[tokio::test]
async fn a_write_that_failed_is_done_again_and_one_that_was_lost_is_not() {
    let world = World::new();
    let events = events();
    for (event, fault) in events
        .iter()
        .zip([Fault::FailBefore, Fault::AppliedButError])
    {
        world.chains.fail_next_write(fault);
        assert_eq!(world.take(event).await, Err(ErrorName::Unavailable));
    }
    world.take_all(&events).await;
    assert_eq!(world.verified(), events.len() as u64);
}

#[tokio::test]
async fn who_keeps_losing_goes_back_to_the_queue() {
    let world = World::new();
    for _ in 0..8 {
        world.chains.fail_next_write(Fault::Conflict);
    }
    let first = &events()[0];
    assert_eq!(world.take(first).await, Err(ErrorName::Conflict));
    assert_eq!(world.take(first).await, Ok(()));
    assert_eq!(world.verified(), 1);
}

#[tokio::test]
async fn a_chain_is_read_once_and_then_remembered() {
    let world = World::new();
    let events = events_of(&an_order().confirmed());
    world.take(&events[0]).await.unwrap();
    let reads = world.chains.reads();
    world.take_all(&events).await;
    assert_eq!(world.chains.reads(), reads);
}

#[tokio::test]
async fn what_is_no_event_of_ours_goes_back() {
    let world = World::new();
    let good = &events()[0];
    let spoil = |change: fn(&mut Envelope)| {
        let mut event = good.clone();
        change(&mut event);
        event
    };
    for event in [
        spoil(|it| it.id.clear()),
        spoil(|it| it.id = "x".repeat(513)),
        spoil(|it| it.subject.clear()),
        spoil(|it| it.subject = "x".repeat(513)),
        spoil(|it| it.event_type = "cartwright".to_owned()),
        spoil(|it| it.tenant = Some("x".repeat(513))),
        spoil(|it| it.data = json!({"order_id": 7})),
        spoil(|it| it.data["customer_id"] = json!("x".repeat(513))),
    ] {
        assert_eq!(
            world.take(&event).await,
            Err(ErrorName::BadInput),
            "{event:?}"
        );
    }
    assert_eq!(world.verified(), 0);
}

#[tokio::test]
async fn an_event_of_a_kind_that_nobody_knows_yet_is_told() {
    let world = World::new();
    let mut event = events()[0].clone();
    event.event_type = "cartwright.gift.wrapped.v1".to_owned();
    assert_eq!(world.take(&event).await, Ok(()));
    let object = world.entry_of(&event).record.object;
    assert_eq!(object, format!("gift/{}", event.subject));
}

/// A batch as SQS hands it to the function.
#[tokio::test]
async fn answers_the_queue_through_the_runner() {
    let text = include_str!("../../notify/fixtures/notify-queue.json");
    let event: Value = serde_json::from_str(text).unwrap();
    let messages = event["Records"].as_array().unwrap().len();
    let world = World::new();
    let salt = || Salt([0; 16]);
    let answer = queue::answer(
        async |message| handle(&world.writer, &salt, message).await,
        event,
    );
    assert_eq!(answer.await.unwrap().returned().count(), 0);
    assert_eq!(world.verified(), messages as u64);
    assert_eq!(
        must(audit::last(&world.chains, Head::empty(Shard::of("x"))).await).shard,
        Shard::of("x")
    );
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["AUDIT_TABLE"]);
}
