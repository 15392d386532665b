//! Batches of what happens at a tenant, on their way from the API by a queue to where they are counted.

use domain::ports::Letter;
use domain::{
    BatchId, MAX_BATCH, MetricBatch, MetricEvent, MetricType, ProcessingTime, TenantId, in_time,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::InvalidBody;

mod payload;
#[cfg(test)]
mod tests;

/// Largest batch as the API takes it, in bytes.
pub const MAX_METRICS_BYTES: usize = 200 * 1024;
/// Largest batch as the queue takes it, in bytes (SQS takes 256 KiB).
const MAX_QUEUED: usize = 250 * 1024;

/// Body of `POST /api/v1/metrics/events`: events that count together and once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricBatchBody {
    /// A UUID that the sender makes for these events. Whoever does not hear an answer sends the same batch
    /// again with the same id: it counts once.
    pub batch_id: String,
    /// 1 to 1,000 of them.
    pub events: Vec<MetricEventBody>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricEventBody {
    /// What it is, such as `page.viewed`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When: not in the future, and not in a month that is in the archive. Kept to the microsecond.
    pub at: Timestamp,
    /// How long it took, in milliseconds; kept to the microsecond.
    pub processing_ms: f64,
    /// What else is told of it: an object of at most 2,048 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Map<String, Value>>,
}

impl MetricBatchBody {
    /// The batch, of this tenant.
    ///
    /// # Errors
    /// [`InvalidBody`] for the first thing in it that cannot be.
    pub fn parse(&self, tenant: TenantId) -> Result<MetricBatch, InvalidBody> {
        let id = BatchId::parse(&self.batch_id);
        if !(1..=MAX_BATCH).contains(&self.events.len()) {
            let many = format!("a batch has 1 to {MAX_BATCH} events");
            return Err(InvalidBody::at("/events", many));
        }
        let events = self.events.iter().enumerate();
        let events = events.map(|(place, event)| event.parse(&format!("/events/{place}")));
        Ok(MetricBatch {
            tenant,
            id: id.map_err(|error| InvalidBody::at("/batch_id", error))?,
            events: events.collect::<Result<_, _>>()?,
        })
    }

    /// The same of what somebody sends now: no event may be ahead of our clock, or older than the months
    /// that take events.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse_new(&self, tenant: TenantId, now: Timestamp) -> Result<MetricBatch, InvalidBody> {
        let batch = self.parse(tenant)?;
        for (place, event) in batch.events.iter().enumerate() {
            let pointer = || format!("/events/{place}/at");
            in_time(event.at, now).map_err(|error| InvalidBody::at(pointer(), error))?;
        }
        Ok(batch)
    }
}

impl MetricEventBody {
    fn parse(&self, pointer: &str) -> Result<MetricEvent, InvalidBody> {
        let wrong = |field: &str, problem: &dyn ToString| {
            InvalidBody::at(format!("{pointer}/{field}"), problem.to_string())
        };
        let event_type = MetricType::parse(&self.event_type);
        let took = ProcessingTime::from_millis(self.processing_ms);
        let payload = self.payload.as_ref().map(payload::text_of).transpose();
        Ok(MetricEvent {
            event_type: event_type.map_err(|error| wrong("type", &error))?,
            at: self.at,
            took: took.map_err(|error| wrong("processing_ms", &error))?,
            payload: payload.map_err(|problem| wrong("payload", &problem))?,
        })
    }
}

/// Answer to `POST /api/v1/metrics/events`: the batch is safe, and counts soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricsTakenBody {
    /// The batch's id, as sent.
    pub batch_id: String,
    /// How many events it has.
    pub events: usize,
}

/// A batch in its queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueuedMetrics {
    /// Whose it is.
    pub tenant: String,
    /// Trace of the request that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The batch, as the API took it.
    pub batch: MetricBatchBody,
}

impl QueuedMetrics {
    /// As it goes into the queue.
    ///
    /// # Errors
    /// [`InvalidBody`] for one that the queue would not take.
    pub fn letter(&self) -> Result<Letter, InvalidBody> {
        let body = serde_json::to_string(self).map_err(|error| InvalidBody::at("", error))?;
        // SQS takes these two as escapes only. They are in no other place than texts.
        let body = body.replace('\u{fffe}', "\\ufffe");
        let body = body.replace('\u{ffff}', "\\uffff");
        match body.len() <= MAX_QUEUED {
            true => Ok(Letter {
                body,
                ..Letter::default()
            }),
            false => Err(InvalidBody::at(
                "/events",
                "the batch is too large, send two",
            )),
        }
    }

    /// The batch of a message.
    ///
    /// # Errors
    /// [`InvalidBody`] for what [`QueuedMetrics::letter`] does not make.
    pub fn read(message: &str) -> Result<MetricBatch, InvalidBody> {
        let queued: Self =
            serde_json::from_str(message).map_err(|_| InvalidBody::at("", "no batch of events"))?;
        let tenant = TenantId::parse(&queued.tenant);
        queued
            .batch
            .parse(tenant.map_err(|error| InvalidBody::at("/tenant", error))?)
    }
}
