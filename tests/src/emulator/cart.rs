//! An order to be placed: who, what, under which key.

use contracts::AddressBody;
use contracts::http::{PlaceOrder, PlaceOrderContact, PlaceOrderLine};
use domain::{CustomerId, OrderId, ProductId, TenantId, order_id};
use testkit::must;

/// The only tenant of the tests.
pub const TENANT: &str = "main";

/// What is sent.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Who orders.
    pub customer: String,
    /// The idempotency key.
    pub key: String,
    /// The body.
    pub body: PlaceOrder,
}

impl Cart {
    /// An order that will be confirmed: good card, good address.
    pub fn new(customer: &str, lines: impl IntoIterator<Item = (ProductId, i64)>) -> Self {
        let line = |(product, quantity): (ProductId, i64)| PlaceOrderLine {
            product_id: product.to_string(),
            quantity,
        };
        let body = PlaceOrder {
            lines: lines.into_iter().map(line).collect(),
            ship_to: address("GB"),
            payment_method: "pm_card_visa".to_owned(),
            contact: Some(PlaceOrderContact {
                email: format!("{customer}@example.test"),
            }),
            expected_total: None,
        };
        Self {
            customer: customer.to_owned(),
            key: "first".to_owned(),
            body,
        }
    }

    /// Pays with another method.
    #[must_use]
    pub fn paid_with(mut self, method: &str) -> Self {
        method.clone_into(&mut self.body.payment_method);
        self
    }

    /// Ships to another country.
    #[must_use]
    pub fn to_country(mut self, country: &str) -> Self {
        self.body.ship_to = address(country);
        self
    }

    /// Under another key.
    #[must_use]
    pub fn under(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// By another customer.
    #[must_use]
    pub fn by(mut self, customer: &str) -> Self {
        customer.clone_into(&mut self.customer);
        self
    }

    /// Who orders.
    pub fn customer_id(&self) -> CustomerId {
        must(CustomerId::parse(&self.customer))
    }

    /// The id that the order will have: known before it is sent, so that faults can wait for it.
    pub fn id(&self) -> OrderId {
        let tenant = must(TenantId::parse(TENANT));
        order_id(&tenant, &self.customer_id(), &self.key)
    }

    /// Where its mails go.
    pub fn email(&self) -> String {
        let contact = self.body.contact.as_ref();
        contact.map_or_else(String::new, |contact| contact.email.clone())
    }
}

fn address(country: &str) -> AddressBody {
    AddressBody {
        name: "A. Buyer".to_owned(),
        street: "1 High Street".to_owned(),
        city: "Bristol".to_owned(),
        postcode: "BS1 1AA".to_owned(),
        country: country.to_owned(),
    }
}
