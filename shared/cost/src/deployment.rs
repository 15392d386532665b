//! What the template deploys that costs something, or that says whose a cost is.

use serde::{Deserialize, Serialize};

/// Facts of `infra/template.yaml`; a tidy test compares them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The state machine whose type is a parameter.
    pub saga: String,
    /// Functions that only listen to events: their costs and those of deliveries and queues are
    /// kept apart.
    pub consumers: Vec<String>,
    pub schedules: Vec<Schedule>,
    /// Queues that Lambda reads. A name that ends in `.fifo` is FIFO.
    pub polled_queues: Vec<String>,
    /// Roles that publish to an encrypted topic.
    pub publishers: u32,
    /// CloudWatch alarms of one metric.
    pub alarms: u32,
}

/// A function that runs by the clock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub function: String,
    pub runs_per_day: u32,
}
