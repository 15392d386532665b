//! Leases, payments and shipments of one order, made by the commands that lead there.

use domain::{
    Aggregate, Lease, LeaseCommand, OrderId, Payment, PaymentCommand, PaymentTerms, Shipment,
    ShipmentCommand, ShipmentTerms, StockLine,
};

use super::{address, at, eur, handover, order_id, pieces, reference, tenant, traceparent};
use crate::must;

/// A lease in the making: of order 1, one `sku-tea`, unless told otherwise.
#[derive(Clone, Debug)]
pub struct LeaseBuilder {
    order_id: OrderId,
    lines: Vec<StockLine>,
}

/// Starts a lease.
pub fn a_lease() -> LeaseBuilder {
    LeaseBuilder {
        order_id: order_id(1),
        lines: vec![pieces("sku-tea", 1)],
    }
}

impl LeaseBuilder {
    /// Of this order.
    #[must_use]
    pub fn of(mut self, order_id: OrderId) -> Self {
        self.order_id = order_id;
        self
    }

    /// Of these pieces.
    #[must_use]
    pub fn of_pieces(mut self, lines: &[StockLine]) -> Self {
        self.lines = lines.to_vec();
        self
    }

    /// The lease, just reserved at second 1.
    pub fn held(self) -> Lease {
        let command = LeaseCommand::Reserve {
            tenant: tenant(),
            traceparent: Some(traceparent()),
            lines: self.lines,
        };
        let mut lease = Lease::none(self.order_id);
        must(lease.reserve(command, at(1)));
        lease
    }

    /// The lease, reserved and released at second 2.
    pub fn released(self) -> Lease {
        let mut lease = self.held();
        must(lease.execute(&LeaseCommand::Release, at(2)));
        lease
    }

    /// The lease, reserved and sold at second 2.
    pub fn sold(self) -> Lease {
        let mut lease = self.held();
        must(lease.execute(&LeaseCommand::Commit, at(2)));
        lease
    }

    /// The record that no stock must ever be held.
    pub fn tombstone(self) -> Lease {
        let mut lease = Lease::none(self.order_id);
        must(lease.execute(&LeaseCommand::Release, at(2)));
        lease
    }
}

/// A payment in the making: of order 1, 12.00 EUR by `pm_card_visa`, unless told otherwise.
#[derive(Clone, Debug)]
pub struct PaymentBuilder {
    order_id: OrderId,
    terms: PaymentTerms,
}

/// Starts a payment.
pub fn a_payment() -> PaymentBuilder {
    PaymentBuilder {
        order_id: order_id(1),
        terms: PaymentTerms {
            tenant: tenant(),
            traceparent: Some(traceparent()),
            amount: eur(1_200),
            payment_method: "pm_card_visa".to_owned(),
        },
    }
}

impl PaymentBuilder {
    /// Of this order.
    #[must_use]
    pub fn of(mut self, order_id: OrderId) -> Self {
        self.order_id = order_id;
        self
    }

    /// Of this many cents.
    #[must_use]
    pub fn of_cents(mut self, cents: i64) -> Self {
        self.terms.amount = eur(cents);
        self
    }

    /// By this method.
    #[must_use]
    pub fn by(mut self, method: &str) -> Self {
        method.clone_into(&mut self.terms.payment_method);
        self
    }

    /// The payment, its first attempt about to be sent at second 1.
    pub fn authorising(self) -> Payment {
        let mut payment = Payment::none(self.order_id);
        must(payment.start(self.terms, at(1)));
        payment
    }

    /// The payment, held at the provider as `pi_test`.
    pub fn authorised(self) -> Payment {
        let reference = reference("pi_test");
        let held = PaymentCommand::RecordAuthorised { reference };
        after(self.authorising(), &[held])
    }

    /// The payment, declined.
    pub fn declined(self) -> Payment {
        let reason = "generic_decline".to_owned();
        after(
            self.authorising(),
            &[PaymentCommand::RecordDeclined { reason }],
        )
    }

    /// The payment, its capture sent and not heard of.
    pub fn capturing(self) -> Payment {
        after(self.authorised(), &[PaymentCommand::RecordCaptureUnheard])
    }

    /// The payment, captured.
    pub fn captured(self) -> Payment {
        let reference = reference("pi_test");
        let captured = PaymentCommand::RecordCaptured { reference };
        after(self.authorised(), &[captured])
    }

    /// The payment, held at the provider and closing, looked at again at second 900.
    pub fn closing(self) -> Payment {
        let mut payment = after(self.authorised(), &[PaymentCommand::StartClosing]);
        payment.next_look = Some(at(900));
        payment
    }

    /// The payment, closed.
    pub fn closed(self) -> Payment {
        after(self.closing(), &[PaymentCommand::RecordClosed])
    }
}

/// A shipment in the making: of order 1, one `sku-tea`, unless told otherwise.
#[derive(Clone, Debug)]
pub struct ShipmentBuilder {
    order_id: OrderId,
    terms: ShipmentTerms,
}

/// Starts a shipment.
pub fn a_shipment() -> ShipmentBuilder {
    ShipmentBuilder {
        order_id: order_id(1),
        terms: ShipmentTerms {
            tenant: tenant(),
            traceparent: Some(traceparent()),
            ship_to: address(),
            lines: vec![pieces("sku-tea", 1)],
        },
    }
}

impl ShipmentBuilder {
    /// Of this order.
    #[must_use]
    pub fn of(mut self, order_id: OrderId) -> Self {
        self.order_id = order_id;
        self
    }

    /// The shipment, its create about to be sent at second 1.
    pub fn creating(self) -> Shipment {
        let mut shipment = Shipment::none(self.order_id);
        must(shipment.start(self.terms, at(1)));
        shipment
    }

    /// The shipment, created at the carrier as `parcel-test`.
    pub fn created(self) -> Shipment {
        let reference = reference("parcel-test");
        let created = ShipmentCommand::RecordCreated { reference };
        after(self.creating(), &[created])
    }

    /// The shipment, refused by the carrier.
    pub fn refused(self) -> Shipment {
        let reason = "no delivery there".to_owned();
        after(
            self.creating(),
            &[ShipmentCommand::RecordRefused { reason }],
        )
    }

    /// The shipment, created and being cancelled, looked at again at second 900.
    pub fn cancelling(self) -> Shipment {
        let mut shipment = after(self.created(), &[ShipmentCommand::StartCancellation]);
        shipment.next_look = Some(at(900));
        shipment
    }

    /// The shipment, handed over as `parcel-test` to `parcelwise`.
    pub fn handed_over(self) -> Shipment {
        let handover = handover("parcel-test");
        after(
            self.created(),
            &[ShipmentCommand::RecordHandedOver { handover }],
        )
    }

    /// The shipment, delivered.
    pub fn delivered(self) -> Shipment {
        let handover = handover("parcel-test");
        after(
            self.handed_over(),
            &[ShipmentCommand::RecordDelivered { handover }],
        )
    }

    /// The shipment, cancelled.
    pub fn cancelled(self) -> Shipment {
        after(self.cancelling(), &[ShipmentCommand::RecordCancelled])
    }
}

/// Carries out commands at seconds 2, 3, 4 …
fn after<A: Aggregate>(mut aggregate: A, commands: &[A::Command]) -> A {
    for (command, second) in commands.iter().zip(2..) {
        must(aggregate.execute(command, at(second)));
    }
    aggregate
}
