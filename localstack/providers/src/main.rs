//! Runs the stand-ins on one port of this machine until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use clap::Parser;
use provider_stand_ins::{Args, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("provider-stand-ins: {}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}
