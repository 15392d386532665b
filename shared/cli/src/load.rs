//! `cartwright load`: many customers at once, as they come to a deployed stack.

mod arrivals;
mod latency;
mod orders;
mod plot;
mod sockets;

use std::io::Write;

use clap::Subcommand;

use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

pub(crate) use self::sockets::Crowded;

use self::orders::Orders;
use self::sockets::Sockets;

/// Let many customers come at once, and measure how they are served.
#[derive(Debug, Subcommand)]
pub(crate) enum Load {
    Orders(Box<Orders>),
    Sockets(Box<Sockets>),
}

impl Load {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        match self {
            Self::Orders(orders) => orders.run(settings, output).await,
            Self::Sockets(sockets) => sockets.run(settings, output).await,
        }
    }
}
