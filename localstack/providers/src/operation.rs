//! The operations that faults aim at and calls are counted by. A name is a path, the party first,
//! so that a fault can be aimed at all that begins alike.

/// Names every operation once.
macro_rules! operations {
    ($($operation:ident = $name:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Operation {
            $($operation,)*
        }

        impl Operation {
            pub(crate) const ALL: &[Self] = &[$(Self::$operation,)*];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => $name,)*
                }
            }
        }
    };
}

operations! {
    PaymentCreate = "payment.create",
    PaymentCapture = "payment.capture",
    PaymentCancel = "payment.cancel",
    PaymentRefund = "payment.refund",
    PaymentRetrieve = "payment.retrieve",
    PaymentList = "payment.list",
    RefundList = "payment.refunds",
    CarrierCreate = "carrier.create",
    CarrierCancel = "carrier.cancel",
    CarrierRetrieve = "carrier.retrieve",
    CarrierShip = "carrier.ship",
    CarrierDeliver = "carrier.deliver",
    PaymentWebhook = "payment.webhook",
    CarrierWebhook = "carrier.webhook",
    SmsSend = "sms.send",
    SmsRetrieve = "sms.retrieve",
    SmsList = "sms.list",
    CrmPut = "destination.crm.put",
    CrmRetrieve = "destination.crm.retrieve",
    NewsletterPut = "destination.newsletter.put",
    NewsletterRetrieve = "destination.newsletter.retrieve",
    SupportPut = "destination.support.put",
    SupportRetrieve = "destination.support.retrieve",
}

impl Operation {
    /// Whose operation it is: the first word of its name.
    pub(crate) fn party(self) -> &'static str {
        self.name().split('.').next().unwrap_or_default()
    }

    /// Whether it is the third party that calls.
    pub(crate) fn is_webhook(self) -> bool {
        matches!(self, Self::PaymentWebhook | Self::CarrierWebhook)
    }

    /// Whether the third party can say no to it for good.
    pub(crate) fn can_decline(self) -> bool {
        matches!(
            self,
            Self::PaymentCreate
                | Self::PaymentCapture
                | Self::PaymentRefund
                | Self::CarrierCreate
                | Self::SmsSend
                | Self::CrmPut
                | Self::NewsletterPut
                | Self::SupportPut
        )
    }
}

/// What is known of a request before it is carried out.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) operation: Operation,
    /// Metadata `order_id` of the payment, the carrier's reference, the number that an SMS goes
    /// to, or the user whose profile it is.
    pub(crate) about: Option<String>,
    pub(crate) intent: Option<String>,
    pub(crate) key: Option<String>,
}

impl Subject {
    /// A request that names neither an intent nor a key.
    pub(crate) fn new(operation: Operation, about: Option<String>) -> Self {
        Self {
            operation,
            about,
            intent: None,
            key: None,
        }
    }
}
