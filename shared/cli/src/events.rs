//! `cartwright events`.

mod replay;
mod skip;
mod stored;

use std::io::Write;
use std::num::NonZeroU32;

use clap::{Args, Subcommand};
use contracts::events::EventType;
use domain::CustomerId;
use dynamo_store::RealtimeTable;
use jiff::Timestamp;
use messaging::Topic;

use self::replay::{Going, Wanted};
use self::skip::{Consumer, Request};
use self::stored::{Subject, Tables};
use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::pace::{Pace, Progress};
use crate::queues::{QueueNames, connect};
use crate::settings::Settings;

pub(crate) use skip::SkipError;

/// Longest reason, in bytes: an entry of the audit log has room for so much.
const MAX_REASON: usize = 300;

/// Look after events.
#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    Replay(Replay),
    Skip(Skip),
}

/// Publish events again, from the tables.
///
/// All events of every order, lease, payment and shipment that something happened to since the
/// given time. Consumers recognise what they have seen.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// From when on, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "RFC3339", required_unless_present = "aggregate")]
    since: Option<Timestamp>,
    /// Only events of this aggregate, such as order/00000000-0000-0000-0000-000000000007.
    #[arg(long, value_name = "KIND/ID")]
    aggregate: Option<Subject>,
    /// Only events of this type, such as cartwright.order.completed.v1. Who waits for others of an
    /// aggregate still waits for them then.
    #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
    event_type: Option<EventType>,
    /// How many to publish a second, in the long run; those of twenty orders go at once.
    #[arg(long, value_name = "N", default_value = "100")]
    rate: NonZeroU32,
    /// Name of this replay. Within five minutes the topic takes the same event only once per name.
    #[arg(long, value_name = "ID")]
    replay_id: Option<String>,
}

/// Let consumers go on over an event that can never be applied, or never be published.
///
/// What takes its place has the same number and no effect; what waits behind it is applied then. The
/// audit log says who did it, and why. What the event should have done stays undone.
#[derive(Debug, Args)]
pub(crate) struct Skip {
    /// By this consumer, which cannot apply it.
    #[arg(long, value_name = "NAME", required_unless_present = "all")]
    consumer: Option<Consumer>,
    /// By everybody, because it cannot be published. What came after it is published again.
    #[arg(long, conflicts_with = "consumer")]
    all: bool,
    /// Of what, such as order/00000000-0000-0000-0000-000000000007.
    #[arg(long, value_name = "KIND/ID")]
    aggregate: Subject,
    /// Its number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sequence: u32,
    /// Your name, for the audit log.
    #[arg(long, value_name = "NAME", value_parser = name)]
    by: CustomerId,
    /// Why, in a few words, for the audit log. It is kept for good: nothing about persons.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// Only look whether it can be skipped.
    #[arg(long)]
    dry_run: bool,
}

fn event_type(text: &str) -> Result<EventType, &'static str> {
    EventType::parse(text).ok_or("there is no such type")
}

fn name(text: &str) -> Result<CustomerId, domain::InvalidId> {
    CustomerId::parse(text)
}

fn reason(text: &str) -> Result<String, String> {
    let fits = (1..=MAX_REASON).contains(&text.trim().len());
    let fits = fits && !text.chars().any(char::is_control);
    fits.then(|| text.trim().to_owned())
        .ok_or_else(|| format!("1 to {MAX_REASON} bytes in one line"))
}

impl Events {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        match self {
            Self::Replay(replay) => replay.run(settings, output).await,
            Self::Skip(skip) => skip.run(settings, output).await,
        }
    }
}

impl Replay {
    async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let tables = Tables::connect(settings).await?;
        let topic = topic(settings).await?;
        let wanted = Wanted {
            since: self.since,
            aggregate: self.aggregate,
            event_type: self.event_type,
            now: crate::now(),
        };
        let going = Going {
            pace: Pace::per_second(self.rate),
            progress: Progress::of("orders", output.format()),
        };
        let id = self.replay_id.clone().unwrap_or_else(|| wanted.name());
        let topic = topic.replaying(&id);
        let tally = tables.replay(&topic, &wanted, going).await?;
        output.say(&tally.report(id))?;
        tally.into_ending()
    }
}

async fn topic(settings: &Settings) -> Result<Topic, Failure> {
    let arn = settings.one("EVENTS_TOPIC_ARN")?;
    Ok(Topic::connect(&sdk_config(settings).await, arn))
}

impl Skip {
    async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let now = crate::now();
        let request = self.request(now);
        let tables = Tables::connect(settings).await?;
        let skipping = request.prepare(&tables.events(self.aggregate).await?)?;
        for consumer in request.consumers()? {
            match consumer {
                Consumer::Notify => {
                    let table = settings.one("REALTIME_TABLE")?;
                    let inbox = RealtimeTable::connect(&sdk_config(settings).await, table);
                    request.is_awaited(consumer, &inbox).await?;
                }
                Consumer::TrackShipments => request.is_awaited(consumer, &tables.orders).await?,
            }
        }
        if self.dry_run {
            output.say(&skipping.forecast())?;
            return Ok(Ending::Done);
        }
        let topic = topic(settings).await?;
        let done = match self.consumer {
            Some(consumer) => {
                let names = QueueNames::of(settings, consumer.name())?;
                let queue = connect(settings, names.source()?).await?.at(now);
                skipping.carry_out(&topic, &queue).await?
            }
            None => {
                let id = format!("skip-{}", now.as_millisecond());
                let again = topic.clone().replaying(id);
                skipping.carry_out(&topic, &again).await?
            }
        };
        output.say(&done)?;
        Ok(Ending::Done)
    }

    fn request(&self, now: Timestamp) -> Request {
        Request {
            subject: self.aggregate,
            sequence: self.sequence,
            consumer: self.consumer,
            by: self.by.clone(),
            reason: self.reason.clone(),
            now,
        }
    }
}
