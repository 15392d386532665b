//! Payment provider, carrier, gateway of texts and the services that keep copies of profiles, over
//! HTTP. Each method makes one attempt: the state machine above
//! is the one layer that retries, and an attempt whose outcome is unknown must be told as such.

mod carrier;
mod client;
mod payments;
mod profiles;
mod texts;

use contracts::edge::BadInput;

pub use carrier::{HttpCarrier, PARCEL_SIGNATURE, parcel_news};
pub use client::{ClientError, Limits};
pub use payments::{PAYMENT_SIGNATURE, StripePayments, payment_news};
pub use profiles::HttpProfiles;
pub use texts::{TextAccount, TwilioTexts};

/// What cannot be read is told by its place, never by its content.
fn unreadable(error: &serde_json::Error) -> BadInput {
    let (line, column) = (error.line(), error.column());
    BadInput(format!("cannot be read at line {line}, column {column}"))
}

#[cfg(test)]
mod stub;
