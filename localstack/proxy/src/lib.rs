//! Stands in front of any AWS endpoint: passes every call on as it is and counts what it would
//! cost, plays the limits that emulators do not have, and breaks calls where a test asks for it.
//!
//! It shares no crate with the product, so that both cannot be wrong in the same way.

mod app;
mod buckets;
mod clock;
mod command;
mod control;
mod dice;
mod faults;
mod gate;
mod holds;
mod item;
mod ledger;
mod outcome;
mod pass;
mod physics;
mod proxy;
mod reading;
mod refused;
mod subject;
mod trace;
mod units;
mod upstream;
mod wire;
mod work;

pub use clock::{Clock, Hand};
pub use command::{Args, run};
pub use faults::{Kind, Rule, Standing};
pub use ledger::{Call, Calls, Execution, Interference};
pub use physics::Physics;
pub use proxy::{Options, Proxy, StartError};
pub use refused::Refused;
pub use trace::Sum;
pub use units::Units;
