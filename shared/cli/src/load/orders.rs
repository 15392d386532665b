//! `cartwright load orders`: orders that come whether or not earlier ones were answered.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::arrivals::Arrivals;
use super::latency::{Latency, Summary};
use super::plot::svg;
use crate::api::{Api, ApiError};
use crate::bar::Bar;
use crate::failure::{Ending, Failure};
use crate::order::{Basket, new_key};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Let orders come at a rate. Each takes from the moment it was due, not from when it could be sent.
#[derive(Debug, Args)]
pub(crate) struct Orders {
    #[command(flatten)]
    basket: Basket,
    /// Orders per second, on average.
    #[arg(long, default_value_t = 6.0, value_parser = rate)]
    rate: f64,
    /// For how many seconds they come.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    seconds: u32,
    /// At equal gaps, instead of at random as customers come.
    #[arg(long)]
    even: bool,
    /// Of the random gaps: the same seed gives the same arrivals.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many may be under way; those that are due meanwhile wait, and their wait counts.
    #[arg(long, default_value_t = 256)]
    at_once: usize,
    /// Draw the percentiles into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The customer's token, instead of `CUSTOMER_TOKEN`.
    #[arg(long)]
    token: Option<String>,
}

/// How many come a second.
pub(super) fn rate(text: &str) -> Result<f64, &'static str> {
    let rate: f64 = text.parse().map_err(|_| "a number")?;
    match rate.is_finite() && rate > 0.0 && rate <= 100_000.0 {
        true => Ok(rate),
        false => Err("more than 0, at most 100000"),
    }
}

/// How it went.
#[derive(Debug, PartialEq, Serialize)]
struct Report {
    orders: usize,
    /// From the first arrival to the last answer.
    seconds: f64,
    /// How many had which answer: a status of HTTP, or `unreachable`.
    answers: BTreeMap<String, usize>,
    /// Of all answers, refusals too.
    latency: Summary,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} orders in {:.1} s", self.orders, self.seconds)?;
        for (answer, count) in &self.answers {
            writeln!(f, "{count:>8} {answer}")?;
        }
        write!(f, "{}", self.latency)
    }
}

impl Orders {
    pub(super) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let api = Arc::new(Api::new(settings, self.token.as_deref())?);
        let order = Arc::new(self.basket.order());
        let place = move || {
            let (api, order) = (Arc::clone(&api), Arc::clone(&order));
            async move { answer(api.place(&order, &new_key()).await.map(drop)) }
        };
        let report = self.let_come(place).await?;
        if let Some(file) = &self.svg {
            let title = format!("{} orders a second", self.rate);
            std::fs::write(file, svg(&title, &report.latency))?;
        }
        output.say(&report)?;
        Ok(Ending::Done)
    }

    async fn let_come<F>(&self, place: impl Fn() -> F) -> Result<Report, Failure>
    where
        F: Future<Output = String> + Send + 'static,
    {
        let due = self.arrivals();
        let (mut bar, mut under_way) = (Bar::new(), JoinSet::new());
        let places = Arc::new(Semaphore::new(self.at_once.max(1)));
        let begun = Instant::now();
        for (number, after) in due.iter().enumerate() {
            bar.show(number, due.len(), "orders")?;
            sleep_until(begun + *after).await;
            under_way.spawn(one(begun + *after, Arc::clone(&places), place()));
        }
        let (mut answers, mut latency) = (BTreeMap::new(), Latency::default());
        // What panicked has no answer; nothing here does.
        while let Some(Ok((answer, took))) = under_way.join_next().await {
            *answers.entry(answer).or_default() += 1;
            latency.note(took);
        }
        bar.wipe()?;
        Ok(Report {
            orders: due.len(),
            seconds: begun.elapsed().as_secs_f64(),
            answers,
            latency: latency.summary(),
        })
    }

    fn arrivals(&self) -> Vec<Duration> {
        let arrivals = match self.even {
            true => Arrivals::even(self.rate),
            false => Arrivals::random(self.rate, self.seed),
        };
        let end = Duration::from_secs(self.seconds.into());
        arrivals.take_while(|after| *after < end).collect()
    }
}

/// The answer, and the time since it was due, the wait for a free place included.
async fn one(
    due: Instant,
    places: Arc<Semaphore>,
    placing: impl Future<Output = String>,
) -> (String, Duration) {
    let place = places.acquire().await;
    let answer = placing.await;
    drop(place);
    (answer, due.elapsed())
}

fn answer(placed: Result<(), ApiError>) -> String {
    match placed {
        Ok(()) => "201".to_owned(),
        Err(ApiError::Refused { status, .. }) => status.to_string(),
        Err(_) => "unreachable".to_owned(),
    }
}
