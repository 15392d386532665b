//! `cartwright order`: place, show and follow orders as a customer does.

mod place;
mod show;
mod watch;

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand};
use domain::{InvalidId, OrderId};

use crate::api::Api;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

use self::place::Place;
pub(crate) use self::place::{Basket, new_key};
use self::watch::{Pace, follow};

/// Place, show and follow orders.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    Place(Box<Place>),
    /// Show an order.
    Show {
        #[command(flatten)]
        order: One,
    },
    /// Follow an order to its end. Exits with 0 when it is confirmed, 3 when it is not, 4 when it
    /// has not ended in time.
    Watch {
        #[command(flatten)]
        order: One,
        #[command(flatten)]
        patience: Patience,
    },
}

/// Which order, and whose.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The order's id.
    #[arg(value_name = "ID", value_parser = order_id)]
    id: OrderId,
    /// The customer's token, instead of `CUSTOMER_TOKEN`.
    #[arg(long)]
    token: Option<String>,
}

/// How long to follow an order.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// Give up after this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
}

impl Patience {
    fn pace(self) -> Pace {
        Pace {
            interval: Duration::from_millis(200),
            limit: Duration::from_secs(self.timeout),
        }
    }
}

impl Order {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        match self {
            Self::Place(place) => place.run(settings, output).await,
            Self::Show { order } => {
                let api = Api::new(settings, order.token.as_deref())?;
                output.say(&show::Shown(api.order(order.id).await?))?;
                Ok(Ending::Done)
            }
            Self::Watch { order, patience } => {
                let api = Api::new(settings, order.token.as_deref())?;
                follow(&api, order.id, patience.pace(), output).await
            }
        }
    }
}

fn order_id(text: &str) -> Result<OrderId, InvalidId> {
    OrderId::parse(text)
}

/// An amount of the API for people, such as `12.00 EUR`.
fn amount(body: &contracts::AmountBody) -> String {
    domain::Money::try_from(body).map_or_else(
        |_| format!("{} {} (minor units)", body.minor, body.currency),
        |money| money.to_string(),
    )
}
