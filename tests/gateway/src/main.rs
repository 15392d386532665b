//! The `gateway` command.

use clap::Parser;
use gateway::{Arguments, GatewayError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), GatewayError> {
    gateway::run(Arguments::parse()).await
}
