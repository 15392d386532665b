//! The names of errors that cross a boundary. Append only: state machines and callers match on
//! them.

use std::fmt;

use crate::edge::Kind;

#[cfg(test)]
mod tests;

macro_rules! error_names {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),* $(,)?) => {
        /// A stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorName {
            $($(#[$doc])* $name,)*
        }

        impl ErrorName {
            /// All names.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as others see it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// What whoever asked can do about it.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)*
                }
            }
        }
    };
}

error_names! {
    /// The holder of the card has to confirm the payment.
    ActionRequired => Rejected,
    /// Void met a captured payment.
    AlreadyCaptured => Rejected,
    /// The carrier does not deliver there.
    AddressRejected => Rejected,
    /// The input cannot be read or is out of bounds.
    BadInput => Rejected,
    /// The customer cancelled.
    Cancelled => Rejected,
    /// The authorisation cannot be captured.
    CaptureRefused => Rejected,
    /// Somebody else was faster.
    Conflict => Conflict,
    /// Our fault.
    Internal => Fault,
    /// Reserve met a released lease.
    LeaseEnded => Rejected,
    /// Commit found no stock held.
    LeaseMissing => Fault,
    /// Release met a sold lease.
    LeaseSold => Fault,
    /// Pieces were to come back that were not sold.
    NotSold => Fault,
    /// There is no such order.
    OrderMissing => Rejected,
    /// Not enough of a SKU.
    OutOfStock => Rejected,
    /// The payment is closing or closed.
    PaymentClosed => Rejected,
    /// The provider refused the payment.
    PaymentDeclined => Rejected,
    /// The payment provider gave no answer.
    PaymentUnknown => Retryable,
    /// A provider cannot be reached; nothing happened.
    ProviderDown => Retryable,
    /// The refund cannot be, or the provider refuses it.
    RefundRefused => Rejected,
    /// A create met a cancelled shipment.
    ShipmentCancelled => Rejected,
    /// A cancel met a parcel that had left.
    ShipmentHandedOver => Rejected,
    /// The carrier gave no answer.
    ShipmentUnknown => Retryable,
    /// This run is no longer meant to act.
    Superseded => Rejected,
    /// It can no longer be done: the parcel is on its way.
    TooLate => Rejected,
    /// The store, or another service of ours, is throttled, slow or unreachable.
    Unavailable => Retryable,
    /// The warehouse does not know a SKU.
    UnknownSku => Rejected,
    /// The command does not follow from the decision.
    WrongDecision => Fault,
}

impl ErrorName {
    /// The name that others wrote.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == name)
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
