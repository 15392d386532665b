//! The flow tier: the shipped state machines with the real handlers, in one process and in
//! virtual time, with faults. `FLOW_SEED=<n>` runs the random tests with that one seed.

// The lints know helpers of tests by this attribute only.
#[cfg(test)]
mod consumers;
mod endings;
mod generated;
#[cfg(test)]
mod live_dashboard;
#[cfg(test)]
mod mails;
mod refunds;
mod scenarios;
#[cfg(test)]
mod texts;
