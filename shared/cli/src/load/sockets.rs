//! `cartwright load sockets`: clients that open sockets, stay, and count what they hear.

mod client;
mod list;
mod pushed;
mod wire;

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use domain::ports::MOST_SOCKETS;
use serde::Serialize;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::arrivals::Arrivals;
use super::latency::{Latency, Summary};
use super::plot::svg;
use crate::api::Api;
use crate::bar::Bar;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

use self::client::{Client, Customer, Door};

#[cfg(test)]
mod tests;

/// For so long who opens a socket may not be told, and who hears something may be the first.
const UNSURE: Duration = Duration::from_secs(5);

/// Open many sockets, keep them open, and count what is pushed to them. Fails when one was not
/// opened, or something came twice or not at all.
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
    /// A customer's token, instead of `CUSTOMER_TOKEN`; once for each 500 sockets.
    #[arg(long, conflicts_with = "url")]
    token: Vec<String>,
}

/// More sockets than the customers have room for.
#[derive(Debug, Error)]
#[error(
    "a customer has room for {MOST_SOCKETS} sockets, so {sockets} are those of {customers}: \
     give `--token` once for each"
)]
pub(crate) struct Crowded {
    sockets: usize,
    customers: usize,
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
    /// Those of them that were pushed to a client that had them. What it asked for because it was cut
    /// may be pushed too.
    twice: u64,
    /// Numbers that a client should have and has not: they are between two that it has, or others of
    /// the same customer have them. Not known where nobody heard anything.
    missing: Option<u64>,
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
        let (messages, twice) = (self.messages, self.twice);
        match self.missing {
            Some(missing) => writeln!(f, "{messages} messages, {twice} twice, {missing} missing")?,
            None => writeln!(f, "nobody heard anything, so what is missing is not known")?,
        }
        write!(f, "{}", self.latency)
    }
}

impl Sockets {
    pub(super) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let report = self.hold(self.doors(settings)?, UNSURE).await?;
        if let Some(file) = &self.svg {
            let title = format!("Pushes to {} sockets", self.connections);
            std::fs::write(file, svg(&title, &report.latency))?;
        }
        output.say(&report)?;
        Ok(report.ending())
    }

    /// One for each customer.
    fn doors(&self, settings: &Settings) -> Result<Vec<Door>, Failure> {
        if let Some(url) = &self.url {
            return Ok(vec![Door::Open(url.clone())]);
        }
        let customers = self.connections.div_ceil(MOST_SOCKETS);
        if customers > self.token.len().max(1) {
            let sockets = self.connections;
            return Err(Crowded { sockets, customers }.into());
        }
        let given = self.token.iter().map(|token| Some(token.as_str()));
        let from_settings = self.token.is_empty().then_some(None);
        let doors = given.chain(from_settings).map(|token| {
            let api = Api::new(settings, token)?;
            Ok(Door::ByTicket(Box::new(api)))
        });
        doors.collect()
    }

    /// The customers' sockets are opened in turns. What is pushed in the unsure time after a socket was
    /// opened, or before all leave, need not come.
    async fn hold(&self, doors: Vec<Door>, unsure: Duration) -> Result<Report, Failure> {
        let due: Vec<Duration> = Arrivals::even(self.rate).take(self.connections).collect();
        let begun = Instant::now();
        let all_open = due.last().copied().unwrap_or_default();
        let until = begun + all_open + Duration::from_secs(self.hold.into());
        let tally = SharedTally::default();
        let client = |customer| Client {
            customer: Arc::new(Customer::new(customer)),
            tally: Arc::clone(&tally),
            until,
            unsure,
            ping: Duration::from_secs(self.ping.into()),
        };
        let kinds: Vec<Client> = doors.into_iter().map(client).collect();
        let (mut bar, mut clients) = (Bar::new(), JoinSet::new());
        for (after, client) in due.into_iter().zip(kinds.iter().cycle()) {
            sleep_until(begun + after).await;
            clients.spawn(client.clone().live());
            bar.show(seen(&tally).opened, self.connections, "sockets open")?;
        }
        self.watch(&tally, &mut clients, &mut bar).await?;
        bar.wipe()?;
        Ok(self.report(seen(&tally)))
    }

    async fn watch(
        &self,
        tally: &SharedTally,
        clients: &mut JoinSet<()>,
        bar: &mut Bar<impl Write>,
    ) -> Result<(), Failure> {
        loop {
            match timeout(Duration::from_millis(200), clients.join_next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(_)) => {}
                Err(_) => {
                    let tally = seen(tally);
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
            missing: (tally.messages > 0).then_some(tally.missing),
            latency: tally.latency.summary(),
        }
    }
}

impl Report {
    fn ending(&self) -> Ending {
        let all_came_once = self.twice == 0 && self.missing.unwrap_or_default() == 0;
        match all_came_once && self.opened == self.connections {
            true => Ending::Done,
            false => Ending::NotHeard,
        }
    }
}

fn seen(tally: &SharedTally) -> Tally {
    let tally = tally.lock();
    tally.unwrap_or_else(PoisonError::into_inner).clone()
}

/// What clients share.
type SharedTally = Arc<Mutex<Tally>>;
