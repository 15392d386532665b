//! Plays the third parties of the local stack over HTTP: a payment provider (a subset of
//! Stripe's PaymentIntents API), a carrier, an SMS gateway (a subset of Twilio's Messages API),
//! three services that keep copies of profiles, and a collector of traces; with webhooks, faults
//! that tests switch on, and a book of every effect that checkers read.
//!
//! It shares no crate with the product, so that both cannot be wrong in the same way.

mod answer;
mod app;
mod book;
mod book_http;
mod calls;
mod carrier;
mod carrier_http;
mod clock;
mod collector;
mod command;
mod destination;
mod destination_http;
mod faults;
mod faults_http;
mod fresh;
mod gate;
mod idempotency;
mod intent;
mod operation;
mod params;
mod party;
mod payment;
mod payment_http;
mod payment_wire;
mod serve;
mod sms;
mod sms_http;
mod sms_wire;
mod webhook;
mod webhook_http;
mod webhook_wire;
mod world;

pub use book::BookError;
pub use clock::{Clock, Hand};
pub use command::{Args, run};
pub use serve::{Options, StartError, router, serve, serve_until};
