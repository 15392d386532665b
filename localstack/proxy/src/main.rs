//! Runs the proxy on one port of this machine until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use aws_proxy::{Args, run};
use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aws-proxy: {}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}
