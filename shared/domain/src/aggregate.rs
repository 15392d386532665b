//! What all aggregates have in common: a decision is a pure function, its events are raised
//! inside the aggregate and collected there, and one change tracker says what to store.

use jiff::Timestamp;

use crate::Sequence;

/// Which kind of aggregate raised an event. Queues are filtered by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    /// An order.
    Order,
    /// The stock held for one order.
    Lease,
    /// The stock of one SKU.
    Stock,
    /// The payment of one order.
    Payment,
    /// The shipment of one order.
    Shipment,
    /// A product.
    Product,
    /// A course.
    Course,
    /// Who somebody is.
    Account,
    /// What is of interest to the audit log alone.
    Note,
}

impl AggregateKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Order,
        Self::Lease,
        Self::Stock,
        Self::Payment,
        Self::Shipment,
        Self::Product,
        Self::Course,
        Self::Account,
        Self::Note,
    ];

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name used in event types, message attributes and filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Lease => "lease",
            Self::Stock => "stock",
            Self::Payment => "payment",
            Self::Shipment => "shipment",
            Self::Product => "product",
            Self::Course => "course",
            Self::Account => "account",
            Self::Note => "note",
        }
    }
}

/// The unit that changes in one write.
pub trait Aggregate: Clone + Send + Sync {
    /// What identifies it.
    type Id: Clone + Send + Sync;
    /// What it can be asked to do.
    type Command;
    /// What it did.
    type Event: Clone + std::fmt::Debug + PartialEq + Send + Sync;
    /// Why it refused.
    type Rejection: std::error::Error;
    /// Its kind.
    const KIND: AggregateKind;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// What the command would do in the present state: nothing when it has been done already.
    ///
    /// # Errors
    /// The rejection, when the command is not allowed in the present state.
    fn decide(&self, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Whether others are told of it. What was only decided, or is only about to be tried, stays
    /// in the aggregate's own record: it has no number, and nobody waits for it.
    fn is_news(_event: &Self::Event) -> bool {
        true
    }

    /// Takes an event into the state. Never fails: what was decided has happened.
    fn apply(&mut self, event: &Self::Event, at: Timestamp);

    /// The events raised so far.
    fn events(&self) -> &EventRaiser<Self::Event>;
    /// The events raised so far, to raise another.
    fn events_mut(&mut self) -> &mut EventRaiser<Self::Event>;
    /// What has to be stored.
    fn changes(&self) -> &ChangeTracker;
    /// What has to be stored, to note another change.
    fn changes_mut(&mut self) -> &mut ChangeTracker;

    /// Decides, raises the events and takes them into the state.
    ///
    /// # Errors
    /// The rejection; the aggregate is unchanged then.
    fn execute(&mut self, command: &Self::Command, at: Timestamp) -> Result<(), Self::Rejection> {
        for event in self.decide(command)? {
            self.apply(&event, at);
            if Self::is_news(&event) {
                self.events_mut().raise(event, at);
                self.changes_mut().note_news();
            } else {
                self.events_mut().keep(event, at);
                self.changes_mut().note();
            }
        }
        Ok(())
    }
}

/// One event with its place in the life of its aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised<E> {
    /// 1, 2, 3 … without gaps over what others are told of. What they are not told of has the
    /// number of the last that they were, 0 before the first.
    pub sequence: Sequence,
    /// When it happened in the domain, not when it was stored or published.
    pub at: Timestamp,
    /// What happened.
    pub event: E,
}

/// Collects the events of one aggregate. They leave only with the aggregate's own write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRaiser<E> {
    raised: Vec<Raised<E>>,
}

impl<E> Default for EventRaiser<E> {
    fn default() -> Self {
        Self { raised: Vec::new() }
    }
}

impl<E> EventRaiser<E> {
    /// The events of a stored aggregate, oldest first.
    pub fn restored(raised: Vec<Raised<E>>) -> Self {
        Self { raised }
    }

    /// All events, oldest first.
    pub fn all(&self) -> &[Raised<E>] {
        &self.raised
    }

    /// The sequence of the newest event that others are told of; 0 when there is none.
    pub fn last_sequence(&self) -> Sequence {
        self.raised
            .last()
            .map_or(Sequence::NONE, |raised| raised.sequence)
    }

    pub(crate) fn raise(&mut self, event: E, at: Timestamp) {
        self.push(self.last_sequence().next(), event, at);
    }

    pub(crate) fn keep(&mut self, event: E, at: Timestamp) {
        self.push(self.last_sequence(), event, at);
    }

    fn push(&mut self, sequence: Sequence, event: E, at: Timestamp) {
        self.raised.push(Raised {
            sequence,
            at,
            event,
        });
    }
}

/// Which version of the aggregate is stored, whether there is anything new to store, and whether
/// others are to be told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeTracker {
    stored: u64,
    changed: bool,
    news: bool,
}

impl ChangeTracker {
    /// The tracker of an aggregate read at this version.
    pub fn stored_at(version: u64) -> Self {
        Self {
            stored: version,
            ..Self::default()
        }
    }

    /// The version in the store; 0 when it was never stored.
    pub fn stored_version(&self) -> u64 {
        self.stored
    }

    /// The version that the next write will have.
    pub fn next_version(&self) -> u64 {
        self.stored.saturating_add(1)
    }

    /// Whether there is anything to store.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether the next version raises an event that others are told of.
    pub fn is_news(&self) -> bool {
        self.news
    }

    /// Notes a change that nobody is told of.
    pub fn note(&mut self) {
        self.changed = true;
    }

    /// Notes a change that others are told of.
    pub(crate) fn note_news(&mut self) {
        self.changed = true;
        self.news = true;
    }

    /// Notes that the next version has been stored.
    pub fn saved(&mut self) {
        *self = Self::stored_at(self.next_version());
    }
}
