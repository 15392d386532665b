//! Orders in any state, made by the commands that lead there.

use domain::{
    Address, Aggregate, Contact, CustomerId, Failure, FailureCode, Order, OrderCommand, OrderFacts,
    OrderId, OrderLine, RequestHash, Tariff, Totals,
};
use jiff::{SignedDuration, Timestamp};

use super::{address, at, customer, eur, order_id, product_id, sku, tenant, traceparent};
use crate::must;

/// An order in the making: order 1 of `alice`, one `sku-tea` at 12.00 EUR, unless told otherwise.
#[derive(Clone, Debug)]
pub struct OrderBuilder {
    facts: OrderFacts,
    lines_given: bool,
}

/// Starts an order.
pub fn an_order() -> OrderBuilder {
    let builder = OrderBuilder {
        facts: OrderFacts {
            id: order_id(1),
            tenant: tenant(),
            customer: customer("alice"),
            lines: Vec::new(),
            totals: Totals::of_pieces(eur(0)),
            ship_to: address(),
            payment_method: "pm_card_visa".to_owned(),
            contact: None,
            placed_at: at(0),
            request_hash: RequestHash::of(b"a request"),
            traceparent: Some(traceparent()),
        },
        lines_given: false,
    };
    let mut builder = builder.with_line("tea", 1, 1_200);
    builder.lines_given = false;
    builder
}

impl OrderBuilder {
    /// Makes it the n-th order.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.with_id(order_id(number))
    }

    /// Gives it this id.
    #[must_use]
    pub fn with_id(mut self, id: OrderId) -> Self {
        self.facts.id = id;
        self
    }

    /// Has this customer place it.
    #[must_use]
    pub fn by(mut self, customer: CustomerId) -> Self {
        self.facts.customer = customer;
        self
    }

    /// Places it so many seconds after the beginning of all tests.
    #[must_use]
    pub fn placed_at(mut self, placed_at: Timestamp) -> Self {
        self.facts.placed_at = placed_at;
        self
    }

    /// Adds a line, at a price in cents of one piece. The SKU is the product with `sku-` before it.
    #[must_use]
    pub fn with_line(mut self, product: &str, quantity: u32, cents: i64) -> Self {
        if !self.lines_given {
            self.facts.lines.clear();
            self.facts.totals = Totals::of_pieces(eur(0));
            self.lines_given = true;
        }
        let unit_price = eur(cents);
        let subtotal = self.facts.totals.subtotal();
        let subtotal = must(subtotal.plus(must(unit_price.times(quantity))));
        self.facts.totals = Totals::of_pieces(subtotal);
        self.facts.lines.push(OrderLine {
            product_id: product_id(product),
            sku: sku(&format!("sku-{product}")),
            quantity,
            unit_price,
        });
        self
    }

    /// Adds shipping and tax to the lines that it has.
    #[must_use]
    pub fn at_tariff(mut self, tariff: &Tariff) -> Self {
        self.facts.totals = must(tariff.totals(self.facts.totals.subtotal()));
        self
    }

    /// Pays with this method. The provider stand-in and the fake decline `pm_card_declined`.
    #[must_use]
    pub fn paid_with(mut self, method: &str) -> Self {
        method.clone_into(&mut self.facts.payment_method);
        self
    }

    /// Ships to this address.
    #[must_use]
    pub fn ship_to(mut self, address: Address) -> Self {
        self.facts.ship_to = address;
        self
    }

    /// Has the customer told at this address.
    #[must_use]
    pub fn with_contact(mut self, email: &str) -> Self {
        let email = email.to_owned();
        self.facts.contact = Some(Contact { email });
        self
    }

    /// What never changes.
    pub fn facts(self) -> OrderFacts {
        self.facts
    }

    /// The order, pending.
    pub fn pending(self) -> Order {
        Order::place(self.facts)
    }

    /// The order, decided to be charged one second after placement.
    pub fn charging(self) -> Order {
        let mut order = self.pending();
        let epoch = order.epoch;
        run(&mut order, OrderCommand::DecideCharging { epoch }, 1);
        order
    }

    /// The order, decided to be taken back one second after placement.
    pub fn unwinding(self, code: FailureCode) -> Order {
        let mut order = self.pending();
        let epoch = order.epoch;
        let failure = Failure::new(code, "as a test wants it");
        run(
            &mut order,
            OrderCommand::DecideUnwinding { epoch, failure },
            1,
        );
        order
    }

    /// The order, confirmed two seconds after placement.
    pub fn confirmed(self) -> Order {
        let mut order = self.charging();
        let epoch = order.epoch;
        run(&mut order, OrderCommand::Complete { epoch }, 2);
        order
    }

    /// The order, charging, and calling for a person two seconds after placement.
    pub fn flagged(self) -> Order {
        let mut order = self.charging();
        let epoch = order.epoch;
        run(&mut order, OrderCommand::Flag { epoch }, 2);
        order
    }

    /// The same order, confirmed all the same three seconds after placement: three events.
    pub fn confirmed_late(self) -> Order {
        let mut order = self.flagged();
        let epoch = order.epoch;
        run(&mut order, OrderCommand::Complete { epoch }, 3);
        order
    }

    /// The order, failed (cancelled, where that is the reason) two seconds after placement.
    pub fn failed(self, code: FailureCode) -> Order {
        let mut order = self.unwinding(code);
        let epoch = order.epoch;
        run(&mut order, OrderCommand::Fail { epoch }, 2);
        order
    }
}

fn run(order: &mut Order, command: OrderCommand, seconds: i64) {
    let later = SignedDuration::from_secs(seconds);
    let now = must(order.facts.placed_at.checked_add(later));
    must(order.execute(&command, now));
}
