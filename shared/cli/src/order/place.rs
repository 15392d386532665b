//! `cartwright order place`.

use std::fmt;
use std::io::Write;

use clap::Args;
use contracts::http::{OrderPlacedBody, PlaceOrder, PlaceOrderContact, PlaceOrderLine};
use contracts::{AddressBody, AmountBody};
use domain::OrderId;
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use super::{Patience, amount, follow};
use crate::api::Api;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Place an order.
#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    basket: Basket,
    /// Idempotency key: the same key never places a second order. A new one unless given.
    #[arg(long)]
    key: Option<String>,
    /// Follow the order to its end, as `order watch` does.
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    patience: Patience,
    /// The customer's token, instead of `CUSTOMER_TOKEN`.
    #[arg(long)]
    token: Option<String>,
}

/// What is ordered, and for whom.
#[derive(Debug, Args)]
pub(crate) struct Basket {
    /// A product and how many of it. Repeat it for more products.
    #[arg(long = "line", value_name = "PRODUCT=QTY", value_parser = line, required = true)]
    lines: Vec<PlaceOrderLine>,
    /// The payment provider's token for the card.
    #[arg(long, default_value = "pm_card_visa")]
    payment_method: String,
    /// Where to tell the customer about this order.
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    ship_to: ShipTo,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where to ship")]
struct ShipTo {
    /// Who receives it.
    #[arg(long, default_value = "A. Buyer")]
    name: String,
    /// Street and number.
    #[arg(long, default_value = "1 High Street")]
    street: String,
    /// Town.
    #[arg(long, default_value = "Bristol")]
    city: String,
    /// Postal code.
    #[arg(long, default_value = "BS1 1AA")]
    postcode: String,
    /// Country code of two letters.
    #[arg(long, default_value = "GB")]
    country: String,
}

#[derive(Debug, Error)]
#[error("PRODUCT=QTY, such as p-0001=2")]
struct NotALine;

fn line(text: &str) -> Result<PlaceOrderLine, NotALine> {
    let (product, quantity) = text.rsplit_once('=').ok_or(NotALine)?;
    let quantity = quantity.parse().map_err(|_| NotALine)?;
    if product.is_empty() {
        return Err(NotALine);
    }
    Ok(PlaceOrderLine {
        product_id: product.to_owned(),
        quantity,
    })
}

#[derive(Debug, Serialize)]
struct Placed {
    order_id: String,
    status: String,
    total: AmountBody,
    placed_at: Timestamp,
    key: String,
    replayed: bool,
}

impl Placed {
    fn new(body: OrderPlacedBody, key: String, replayed: bool) -> Self {
        Self {
            order_id: body.order_id,
            status: body.status,
            total: body.total,
            placed_at: body.placed_at,
            key,
            replayed,
        }
    }
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, total) = (&self.order_id, amount(&self.total));
        let before = if self.replayed { " before" } else { "" };
        write!(f, "order {id} placed{before}: {total}")
    }
}

impl Place {
    pub(super) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let api = Api::new(settings, self.token.as_deref())?;
        let key = self.key.clone().unwrap_or_else(new_key);
        let (placed, replayed) = api.place(&self.basket.order(), &key).await?;
        let id = OrderId::parse(&placed.order_id);
        output.say(&Placed::new(placed, key, replayed))?;
        match id {
            Ok(id) if self.watch => follow(&api, id, self.patience.pace(), output).await,
            _ => Ok(Ending::Done),
        }
    }
}

impl Basket {
    /// As the API takes it.
    pub(crate) fn order(&self) -> PlaceOrder {
        let to = &self.ship_to;
        PlaceOrder {
            lines: self.lines.clone(),
            ship_to: AddressBody {
                name: to.name.clone(),
                street: to.street.clone(),
                city: to.city.clone(),
                postcode: to.postcode.clone(),
                country: to.country.clone(),
            },
            payment_method: self.payment_method.clone(),
            contact: self.email.clone().map(|email| PlaceOrderContact { email }),
            expected_total: None,
        }
    }
}

/// A key that nobody has used.
pub(crate) fn new_key() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "a person who gives no key wants another order"
    )]
    Uuid::new_v4().to_string()
}
