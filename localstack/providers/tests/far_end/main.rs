//! The stand-ins as callers see them: over HTTP, on a real port, in one process.

mod carrier;
mod desk;
mod faults;
mod payments;
mod restart;
mod webhooks;
