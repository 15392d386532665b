//! The stand-ins as callers see them: over HTTP, on a real port, in one process.

mod carrier;
mod desk;
mod destinations;
mod everywhere;
mod faults;
mod payments;
mod restart;
mod sms;
mod webhooks;
