//! Orders on their way through all functions, and every event that a function was handed.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::events::Envelope;
use contracts::saga::OrderSagaInput;
use dynamo_store::schema::NEWS;
use serde_json::Value;
use uuid::Uuid;

use crate::BenchError;
use crate::backend::{Backend, StreamReader};
use crate::instance::Instance;
use crate::journey::{body, commands, post_order, prepare, queue_event};
use crate::place::{Place, Surroundings};

/// After so many invocations nothing should grow any more.
const MANY: usize = 1_000;

/// The functions that an order passes.
const PASSED: [&str; 8] = [
    "inventory",
    "notify",
    "orders",
    "payments",
    "place-order",
    "publish-events",
    "shipping",
    "start-saga",
];

/// What one function was handed, and what it took.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Each event, with the number of its order.
    events: Vec<(usize, Value)>,
    /// How long each took.
    pub(super) took: Vec<Duration>,
    /// Calls of AWS in an invocation after the first order, on average.
    pub(super) aws_calls: f64,
    /// Most memory until the end.
    pub(super) rss_bytes: Option<u64>,
}

/// A whole recording.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) functions: BTreeMap<&'static str, Recorded>,
    /// The items of the orders as they were placed.
    placed: Vec<Value>,
}

impl Recording {
    /// Sends this many orders through all functions, one after the other.
    pub(super) async fn make(place: &Place, orders: usize) -> Result<Self, BenchError> {
        let around = place.surroundings().await?;
        prepare(&around).await?;
        let mut run = Run::start(place, &around).await?;
        let token = place.token()?;
        for number in 0..orders {
            if number % 50 == 0 {
                place.progress(format!("orders, {number} of {orders}"));
            }
            run.order(number, &token).await?;
            if number == 0 {
                // Connections, caches and first pages are there from now on.
                around.proxy.forget();
            }
        }
        place.progress("invocations without end");
        run.end(orders).await
    }

    /// Puts every order where the functions of the saga find it.
    pub(super) fn restore(&self, backend: &Backend) -> Result<(), BenchError> {
        for item in &self.placed {
            backend.put("Orders", item)?;
        }
        Ok(())
    }

    /// What a function was handed for the first orders.
    pub(super) fn events_of(&self, name: &str, orders: usize) -> Vec<Value> {
        let recorded = self.functions.get(name).map_or(&[][..], |it| &it.events);
        let first = recorded.iter().filter(|(number, _)| *number < orders);
        first.map(|(_, event)| event.clone()).collect()
    }
}

struct Run<'around> {
    around: &'around Surroundings,
    instances: BTreeMap<&'static str, Instance>,
    streams: Vec<StreamReader>,
    recording: Recording,
}

impl<'around> Run<'around> {
    async fn start(place: &Place, around: &'around Surroundings) -> Result<Self, BenchError> {
        let mut instances = BTreeMap::new();
        let mut functions = BTreeMap::new();
        for name in PASSED {
            let program = place.function(name, around);
            instances.insert(name, Instance::start(&program).await?);
            functions.insert(name, Recorded::default());
        }
        Ok(Self {
            around,
            instances,
            streams: around.backend.streams()?,
            recording: Recording {
                functions,
                placed: Vec::new(),
            },
        })
    }

    async fn invoke(
        &mut self,
        name: &str,
        number: usize,
        event: Value,
    ) -> Result<Value, BenchError> {
        let missing = || BenchError::Unexpected(format!("{name} does not run"));
        let instance = self.instances.get_mut(name).ok_or_else(missing)?;
        let (answer, took) = instance.invoke(&event).await?;
        if let Some(recorded) = self.recording.functions.get_mut(name) {
            recorded.events.push((number, event));
            recorded.took.push(took);
        }
        Ok(answer)
    }

    async fn order(&mut self, number: usize, token: &str) -> Result<(), BenchError> {
        let request = post_order(token, &format!("bench-{number}"), &body());
        let answer = self.invoke("place-order", number, request).await?;
        if answer["statusCode"] != 201 {
            return Err(BenchError::Unexpected(format!(
                "a placement answered {answer}"
            )));
        }
        for placed in self.publish(number).await? {
            let image = placed["Records"][0]["dynamodb"]["NewImage"].clone();
            self.recording.placed.push(image);
            self.invoke("start-saga", number, placed).await?;
        }
        let started = self.around.backend.take_sent().started;
        let input = started.into_iter().next().unwrap_or_default();
        let input: OrderSagaInput = serde_json::from_value(input)
            .map_err(|error| BenchError::Json("the saga's input".to_owned(), error))?;
        for (name, command) in commands(&input) {
            self.invoke(name, number, command).await?;
            self.publish(number).await?;
        }
        Ok(())
    }

    /// Hands every new record that is news to the relay, and what it publishes about orders to `notify`.
    /// Answers those that tell of a new order.
    async fn publish(&mut self, number: usize) -> Result<Vec<Value>, BenchError> {
        let mut events = Vec::new();
        for stream in &mut self.streams {
            events.extend(self.around.backend.next_records(stream)?);
        }
        let is_news = |event: &&Value| {
            let image = &event["Records"][0]["dynamodb"]["NewImage"];
            image[NEWS]["BOOL"] == true
        };
        for event in events.iter().filter(is_news) {
            self.invoke("publish-events", number, event.clone()).await?;
            let sent = self.around.backend.take_sent();
            for message in sent.published {
                let about: Envelope = serde_json::from_str(&message.message)
                    .map_err(|error| BenchError::Json("an event".to_owned(), error))?;
                if about.aggregate_kind() == "order" {
                    let event = queue_event(&message.message, &message.group, Uuid::nil());
                    self.invoke("notify", number, event).await?;
                }
            }
        }
        let is_new_order = |event: &Value| {
            let record = &event["Records"][0];
            let key = record["dynamodb"]["Keys"]["pk"]["S"].as_str();
            record["eventName"] == "INSERT" && key.is_some_and(|key| key.starts_with("ORDER#"))
        };
        Ok(events.into_iter().filter(is_new_order).collect())
    }

    async fn end(mut self, orders: usize) -> Result<Recording, BenchError> {
        for (name, recorded) in &mut self.recording.functions {
            let sums = self.around.proxy.trace();
            let of_it = sums.iter().filter(|sum| sum.caller == *name);
            let calls: u64 = of_it
                .filter(|sum| !sum.service.is_empty())
                .map(|sum| sum.calls)
                .sum();
            let first = recorded
                .events
                .iter()
                .filter(|(number, _)| *number == 0)
                .count();
            let later = recorded.events.len() - first;
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            let per_invocation = calls as f64 / later.max(1) as f64;
            recorded.aws_calls = if orders > 1 { per_invocation } else { f64::NAN };
            let Some((instance, (_, last))) =
                self.instances.get_mut(name).zip(recorded.events.last())
            else {
                continue;
            };
            // Every function is safe to repeat.
            for _ in recorded.events.len()..MANY {
                instance.invoke(last).await?;
            }
            recorded.rss_bytes = instance.peak_resident_bytes();
        }
        Ok(self.recording)
    }
}
