//! Payment provider and carrier over HTTP. Each method makes one attempt: the state machine above
//! is the one layer that retries, and an attempt whose outcome is unknown must be told as such.

mod carrier;
mod client;
mod payments;

pub use carrier::HttpCarrier;
pub use client::{ClientError, Limits};
pub use payments::StripePayments;

#[cfg(test)]
mod stub;
