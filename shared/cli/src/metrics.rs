//! `cartwright metrics`: counts the events of any program, and says what they were.

mod prometheus;
mod serve;

use std::fmt;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use metrics_aggregator::{Aggregates, Bounds, MetricsProcessor};
use serde::Serialize;
use tokio::net::{TcpListener, UdpSocket};
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Ending, Failure};
use crate::now;
use crate::output::Output;

/// What counts.
type Processor = Arc<MetricsProcessor<fn() -> Timestamp>>;

/// Count events of any program.
#[derive(Debug, Subcommand)]
pub(crate) enum Metrics {
    Serve(Serve),
}

/// Take events, and say what they were in the last minutes.
///
/// An event is a line of JSON with `timestamp`, `user_id`, `event_type` and `value`. `POST /events` takes
/// many, and so does a datagram. `GET /aggregates?minutes=5` says what they were, `GET /metrics` says it to
/// Prometheus. At SIGTERM or SIGINT it takes what has arrived, says what it has, and ends.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where requests come.
    #[arg(long, default_value = "127.0.0.1:9102", value_name = "ADDRESS")]
    http: SocketAddr,
    /// Where datagrams come. None do without it.
    #[arg(long, value_name = "ADDRESS")]
    udp: Option<SocketAddr>,
    /// How many minutes are held.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    minutes: u32,
    /// How many types of events are told apart.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    types: u32,
}

#[derive(Debug, Serialize)]
struct Listening {
    http: SocketAddr,
    udp: Option<SocketAddr>,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "takes events at http://{}/events", self.http)?;
        match self.udp {
            Some(udp) => write!(f, ", and datagrams at {udp}"),
            None => Ok(()),
        }
    }
}

/// What there was at the end.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Said(Aggregates);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, it) in &self.0.types {
            let (count, sum, average) = (it.count, it.sum, it.average);
            writeln!(
                f,
                "{kind}: {count}, sum {sum}, average {average}, p99 {}",
                it.p99
            )?;
        }
        let refused = self.0.refused.total();
        write!(f, "{refused} events were refused in all")
    }
}

impl Metrics {
    pub(crate) async fn run(&self, output: &mut Output<impl Write>) -> Result<Ending, Failure> {
        let Self::Serve(serve) = self;
        let bounds = Bounds {
            minutes: serve.minutes,
            types: usize::try_from(serve.types).unwrap_or(usize::MAX),
        };
        let clock: fn() -> Timestamp = now;
        let processor = Arc::new(MetricsProcessor::new(bounds, clock));
        let http = TcpListener::bind(serve.http).await?;
        let udp = match serve.udp {
            Some(address) => Some(UdpSocket::bind(address).await?),
            None => None,
        };
        output.say(&Listening {
            http: http.local_addr()?,
            udp: udp.as_ref().map(UdpSocket::local_addr).transpose()?,
        })?;
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        let said = serve::until(stop, http, udp, &processor).await?;
        output.say(&Said(said))?;
        Ok(Ending::Done)
    }
}
