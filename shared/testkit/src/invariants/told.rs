//! I5 and I6 for what people are told: each event that has words is in the list of whom it concerns,
//! once; and nothing is told or mailed that did not happen. Texts are held against the book of their
//! gateway where they are tested.

use std::collections::{BTreeMap, BTreeSet};

use contracts::events::{Envelope, EventType, OrderPlaced};
use domain::{AggregateKind, CustomerId, Notification, TenantId};
use wording::{Told, told_by};

use super::{Findings, Violation, World, delivery};

/// A message is tried twice at most: once more where nobody knows what became of the first.
const TRIES: usize = 2;

/// What people were told.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Lists by their reader; who is missing has none.
    pub lists: BTreeMap<(TenantId, CustomerId), List>,
    /// What left for people's addresses, oldest first, that of orders at least.
    pub messages: Vec<Message>,
}

/// Somebody's list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Whether its reader was erased.
    pub closed: bool,
    /// What is in it, in order.
    pub entries: Vec<Notification>,
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// Its address.
    pub to: String,
    /// Its subject.
    pub title: String,
}

/// What is to be told of events that were committed, by event.
fn due(world: &World) -> BTreeMap<String, Told> {
    let committed = delivery::committed(world);
    let is_of_account = |event: &&Envelope| {
        let kind = event.aggregate_kind();
        kind == AggregateKind::Account.name()
    };
    // Of accounts what was published is all that is known.
    let accounts = world.published.iter().filter(is_of_account);
    let events = committed.values().chain(accounts);
    let told = events.filter_map(|event| Some((event.id.clone(), told_by(event).ok()??)));
    told.collect()
}

/// Whose lists are to be looked at: of those who ordered, and of whoever else is to be told something.
pub fn concerned(world: &World) -> BTreeSet<(TenantId, CustomerId)> {
    let ordered = world.orders.iter().map(|order| {
        let facts = &order.facts;
        (facts.tenant.clone(), facts.customer.clone())
    });
    let told = due(world).into_values();
    ordered
        .chain(told.map(|told| (told.tenant, told.reader)))
        .collect()
}

/// I6: nothing is in a list, and nothing left, without an event that says so.
pub(super) fn no_phantom(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I6");
    let Some(heard) = &world.heard else {
        return findings.found;
    };
    let due = due(world);
    let mut seen = BTreeSet::new();
    for ((_, reader), list) in &heard.lists {
        for entry in &list.entries {
            let id = &entry.notice.id;
            let cause = due.get(id);
            let is_so = cause.is_some_and(|it| it.notice == entry.notice && it.reader == *reader);
            findings.check(is_so, || format!("{reader} was told {id}, which is not so"));
            findings.check(seen.insert(id), || format!("{id} was told twice"));
        }
    }
    messages(world, heard, &due, &mut findings);
    findings.found
}

/// Words about an order name it.
fn messages(world: &World, heard: &Heard, due: &BTreeMap<String, Told>, findings: &mut Findings) {
    let addresses = addresses(world);
    let mut sent: BTreeMap<&Message, usize> = BTreeMap::new();
    for message in &heard.messages {
        *sent.entry(message).or_default() += 1;
    }
    for (message, times) in sent {
        let Message { to, title } = message;
        let Some((_, address)) = addresses.iter().find(|(id, _)| title.contains(*id)) else {
            continue;
        };
        let is_its = address.as_ref().is_none_or(|address| address == to);
        findings.check(is_its, || format!("“{title}” went to a stranger"));
        let causes = due.values().filter(|told| told.notice.title == *title);
        let most = TRIES * causes.count();
        findings.check(times <= most, || {
            format!("“{title}” was sent {times} times, at most {most} were due")
        });
    }
}

/// Where what is said of an order goes; of somebody who was erased it is not known.
fn addresses(world: &World) -> BTreeMap<String, Option<String>> {
    let placed = |event: &Envelope| -> Option<(String, Option<String>)> {
        let is_placed = event.event_type == EventType::OrderPlaced.as_str();
        let order: OrderPlaced = is_placed.then(|| event.data().ok())??;
        Some((order.order_id, order.contact.map(|contact| contact.email)))
    };
    let committed = delivery::committed(world);
    committed.values().filter_map(placed).collect()
}

/// I5 at rest: whoever an event of an order concerns has it in their list, and no number is missing
/// between the first and the last that are there.
pub(super) fn all_heard(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I5");
    let Some(heard) = &world.heard else {
        return findings.found;
    };
    for (id, told) in due(world) {
        let list = heard.lists.get(&(told.tenant, told.reader.clone()));
        let has = |list: &List| {
            let mut entries = list.entries.iter();
            list.closed || entries.any(|entry| entry.notice.id == id)
        };
        let has = list.is_some_and(has);
        findings.check(has, || format!("{} was not told {id}", told.reader));
    }
    for ((_, reader), list) in &heard.lists {
        let numbers = list.entries.iter().map(|entry| entry.number);
        let next = numbers.clone().skip(1);
        let without_gaps = numbers.zip(next).all(|(one, next)| next == one + 1);
        findings.check(without_gaps, || format!("the list of {reader} has a gap"));
    }
    findings.found
}
