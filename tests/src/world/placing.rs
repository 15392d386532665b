//! Customers: they place, and place again with the same key until they have an answer.

use contracts::edge::EdgeError;
use contracts::http::{OrderPlacedBody, PlaceOrder, PlaceOrderContact, PlaceOrderLine};
use contracts::{AddressBody, AmountBody};
use domain::{OrderId, order_id};
use intake::{PlaceError, Request};
use serde_json::{Value, json};
use testkit::build::{address, customer, tenant, traceparent};
use testkit::invariants::Reply;
use testkit::must;

use super::kernel::Pace;
use super::ports::Far;
use super::shop::{Shop, Work};
use super::wire::{Answer, Wire};
use crate::asl::TaskError;

/// The shop's: with shipping and tax, so that no sum is a sum of lines alone.
const TARIFF: &str = "tax=1900 EUR=490/5000";

/// What a customer asks for.
#[derive(Clone, Debug)]
pub struct Basket {
    /// The idempotency key.
    pub key: String,
    /// Who.
    pub customer: String,
    body: PlaceOrder,
}

/// A basket of `alice` with one tea in it, unless told otherwise.
pub fn basket(key: &str) -> Basket {
    Basket {
        key: key.to_owned(),
        customer: "alice".to_owned(),
        body: PlaceOrder {
            lines: vec![line("tea", 1)],
            ship_to: AddressBody::from(&address()),
            payment_method: "pm_card_visa".to_owned(),
            contact: Some(PlaceOrderContact {
                email: format!("{key}@example.com"),
            }),
            expected_total: None,
        },
    }
}

fn line(product: &str, quantity: i64) -> PlaceOrderLine {
    PlaceOrderLine {
        product_id: product.to_owned(),
        quantity,
    }
}

impl Basket {
    /// With these products instead.
    #[must_use]
    pub fn of(mut self, lines: &[(&str, i64)]) -> Self {
        let lines = lines.iter().map(|(product, many)| line(product, *many));
        self.body.lines = lines.collect();
        self
    }

    /// Of another customer.
    #[must_use]
    pub fn by(mut self, customer: &str) -> Self {
        customer.clone_into(&mut self.customer);
        self
    }

    /// Paid with this.
    #[must_use]
    pub fn paid_with(mut self, method: &str) -> Self {
        method.clone_into(&mut self.body.payment_method);
        self
    }

    /// To this country.
    #[must_use]
    pub fn shipped_to(mut self, country: &str) -> Self {
        country.clone_into(&mut self.body.ship_to.country);
        self
    }

    /// For this sum or not at all.
    #[must_use]
    pub fn for_cents(mut self, minor: i64) -> Self {
        let currency = "EUR".to_owned();
        self.body.expected_total = Some(AmountBody { minor, currency });
        self
    }

    /// The order that it becomes.
    pub fn order_id(&self) -> OrderId {
        order_id(&tenant(), &customer(&self.customer), &self.key)
    }

    fn request(&self) -> Request {
        Request {
            tenant: tenant(),
            customer: customer(&self.customer),
            asked_by: customer(&self.customer),
            email: None,
            key: self.key.clone(),
            placement: must(self.body.parse()),
            traceparent: Some(traceparent()),
        }
    }
}

impl Shop {
    /// Places until there is an answer that is none of `503`.
    pub(super) async fn place(&self, pace: &Pace, basket: &Basket) -> Reply {
        let subject = basket.order_id().to_string();
        loop {
            let (shop, request) = (self.clone(), basket.request());
            let work = move |wire| {
                let placing = shop.clone().placing(request.clone(), wire);
                Box::pin(placing) as Work
            };
            let answer = self.visit(pace, ("Place", &subject), work).await;
            if let Some(Ok(answer)) = answer {
                return Reply {
                    customer: customer(&basket.customer),
                    key: basket.key.clone(),
                    status: must(serde_json::from_value(answer["status"].clone())),
                    body: answer["body"].to_string(),
                };
            }
            pace.sleep(self.kernel.between(200, 3_000)).await;
        }
    }

    async fn placing(self, request: Request, wire: Wire) -> Answer {
        let orders = Far {
            end: self.orders.clone(),
            wire: wire.clone(),
        };
        let catalogue = Far {
            end: self.catalogue.clone(),
            wire,
        };
        let now = self.kernel.now();
        let tariff = must(TARIFF.parse());
        match intake::place(&orders, (&catalogue, &tariff), now, request).await {
            Ok(placed) => {
                Ok(json!({ "status": 201, "body": OrderPlacedBody::from(&placed.facts) }))
            }
            Err(error) => match refusal(&error) {
                Some(status) => Ok(json!({ "status": status, "body": Value::Null })),
                None => Err(TaskError::lambda(error.name().as_str(), "")),
            },
        }
    }
}

/// As the route answers.
const fn refusal(error: &PlaceError) -> Option<u16> {
    match error {
        PlaceError::KeyReused | PlaceError::Placement(_) => Some(422),
        PlaceError::TotalDiffers { .. } => Some(409),
        PlaceError::Store(_) | PlaceError::Raced => None,
    }
}
