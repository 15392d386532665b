//! The real thing: every function's binary, the template and the state machines as they are
//! deployed, real HTTP, and providers whose faults can be switched. `make test` starts the
//! instance that this runs on.
//!
//! Each test has products and customers of its own and ends with [`Shop::check`], which holds all
//! tables, both providers' books and everything published against the invariants.
//!
//! [`Shop::check`]: tests::emulator::shop::Shop::check

#![expect(
    clippy::indexing_slicing,
    reason = "test code: a place that is not there must stop the test"
)]

mod access;
mod accounts;
mod archive;
mod audit;
mod authorizer;
mod bad_requests;
mod catalogue;
mod command_line;
mod commands;
mod cost;
mod courses;
mod crowds;
mod dashboard;
mod dead_letters;
mod erasure;
mod gaps;
mod groups;
mod history;
mod hostile;
mod jobs;
mod join;
mod keys;
mod killed;
mod limits;
mod many_sockets;
mod matrix;
mod metrics;
mod notifications;
mod outcomes;
mod profiles;
mod provider_faults;
mod refunds;
mod reports;
mod search;
mod secrets;
mod sockets;
mod system;
mod texts;
mod traces;
mod twice;
mod undo_first;
mod webhooks;
