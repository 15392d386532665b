//! The `bench` command.

use bench::BenchError;
use bench::command::{Arguments, run};
use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BenchError> {
    run(Arguments::parse()).await
}
