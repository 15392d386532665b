//! `push-updates`, told of stock that many sockets asked for.

use std::ffi::OsString;

use domain::ports::KeepSockets;
use domain::{Sku, Socket, SocketId, Topic};
use dynamo_store::RealtimeTable;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::stream::{ItemChange, stream_event};

use super::broadcast::Speak;
use super::talker::unexpected;
use crate::BenchError;
use crate::instance::{Instance, Program};
use crate::journey::aws;
use crate::place::{Place, Surroundings};

/// Sockets of one topic: more have no room in its rows.
const OF_ONE: usize = 1_000;
/// Their rows are older than what may still be opening.
const SINCE: SignedDuration = SignedDuration::from_mins(1);

/// The running function.
pub(super) struct PushUpdates {
    instance: Instance,
    topics: usize,
    /// Its tables.
    _around: Surroundings,
}

impl PushUpdates {
    /// With a place in a row for each of these sockets of a stage; run by another program where one is
    /// named.
    pub(super) async fn start(
        place: &Place,
        (stage, ids): (&str, &[String]),
        runner: &[OsString],
    ) -> Result<Self, BenchError> {
        let around = place.surroundings().await?;
        let table = RealtimeTable::connect(&aws(&around), "Realtime");
        for (number, ids) in ids.chunks(OF_ONE).enumerate() {
            let topic = topic(number)?;
            for id in ids {
                if !table.join(&topic, &socket(id)?).await? {
                    return Err(unexpected("a topic has no room"));
                }
            }
        }
        let mut program = with_stage(place.function("push-updates", &around), stage);
        // What groups are told goes to the first, what admins are told to the second: nothing of stock.
        for queue in ["SLICES_QUEUE", "DASHBOARDS_QUEUE"] {
            let nowhere = "http://127.0.0.1:9/none".to_owned();
            program.environment.insert(queue.to_owned(), nowhere);
        }
        Ok(Self {
            instance: Instance::start(&program.under(runner)).await?,
            topics: ids.len().div_ceil(OF_ONE),
            _around: around,
        })
    }

    /// Ends it, and waits until it has.
    pub(super) async fn stop(self) -> Result<(), BenchError> {
        Ok(self.instance.stop().await?)
    }
}

impl Speak for PushUpdates {
    async fn speak(&mut self, number: u64, _sockets: usize) -> Result<(), BenchError> {
        let topics = 0..self.topics;
        let changes: Vec<ItemChange> = topics.map(|topic| changed(topic, number)).collect();
        let (answer, _) = self.instance.invoke(&stream_event(&changes)).await?;
        match answer["batchItemFailures"].as_array() {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(unexpected(format!("push-updates answered {answer}"))),
        }
    }
}

/// A function that posts to this stage.
pub(super) fn with_stage(mut program: Program, stage: &str) -> Program {
    let variables = [
        ("SOCKETS_STAGE", stage.to_owned()),
        // Part of what is signed, so of the length that AWS's have.
        ("AWS_SESSION_TOKEN", "token".repeat(100)),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    program.environment.extend(variables);
    program
}

/// The n-th of what sockets ask for.
fn topic(number: usize) -> Result<Topic, BenchError> {
    let sku = Sku::parse(&sku(number)).map_err(unexpected)?;
    Ok(Topic::Stock(sku))
}

fn sku(number: usize) -> String {
    format!("sku-{number}")
}

/// What the stream says when there is news of it; its sockets are told the version.
fn changed(topic: usize, version: u64) -> ItemChange {
    let image = |version: u64, available: u64| -> Value {
        json!({
            "pk": {"S": format!("STOCK#{}", sku(topic))}, "entity": {"S": "stock"},
            "version": {"N": version.to_string()}, "available": {"N": available.to_string()},
            "changed_at": {"N": "0"},
        })
    };
    ItemChange::modified(image(version - 1, 10), image(version, 9))
}

/// A socket of a stage, as its row has it.
pub(super) fn socket(id: &str) -> Result<Socket, BenchError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "functions under measurement read the clock"
    )]
    let now = Timestamp::now();
    let since = now.checked_sub(SINCE).map_err(unexpected)?;
    Ok(Socket {
        id: SocketId::parse(id).map_err(unexpected)?,
        session: None,
        since: Timestamp::from_second(since.as_second()).map_err(unexpected)?,
    })
}
