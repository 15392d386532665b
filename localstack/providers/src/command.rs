//! The command line.

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::serve::{Options, StartError, router, serve_router};

/// The third parties of the local stack.
#[derive(Debug, Parser)]
#[command(name = "provider-stand-ins")]
pub struct Args {
    /// Port on 127.0.0.1.
    #[arg(long, env = "PROVIDERS_PORT", default_value_t = 4580)]
    port: u16,
    /// Folder that holds the book.
    #[arg(long, env = "PROVIDERS_BOOK", default_value = ".local/providers")]
    book: PathBuf,
}

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(args: Args) -> Result<(), StartError> {
    let listener = TcpListener::bind(("127.0.0.1", args.port))
        .await
        .map_err(|source| StartError::Port {
            port: args.port,
            source,
        })?;
    let router = router(Options {
        book: Some(args.book),
        clock: Clock::machine(),
    })?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    println!("listening on http://{}", listener.local_addr()?);
    serve_router(listener, router, async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
    .await
}

impl StartError {
    /// The error and what led to it, on one line.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}
