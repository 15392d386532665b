//! `cartwright load sockets`: clients that open sockets, stay, and count what they hear.

mod client;
mod list;
mod wire;

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::arrivals::Arrivals;
use super::bar::Bar;
use super::latency::{Latency, Summary};
use super::plot::svg;
use crate::api::Api;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

use self::client::{Client, Door};

#[cfg(test)]
mod tests;

/// Open many sockets, keep them open, and count what is pushed to them.
#[derive(Debug, Args)]
pub(crate) struct Sockets {
    /// How many.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    connections: usize,
    /// How many are opened a second; API Gateway takes 500 of all clients together.
    #[arg(long, default_value_t = 100.0, value_parser = super::orders::rate)]
    rate: f64,
    /// For how many seconds they stay, once all were opened.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    hold: u32,
    /// How often each says that it is there, in seconds; API Gateway ends one that is silent for
    /// 600.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=600))]
    ping: u32,
    /// Where they are opened, without a ticket; else each asks the API for its ticket.
    #[arg(long, value_name = "WS-URL")]
    url: Option<String>,
    /// Draw the percentiles into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The customer's token, instead of `CUSTOMER_TOKEN`.
    #[arg(long, conflicts_with = "url")]
    token: Option<String>,
}

/// What all clients together have seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Clients that were let in at least once.
    opened: usize,
    /// Clients that have ended.
    ended: usize,
    /// Tries that were refused, a ticket's or a socket's.
    refused: usize,
    cuts: usize,
    resumed: usize,
    pongs: usize,
    messages: usize,
    twice: u64,
    missing: u64,
    latency: Latency,
}

/// How it went.
#[derive(Debug, PartialEq, Serialize)]
struct Report {
    connections: usize,
    /// Clients that were let in at least once.
    opened: usize,
    /// Tries that were refused; each is made again a second later.
    refused: usize,
    /// Sockets that the other side ended.
    cuts: usize,
    /// Times that a client was told all it had missed.
    resumed: usize,
    /// Answers to "are you there".
    pongs: usize,
    /// Notifications that came.
    messages: usize,
    /// Those of them that the same client had.
    twice: u64,
    /// Numbers that a client should have and has not.
    missing: u64,
    /// From the time in a notification to its arrival, of those that were pushed at once. Two
    /// machines' clocks differ.
    latency: Summary,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connections,
            opened,
            refused,
            cuts,
            resumed,
            ..
        } = self;
        writeln!(
            f,
            "{opened} of {connections} sockets opened, {refused} tries refused, {cuts} cuts, \
             {resumed} resumed"
        )?;
        let (messages, twice, missing) = (self.messages, self.twice, self.missing);
        writeln!(f, "{messages} messages, {twice} twice, {missing} missing")?;
        write!(f, "{}", self.latency)
    }
}

impl Sockets {
    pub(super) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let door = match &self.url {
            Some(url) => Door::Open(url.clone()),
            None => Door::ByTicket(Box::new(Api::new(settings, self.token.as_deref())?)),
        };
        let report = self.hold(door).await?;
        if let Some(file) = &self.svg {
            let title = format!("Pushes to {} sockets", self.connections);
            std::fs::write(file, svg(&title, &report.latency))?;
        }
        output.say(&report)?;
        Ok(Ending::Done)
    }

    async fn hold(&self, door: Door) -> Result<Report, Failure> {
        let due: Vec<Duration> = Arrivals::even(self.rate).take(self.connections).collect();
        let begun = Instant::now();
        let all_open = due.last().copied().unwrap_or_default();
        let until = begun + all_open + Duration::from_secs(self.hold.into());
        let client = Client {
            door: Arc::new(door),
            tally: Arc::default(),
            until,
            ping: Duration::from_secs(self.ping.into()),
        };
        let (mut bar, mut clients) = (Bar::new(), JoinSet::new());
        for after in due {
            sleep_until(begun + after).await;
            clients.spawn(client.clone().live());
            bar.show(client.tally().opened, self.connections, "sockets open")?;
        }
        self.watch(&client, &mut clients, &mut bar).await?;
        bar.wipe()?;
        let tally = client.tally();
        Ok(self.report(tally))
    }

    async fn watch(
        &self,
        client: &Client,
        clients: &mut JoinSet<()>,
        bar: &mut Bar<impl Write>,
    ) -> Result<(), Failure> {
        loop {
            match timeout(Duration::from_millis(200), clients.join_next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(_)) => {}
                Err(_) => {
                    let tally = client.tally();
                    let open = tally.opened.saturating_sub(tally.ended);
                    let what = format!("sockets open, {} messages", tally.messages);
                    bar.show(open, self.connections, &what)?;
                }
            }
        }
    }

    fn report(&self, tally: Tally) -> Report {
        Report {
            connections: self.connections,
            opened: tally.opened,
            refused: tally.refused,
            cuts: tally.cuts,
            resumed: tally.resumed,
            pongs: tally.pongs,
            messages: tally.messages,
            twice: tally.twice,
            missing: tally.missing,
            latency: tally.latency.summary(),
        }
    }
}

impl Client {
    fn tally(&self) -> Tally {
        let tally = self.tally.lock();
        tally.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What clients share.
type SharedTally = Arc<Mutex<Tally>>;
