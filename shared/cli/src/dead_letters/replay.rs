//! Sending back what a queue gave up: sent first, removed then. Between the two a message is in both
//! queues; who is stopped there sends it once more the next time, and the consumer knows it again.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::time::Duration;

use contracts::events::Envelope;
use domain::ports::{Letter, ReceiveMessages, Received, SendMessages, StoreError};
use jiff::Timestamp;
use messaging::fitting;
use serde::Serialize;
use tokio::time::sleep;

use super::filter::Filter;
use super::show::{Shown, event_in};
use super::walk::Walk;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::pace::{Pace, Progress};

/// How often a message is tried, and how long to wait in between.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
/// After so many in a row that were not sent the queue is away.
const IN_A_ROW: u32 = 3;

/// What is to be sent back, and how.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) filter: &'a Filter,
    /// The replay's name.
    pub(super) id: String,
    /// What was sent later has come back, or came meanwhile: it is for the next time.
    pub(super) began: Timestamp,
    pub(super) pace: Pace,
}

/// What became of the messages.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: u64,
    passed_by: u64,
    not_sent: u64,
    /// Of a group of which one was not sent.
    behind: u64,
    not_removed: u64,
    /// Why the first one was left.
    first: Option<StoreError>,
    in_a_row: u32,
    stopped: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Report<'a> {
    replay_id: &'a str,
    sent: u64,
    passed_by: u64,
    not_sent: u64,
    behind: u64,
    not_removed: u64,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent back ({})", self.sent, self.replay_id)?;
        for (count, words) in [
            (self.passed_by, "passed by"),
            (self.not_sent, "not sent"),
            (self.behind, "left behind one that was not sent"),
            (self.not_removed, "sent and not removed, to be sent again"),
        ] {
            if count > 0 {
                write!(f, ", {count} {words}")?;
            }
        }
        Ok(())
    }
}

/// What a replay would do.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Forecast {
    would_be_sent: u64,
    passed_by: u64,
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            would_be_sent,
            passed_by,
        } = self;
        write!(
            f,
            "{would_be_sent} would be sent back, {passed_by} passed by"
        )
    }
}

impl Tally {
    pub(super) fn report<'a>(&self, replay_id: &'a str) -> Report<'a> {
        Report {
            replay_id,
            sent: self.sent,
            passed_by: self.passed_by,
            not_sent: self.not_sent,
            behind: self.behind,
            not_removed: self.not_removed,
        }
    }

    pub(super) fn into_ending(self) -> Result<Ending, Failure> {
        self.first
            .map_or(Ok(Ending::Done), |first| Err(Failure::Left(first)))
    }

    fn is_stopped(&self, message: &Received) -> bool {
        let group = message.letter.group.as_ref();
        group.is_some_and(|group| self.stopped.contains(group))
    }

    fn is_away(&self) -> bool {
        self.in_a_row >= IN_A_ROW
    }

    fn was_not_sent(&mut self, message: &Received, error: StoreError) {
        self.not_sent += 1;
        self.in_a_row += 1;
        self.stopped.extend(message.letter.group.clone());
        self.first.get_or_insert(error);
    }

    /// What is behind it in its group comes after it, also the next time.
    fn was_not_removed(&mut self, message: &Received, error: StoreError) {
        self.not_removed += 1;
        self.in_a_row = 0;
        self.stopped.extend(message.letter.group.clone());
        self.first.get_or_insert(error);
    }
}

impl Plan<'_> {
    /// Sends back what fits, each group in its order.
    pub(super) async fn replay<D: ReceiveMessages, Q: SendMessages>(
        &mut self,
        dead: &D,
        source: &Q,
        progress: &mut Progress<impl Write>,
    ) -> Tally {
        let mut tally = Tally::default();
        let mut walk = Walk::through(dead);
        loop {
            match walk.next().await {
                Ok(messages) if messages.is_empty() || tally.is_away() => {
                    messages.into_iter().for_each(|it| walk.keep(it));
                    break;
                }
                Ok(messages) => {
                    for message in messages {
                        let kept = self.take(message, &walk, source, &mut tally).await;
                        kept.into_iter().for_each(|it| walk.keep(it));
                    }
                }
                Err(error) => {
                    tally.first.get_or_insert(error);
                    break;
                }
            }
            // Nobody reads it: the work goes on.
            drop(progress.note(tally.sent));
        }
        walk.end().await;
        tally
    }

    /// What is left of a message where it is.
    async fn take<D: ReceiveMessages, Q: SendMessages>(
        &mut self,
        message: Received,
        walk: &Walk<'_, D>,
        source: &Q,
        tally: &mut Tally,
    ) -> Option<Received> {
        let event = event_in(&message);
        if !self.is_wanted(&message, event.as_ref()) {
            tally.passed_by += 1;
            return Some(message);
        }
        if tally.is_stopped(&message) || tally.is_away() {
            tally.behind += 1;
            return Some(message);
        }
        self.pace.wait(1).await;
        if let Err(error) = send(source, &self.letter(&message)).await {
            tally.was_not_sent(&message, error);
            return Some(message);
        }
        if let Err(error) = walk.delete(&message).await {
            tally.was_not_removed(&message, error);
            return Some(message);
        }
        tally.sent += 1;
        tally.in_a_row = 0;
        None
    }

    /// Says what would be sent, and takes nothing away.
    pub(super) async fn try_out(
        &self,
        dead: &impl ReceiveMessages,
        output: &mut Output<impl Write>,
    ) -> Result<Forecast, Failure> {
        let mut walk = Walk::through(dead);
        let forecast = self.look(&mut walk, output).await;
        walk.end().await;
        forecast
    }

    async fn look(
        &self,
        walk: &mut Walk<'_, impl ReceiveMessages>,
        output: &mut Output<impl Write>,
    ) -> Result<Forecast, Failure> {
        let mut forecast = Forecast {
            would_be_sent: 0,
            passed_by: 0,
        };
        loop {
            let messages = walk.next().await?;
            if messages.is_empty() {
                return Ok(forecast);
            }
            for message in messages {
                let event = event_in(&message);
                if self.is_wanted(&message, event.as_ref()) {
                    forecast.would_be_sent += 1;
                    output.say(&Shown::of(&message, event.as_ref(), false))?;
                } else {
                    forecast.passed_by += 1;
                }
                walk.keep(message);
            }
        }
    }

    fn is_wanted(&self, message: &Received, event: Option<&Envelope>) -> bool {
        message.sent_at <= self.began && self.filter.takes(message, event)
    }

    /// The same message under an id of its own: the queue would drop what it saw in the last five
    /// minutes. Not by the event: what takes the place of one has its id.
    fn letter(&self, message: &Received) -> Letter {
        let dedupe = fitting(&format!("{}+{}", message.id, self.id));
        let is_ordered = message.letter.group.is_some();
        Letter {
            dedupe: is_ordered.then_some(dedupe),
            ..message.letter.clone()
        }
    }
}

/// Sends, and tries again what may pass. A repeat of what was sent is dropped by the queue, because it
/// has the same id.
async fn send(source: &impl SendMessages, letter: &Letter) -> Result<(), StoreError> {
    let mut tries = 1;
    loop {
        match source.send(letter).await {
            Err(StoreError::Unavailable(_)) if tries < TRIES => {}
            sent => return sent,
        }
        tries += 1;
        sleep(PAUSE).await;
    }
}
