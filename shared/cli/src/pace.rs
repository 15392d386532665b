//! Not more than so many a second, and how far it is: for commands that take a while.

use std::fmt;
use std::io::{self, Stderr, Write, stderr};
use std::num::NonZeroU32;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use crate::output::{Format, Output};

#[cfg(test)]
mod tests;

/// How often to say how far it is.
const EVERY: Duration = Duration::from_secs(2);

/// A cap on a rate. What was not used is not saved up.
#[derive(Debug)]
pub(crate) struct Pace {
    gap: Duration,
    next: Instant,
}

impl Pace {
    /// So many a second.
    pub(crate) fn per_second(rate: NonZeroU32) -> Self {
        Self {
            gap: Duration::from_secs(1) / rate.get(),
            next: Instant::now(),
        }
    }

    /// Waits until so many more may go.
    pub(crate) async fn wait(&mut self, count: usize) {
        sleep_until(self.next).await;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = self.next.max(Instant::now()) + self.gap.saturating_mul(count);
    }
}

/// Says on standard error how far it is.
#[derive(Debug)]
pub(crate) struct Progress<W> {
    output: Output<W>,
    /// Of what.
    what: &'static str,
    total: u64,
    began: Instant,
    said: Instant,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Said {
    what: &'static str,
    done: u64,
    /// About.
    of: u64,
    /// About.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_to_go: Option<u64>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, done, of, .. } = self;
        write!(f, "{done} of about {of} {what}")?;
        match self.seconds_to_go {
            Some(seconds) => {
                let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
                write!(f, ", about {hours}:{minutes:02}:{:02} to go", seconds % 60)
            }
            None => Ok(()),
        }
    }
}

impl Progress<Stderr> {
    /// Of things that are called so.
    pub(crate) fn of(what: &'static str, format: Format) -> Self {
        Self::new(what, Output::new(format, stderr()))
    }
}

impl<W: Write> Progress<W> {
    fn new(what: &'static str, output: Output<W>) -> Self {
        let now = Instant::now();
        Self {
            output,
            what,
            total: 0,
            began: now,
            said: now,
        }
    }

    /// There are about so many.
    pub(crate) const fn expect(&mut self, total: u64) {
        self.total = total;
    }

    /// Says it, unless it did a moment ago.
    pub(crate) fn note(&mut self, done: u64) -> io::Result<()> {
        let now = Instant::now();
        if now.duration_since(self.said) < EVERY {
            return Ok(());
        }
        self.said = now;
        let said = said(
            (self.what, self.total),
            done,
            now.duration_since(self.began),
        );
        self.output.say(&said)
    }
}

fn said((what, total): (&'static str, u64), done: u64, took: Duration) -> Said {
    let left = total.saturating_sub(done);
    let to_go = took.as_secs().saturating_mul(left).checked_div(done);
    Said {
        what,
        done,
        of: total.max(done),
        seconds_to_go: to_go,
    }
}

#[cfg(test)]
impl Progress<io::Sink> {
    /// To nobody.
    pub(crate) fn silent() -> Self {
        Self::new("messages", Output::new(Format::Text, io::sink()))
    }
}
