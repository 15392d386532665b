//! `cartwright dead-letters`: what queues gave up, and sending it back.

mod filter;
mod list;
mod replay;
mod show;
mod walk;

use std::io::Write;
use std::num::{NonZeroU32, NonZeroUsize};

use clap::{Args, Subcommand};
use domain::ports::CountMessages;

use self::filter::Filter;
use self::replay::Plan;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::pace::{Pace, Progress};
use crate::queues::{QueueNames, letters};
use crate::settings::Settings;

/// Look after what no consumer could take in.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// Say of each queue how much it gave up.
    List,
    Show(Show),
    Replay(Replay),
}

/// Show what a queue gave up. Nothing is taken away.
///
/// Of one aggregate (a group of the queue) the first ten messages are seen only. While it is looked at
/// nobody else sees it, for two minutes at most.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the queue, as `list` says it.
    queue: String,
    #[command(flatten)]
    filter: Filter,
    /// How many to show.
    #[arg(long, value_name = "N", default_value = "100")]
    limit: NonZeroUsize,
    /// Show what is in them too, personal data and all.
    #[arg(long)]
    bodies: bool,
}

/// Send back to a queue what it gave up, when the cause is mended.
///
/// A message is removed when it was sent, not before: one that cannot be sent stays, and the rest of its
/// aggregate with it. Consumers recognise what they have seen.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Name of the queue, as `list` says it.
    queue: String,
    #[command(flatten)]
    filter: Filter,
    /// Say what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// How many to send a second.
    #[arg(long, value_name = "N", default_value = "10")]
    rate: NonZeroU32,
    /// Name of this replay. Within five minutes the queue takes the same message only once per name.
    #[arg(long, value_name = "ID")]
    replay_id: Option<String>,
}

impl DeadLetters {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        match self {
            Self::List => list(settings, output).await,
            Self::Show(show) => show.run(settings, output).await,
            Self::Replay(replay) => replay.run(settings, output).await,
        }
    }
}

async fn list(settings: &Settings, output: &mut Output<impl Write>) -> Result<Ending, Failure> {
    for names in QueueNames::all(settings)? {
        let dead = letters(settings, &names.dead_letters).await?;
        output.say(&list::count(names.name, &dead).await?)?;
    }
    Ok(Ending::Done)
}

impl Show {
    async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let names = QueueNames::of(settings, &self.queue)?;
        let dead = letters(settings, &names.dead_letters).await?;
        let how = (self.limit.get(), self.bodies);
        show::show(&dead, &self.filter, how, output).await?;
        Ok(Ending::Done)
    }
}

impl Replay {
    async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let names = QueueNames::of(settings, &self.queue)?;
        let source = letters(settings, names.source()?).await?;
        let dead = letters(settings, &names.dead_letters).await?;
        let now = crate::now();
        let id = self.replay_id.clone();
        let mut plan = Plan {
            filter: &self.filter,
            id: id.unwrap_or_else(|| format!("replay-{}", now.as_millisecond())),
            began: now,
            pace: Pace::per_second(self.rate),
        };
        if self.dry_run {
            let forecast = plan.try_out(&dead, output).await?;
            output.say(&forecast)?;
            return Ok(Ending::Done);
        }
        let depth = dead.depth().await?;
        let mut progress = Progress::of("messages", output.format());
        progress.expect(depth.waiting);
        let tally = plan.replay(&dead, &source, &mut progress).await;
        output.say(&tally.report(&plan.id))?;
        tally.into_ending()
    }
}

#[cfg(test)]
mod tests;
