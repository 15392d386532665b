//! `cartwright events`.

mod replay;

use std::io::Write;

use clap::{Args, Subcommand};
use dynamo_store::{InventoryTable, OrdersTable, PaymentsTable, ShippingTable};
use jiff::Timestamp;
use messaging::Topic;

use self::replay::{Sources, Window};
use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

/// Look after events.
#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    Replay(Replay),
}

/// Publish events again, from the tables.
///
/// All events of every order, lease, payment and shipment that something happened to since the
/// given time. Consumers recognise what they have seen.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// From when on, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "RFC3339")]
    since: Timestamp,
    /// Name of this replay. Within five minutes the topic takes the same event only once per name.
    #[arg(long, value_name = "ID")]
    replay_id: Option<String>,
}

impl Events {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Replay(arguments) = self;
        let [orders, inventory, payments, shipping, topic] = settings.all([
            "ORDERS_TABLE",
            "INVENTORY_TABLE",
            "PAYMENTS_TABLE",
            "SHIPPING_TABLE",
            "EVENTS_TOPIC_ARN",
        ])?;
        let aws = sdk_config(settings).await;
        let window = Window::new(arguments.since, crate::now());
        let id = arguments.replay_id.clone().unwrap_or_else(|| window.name());
        let sources = Sources {
            orders: OrdersTable::connect(&aws, orders),
            leases: InventoryTable::connect(&aws, inventory),
            payments: PaymentsTable::connect(&aws, payments),
            shipments: ShippingTable::connect(&aws, shipping),
        };
        let topic = Topic::connect(&aws, topic).replaying(&id);
        let tally = sources.replay(&topic, window).await?;
        output.say(&tally.report(id))?;
        tally.into_ending()
    }
}
