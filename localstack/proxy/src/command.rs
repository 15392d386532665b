//! The command line.

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::proxy::{Options, Proxy, StartError};

/// Counting and physics proxy in front of an AWS endpoint.
#[derive(Debug, Parser)]
#[command(name = "aws-proxy")]
pub struct Args {
    /// Port on 127.0.0.1; 0 for a free one.
    #[arg(long)]
    port: u16,
    /// What stands behind it, plain HTTP.
    #[arg(long, default_value = "http://127.0.0.1:4566")]
    upstream: String,
    /// Decides which calls a fault with a share strikes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Names of the key attributes of all tables.
    #[arg(long, value_delimiter = ',', default_value = "pk,sk")]
    keys: Vec<String>,
}

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(args: Args) -> Result<(), StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let proxy = Proxy::start_with(Options {
        port: args.port,
        upstream: args.upstream,
        seed: args.seed,
        keys: args.keys,
        ..Options::default()
    })
    .await?;
    let (url, upstream, seed) = (proxy.url(), proxy.upstream(), proxy.seed());
    println!("listening on {url} in front of {upstream}, seed {seed}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    proxy.stop().await
}
