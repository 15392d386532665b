//! The assumptions that turn counts into billed time and standing costs, each with its reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A stated value.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    pub value: f64,
    pub unit: String,
    /// Why this value, or where it is from.
    pub reason: String,
}

/// All of them. What a field means and why it has its value stands in `physics.json`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Physics {
    /// Megabytes of memory that come with one vCPU.
    pub vcpu_megabytes: Assumption,
    /// Per second of one vCPU.
    pub arm64_instructions_per_second: Assumption,
    /// Per second of one vCPU.
    pub x86_64_instructions_per_second: Assumption,
    /// Of an invocation whose instructions were not counted.
    pub default_instructions: Assumption,
    /// Share of invocations, 0 to 1.
    pub cold_start_share: Assumption,
    /// Billed start of a function in milliseconds.
    pub cold_start_ms: Assumption,
    /// Answer of a third party in milliseconds.
    pub provider_ms: Assumption,
    /// What Express adds for each transition, in milliseconds.
    pub state_ms: Assumption,
    /// Billed memory of an Express execution.
    pub express_megabytes: Assumption,
    /// Step to which its duration is rounded up, in milliseconds.
    pub express_step_ms: Assumption,
    /// Billed for each log event beside its message.
    pub log_event_bytes: Assumption,
    /// Payload of one request of SQS and of standard SNS.
    pub message_step_bytes: Assumption,
    /// Requests of SQS for each batch that invokes a function.
    pub requests_per_batch: Assumption,
    /// Connections that read an idle queue.
    pub pollers: Assumption,
    /// How long each waits, in seconds.
    pub poll_seconds: Assumption,
    /// How long a topic uses a data key, in seconds.
    pub data_key_seconds: Assumption,
    /// KMS requests for each data key and publisher.
    pub kms_requests_per_data_key: Assumption,
    /// Bytes that an order leaves in the tables.
    pub stored_bytes_per_order: Assumption,
    /// Of the sweeper, for each order that runs through our saga.
    pub later_read_units_per_order: Assumption,
    /// Days that a price per month is for.
    pub days_per_month: Assumption,
    /// Time of one call by service.
    pub call_ms: CallTimes,
}

/// Milliseconds of calls by service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallTimes {
    dynamodb: ServiceTimes,
    sns: ServiceTimes,
    sqs: ServiceTimes,
    states: ServiceTimes,
    ses: ServiceTimes,
    kms: ServiceTimes,
}

/// Milliseconds of the calls of one service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTimes {
    /// Of operations that are not listed.
    pub default: Assumption,
    /// By the operation's name.
    pub operations: BTreeMap<String, Assumption>,
}

/// A service that functions call, by the name that it signs requests with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Dynamodb,
    Sns,
    Sqs,
    /// Step Functions. A start is billed as the execution's, not here.
    States,
    Ses,
    Kms,
}

impl Physics {
    /// Milliseconds of one call.
    #[must_use]
    pub fn call_ms(&self, service: Service, operation: &str) -> f64 {
        let times = match service {
            Service::Dynamodb => &self.call_ms.dynamodb,
            Service::Sns => &self.call_ms.sns,
            Service::Sqs => &self.call_ms.sqs,
            Service::States => &self.call_ms.states,
            Service::Ses => &self.call_ms.ses,
            Service::Kms => &self.call_ms.kms,
        };
        let time = times.operations.get(operation).unwrap_or(&times.default);
        time.value
    }
}
