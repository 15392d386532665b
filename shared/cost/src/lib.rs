//! What an order costs at AWS: a counted trace in, a bill out.
//!
//! A [`Trace`] says what happened while a number of orders went through: calls, invocations,
//! executions, deliveries. [`Rates`] hold the public list prices of us-east-1 and the assumptions
//! that turn counts into billed time, each with its source. A [`Bill`] multiplies one by the other;
//! a [`Comparison`] does so for both kinds of saga and both processors. Nothing here reads a clock,
//! a file or the network, free tiers are left out, and no price stands in code.

mod bill;
mod comparison;
mod day;
mod deployment;
mod duration;
mod physics;
mod prices;
mod rates;
mod table;
mod trace;
mod usage;

pub use bill::{Architecture, Bill, BillError, FunctionTime, Group, Line, Options, Totals};
pub use comparison::{Combination, Comparison};
pub use day::{Day, DayLine};
pub use deployment::{Deployment, Schedule};
pub use physics::{Assumption, Physics, Service, ServiceTimes};
pub use prices::{Item, Price, Prices, Source};
pub use rates::{Rates, RatesError};
pub use trace::{Call, Delivery, Execution, Invocation, Kind, Trace, TraceError, Trigger};
