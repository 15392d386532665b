//! The operations that faults aim at and calls are counted by.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    PaymentCreate,
    PaymentCapture,
    PaymentCancel,
    PaymentRefund,
    PaymentRetrieve,
    PaymentList,
    RefundList,
    CarrierCreate,
    CarrierCancel,
    CarrierRetrieve,
    CarrierShip,
    CarrierDeliver,
    PaymentWebhook,
    CarrierWebhook,
}

impl Operation {
    const ALL: [Self; 14] = [
        Self::PaymentCreate,
        Self::PaymentCapture,
        Self::PaymentCancel,
        Self::PaymentRefund,
        Self::PaymentRetrieve,
        Self::PaymentList,
        Self::RefundList,
        Self::CarrierCreate,
        Self::CarrierCancel,
        Self::CarrierRetrieve,
        Self::CarrierShip,
        Self::CarrierDeliver,
        Self::PaymentWebhook,
        Self::CarrierWebhook,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PaymentCreate => "payment.create",
            Self::PaymentCapture => "payment.capture",
            Self::PaymentCancel => "payment.cancel",
            Self::PaymentRefund => "payment.refund",
            Self::PaymentRetrieve => "payment.retrieve",
            Self::PaymentList => "payment.list",
            Self::RefundList => "payment.refunds",
            Self::CarrierCreate => "carrier.create",
            Self::CarrierCancel => "carrier.cancel",
            Self::CarrierRetrieve => "carrier.retrieve",
            Self::CarrierShip => "carrier.ship",
            Self::CarrierDeliver => "carrier.deliver",
            Self::PaymentWebhook => "payment.webhook",
            Self::CarrierWebhook => "carrier.webhook",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    pub(crate) fn is_payment(self) -> bool {
        self.name().starts_with("payment.")
    }

    /// Whether it is the third party that calls.
    pub(crate) fn is_webhook(self) -> bool {
        matches!(self, Self::PaymentWebhook | Self::CarrierWebhook)
    }

    /// Whether the third party can say no to it for good.
    pub(crate) fn can_decline(self) -> bool {
        matches!(
            self,
            Self::PaymentCreate | Self::PaymentCapture | Self::PaymentRefund | Self::CarrierCreate
        )
    }
}

/// What is known of a request before it is carried out.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) operation: Operation,
    /// Metadata `order_id` of the payment, or the carrier's reference.
    pub(crate) order_id: Option<String>,
    pub(crate) intent: Option<String>,
    pub(crate) key: Option<String>,
}
