//! What tests need that run the real binaries on the running test instance: a customer, the fault
//! switches, and the whole world for the invariants.

pub mod audit_log;
pub mod aws;
pub mod cart;
pub mod chains;
pub mod counted;
pub mod database;
pub mod faults;
pub mod inbox;
pub mod mails;
pub mod noted;
pub mod probe;
pub mod processes;
pub mod proxy;
pub mod reader;
pub mod shop;
pub mod socket;
pub mod stack;
pub mod tables;
pub mod wait;
pub mod world;
