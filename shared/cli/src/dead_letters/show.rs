//! What a message is, without what is in it unless somebody asks for that.

use std::fmt;
use std::io::Write;

use contracts::commands::REASON;
use contracts::events::Envelope;
use domain::ports::{ReceiveMessages, Received};
use jiff::Timestamp;
use serde::Serialize;

use super::filter::Filter;
use super::walk::Walk;
use crate::failure::Failure;
use crate::output::Output;

/// A message in a line.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Shown<'a> {
    message_id: &'a str,
    /// Nothing of what is no event of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u32>,
    /// When it happened; when it was sent, of what is no event of ours.
    time: Timestamp,
    /// This look included.
    receipts: u32,
    /// Why it was refused, where whoever refused it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

impl<'a> Shown<'a> {
    pub(super) fn of(message: &'a Received, event: Option<&'a Envelope>, bodies: bool) -> Self {
        let group = event.map(Envelope::group);
        let reason = message.letter.attributes.get(REASON);
        Self {
            message_id: &message.id,
            event_type: event.map(|event| event.event_type.as_str()),
            aggregate: group.or_else(|| message.letter.group.clone()),
            sequence: event.map(|event| event.sequence),
            time: event.map_or(message.sent_at, |event| event.time),
            receipts: message.receipts,
            reason: reason.map(|reason| reason.value.as_str()),
            body: bodies.then_some(&message.letter.body),
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aggregate = self.aggregate.as_deref().unwrap_or("-");
        write!(f, "{:.0}  {aggregate}", self.time)?;
        if let Some(sequence) = self.sequence {
            write!(f, "  {sequence}")?;
        }
        let event_type = self.event_type.unwrap_or("no event of ours");
        let (receipts, id) = (self.receipts, self.message_id);
        write!(f, "  {event_type}  received {receipts} times  {id}")?;
        if let Some(reason) = self.reason {
            write!(f, "\n    refused: {reason}")?;
        }
        match self.body {
            Some(body) => write!(f, "\n    {body}"),
            None => Ok(()),
        }
    }
}

/// The event in a message, if it is one of ours.
pub(super) fn event_in(message: &Received) -> Option<Envelope> {
    Envelope::parse(&message.letter.body).ok()
}

/// Says what fits, up to a limit, with or without what is in them.
pub(super) async fn show(
    dead: &impl ReceiveMessages,
    filter: &Filter,
    how: (usize, bool),
    output: &mut Output<impl Write>,
) -> Result<(), Failure> {
    let mut walk = Walk::through(dead);
    let shown = go_through(&mut walk, filter, how, output).await;
    walk.end().await;
    shown
}

async fn go_through(
    walk: &mut Walk<'_, impl ReceiveMessages>,
    filter: &Filter,
    (limit, bodies): (usize, bool),
    output: &mut Output<impl Write>,
) -> Result<(), Failure> {
    let mut shown = 0;
    while shown < limit {
        let messages = walk.next().await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let event = event_in(&message);
            if shown < limit && filter.takes(&message, event.as_ref()) {
                output.say(&Shown::of(&message, event.as_ref(), bodies))?;
                shown += 1;
            }
            walk.keep(message);
        }
    }
    Ok(())
}
