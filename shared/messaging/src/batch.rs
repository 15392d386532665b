//! Which events go into which call: pure, so that its rules can be tested without a topic.
//!
//! A call carries at most one event per aggregate. The entries of a call fail one by one, so with
//! two of one aggregate the second could be published without the first.

use std::collections::BTreeSet;

use contracts::events::{AUTHOR, Envelope, MAX_EVENT_BYTES, PublishOutcome, author_text};
use domain::{Author, AuthorKind, Origin};
use sha2::{Digest, Sha256};

#[cfg(test)]
pub(crate) mod tests;

/// Most entries of one call.
const MAX_ENTRIES: usize = 10;
/// Longest group or deduplication id, in characters.
const MAX_ID: usize = 128;
/// Data type of every attribute; its name counts towards the size.
pub(crate) const DATA_TYPE: &str = "String";
/// Attribute that queues filter by.
pub(crate) const AGGREGATE: &str = "aggregate";
/// Attribute for those who filter by type and need not see every sequence.
pub(crate) const TYPE: &str = "type";

/// An event in the form in which it is sent, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) body: String,
    pub(crate) group: String,
    pub(crate) dedupe: String,
    pub(crate) aggregate: String,
    pub(crate) event_type: String,
    /// Who made the change, for the audit log; nothing for the shop itself.
    pub(crate) author: Option<String>,
    /// Nothing while it is to be sent.
    pub(crate) outcome: Option<PublishOutcome>,
}

impl Message {
    /// The event as a message. A replay puts an id of its own into the deduplication id: without
    /// it the topic would drop what it saw in the last five minutes.
    pub(crate) fn new(event: &Envelope, replay: Option<&str>) -> Self {
        let dedupe = match replay {
            Some(replay) => fitting(&format!("{}+{replay}", event.id)),
            None => fitting(&event.id),
        };
        let mut message = Self {
            // An envelope is JSON by construction; the topic would refuse an empty message.
            body: serde_json::to_string(event).unwrap_or_default(),
            group: fitting(&event.group()),
            dedupe,
            aggregate: event.aggregate_kind().to_owned(),
            event_type: event.event_type.clone(),
            author: author(event, replay.is_some()),
            outcome: None,
        };
        let size = message.size();
        if size > MAX_EVENT_BYTES {
            message.outcome = Some(PublishOutcome::TooLarge(size));
        }
        message
    }

    /// Bytes that count towards the limit: the body, and name, type and value of each attribute.
    fn size(&self) -> usize {
        let attribute = |name: &str, value: &str| name.len() + DATA_TYPE.len() + value.len();
        let author = self.author.as_deref();
        self.body.len()
            + attribute(AGGREGATE, &self.aggregate)
            + attribute(TYPE, &self.event_type)
            + author.map_or(0, |author| attribute(AUTHOR, author))
    }
}

/// Of what is told again nobody knows any more who it was.
fn author(event: &Envelope, replayed: bool) -> Option<String> {
    let nobody = || Author::unnamed(AuthorKind::Anybody, Origin::default());
    let author = event.author.clone().or_else(|| replayed.then(nobody));
    author.as_ref().map(author_text)
}

/// The id, or its hash where the service takes no such id: 1 to 128 ASCII letters, digits and
/// punctuation (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
pub fn fitting(id: &str) -> String {
    let fits = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        id.to_owned()
    } else {
        hex::encode(Sha256::digest(id.as_bytes()))
    }
}

/// The places of the messages of the next call: the first one still to be sent of each aggregate,
/// as many as fit. Nothing when all have an outcome.
pub(crate) fn next_call(messages: &[Message]) -> Vec<usize> {
    let (mut call, mut bytes) = (Vec::new(), 0_usize);
    let mut groups = BTreeSet::new();
    for (place, message) in messages.iter().enumerate() {
        if message.outcome.is_some() || !groups.insert(message.group.as_str()) {
            continue;
        }
        bytes = bytes.saturating_add(message.size());
        // The first one of a call fits: larger ones have an outcome.
        if bytes > MAX_EVENT_BYTES {
            break;
        }
        call.push(place);
        if call.len() == MAX_ENTRIES {
            break;
        }
    }
    call
}

/// Holds whatever comes after an event of the same aggregate that was not published.
pub(crate) fn hold_back(messages: &mut [Message]) {
    let mut stopped = BTreeSet::new();
    for message in messages {
        match &message.outcome {
            None if stopped.contains(&message.group) => {
                message.outcome = Some(PublishOutcome::Held);
            }
            None | Some(PublishOutcome::Published | PublishOutcome::Held) => {}
            Some(_) => {
                stopped.insert(message.group.clone());
            }
        }
    }
}
