//! `bench load`: orders that arrive whether or not earlier ones were answered, as customers do.
//! Each goes to an instance that is free, or to a new one, as Lambda does it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_proxy::Physics;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::BenchError;
use crate::figures::percentile;
use crate::instance::{Instance, Program};
use crate::journey::{body, post_order, prepare};
use crate::place::Place;
use crate::table::{Column, Table, milliseconds};

/// What every call of AWS takes.
const LATENCY_MS: u64 = 10;
/// Orders per second: 50,000 in a day that has ten times as many in its busiest hour, and ten
/// times that.
const RATES: [u32; 2] = [6, 60];
/// More instances than this are never started: a machine that cannot keep up would start one for
/// each order, and end.
const INSTANCES: usize = 32;
/// How long they arrive.
const LASTS: Duration = Duration::from_secs(20);

/// How long replies take.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Which program, at what rate.
    pub name: String,
    /// Orders per second.
    pub rate: u32,
    /// How many were placed.
    pub orders: usize,
    /// How many instances it took.
    pub instances: usize,
    /// Half of all replies take no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100.
    pub p99_ms: Option<f64>,
    /// None.
    pub max_ms: Option<f64>,
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct Load {
    /// What ran it.
    pub machine: String,
    /// What every call of AWS takes, in milliseconds.
    pub latency_ms: u64,
    /// One for each program and rate.
    pub rows: Vec<Row>,
}

/// Sends orders to `place-order` at each rate, and to each peer at the first: two cores that also
/// play everything else cannot start their instances fast enough for more.
///
/// # Errors
/// When an order is refused.
pub async fn run(place: &Place) -> Result<Load, BenchError> {
    let mut rows = Vec::new();
    for rate in RATES {
        let around = place.surroundings().await?;
        prepare(&around).await?;
        let slow = Physics {
            latency_ms: LATENCY_MS,
            ..Physics::default()
        };
        let told = around.proxy.set_physics(slow);
        told.map_err(|refused| BenchError::Unexpected(format!("{refused:?}")))?;
        let ours = place.function("place-order", &around);
        let peers = if rate == RATES[0] {
            place.peers(&around)
        } else {
            Vec::new()
        };
        for program in std::iter::once(ours).chain(peers) {
            place.progress(format!("{} at {rate} orders/s", program.name));
            rows.push(at_rate(place, &program, rate).await?);
        }
    }
    Ok(Load {
        machine: place.machine.clone(),
        latency_ms: LATENCY_MS,
        rows,
    })
}

/// The instances of one program.
#[derive(Clone, Debug)]
struct Shift {
    program: Program,
    free: Arc<Mutex<Vec<Instance>>>,
    places: Arc<Semaphore>,
}

async fn at_rate(place: &Place, program: &Program, rate: u32) -> Result<Row, BenchError> {
    let token = place.token()?;
    let key = |program: &Program, rate: u32, number: &str| {
        format!("{}-{rate}-{number}", program.name).replace([' ', ','], "-")
    };
    let shift = Shift {
        program: program.clone(),
        free: Arc::default(),
        places: Arc::new(Semaphore::new(INSTANCES)),
    };
    // One that is warm: a shop that sells all day has it.
    let first = post_order(&token, &key(program, rate, "warm"), &body());
    let mut warm = Instance::start(program).await?;
    placed(&warm.invoke(&first).await?.0)?;
    give_back(&shift.free, warm);
    let orders = usize::try_from(u64::from(rate) * LASTS.as_secs()).unwrap_or_default();
    let begun = Instant::now();
    let mut under_way = JoinSet::new();
    for number in 0..orders {
        let due = begun + LASTS.mul_f64(fraction(number, orders));
        tokio::time::sleep_until(due).await;
        let event = post_order(&token, &key(program, rate, &number.to_string()), &body());
        under_way.spawn(one(shift.clone(), event, due));
    }
    let mut took = Vec::with_capacity(orders);
    while let Some(ended) = under_way.join_next().await {
        took.push(ended.map_err(|error| BenchError::Unexpected(error.to_string()))??);
    }
    let instances = shift
        .free
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .len();
    Ok(Row {
        name: format!("{}, {rate} orders/s", program.name),
        rate,
        orders,
        instances,
        p50_ms: percentile(&took, 50),
        p99_ms: percentile(&took, 99),
        max_ms: percentile(&took, 100),
    })
}

fn fraction(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let fraction = part as f64 / whole.max(1) as f64;
    fraction
}

/// From the moment at which the order was due to its answer, the wait for an instance included.
async fn one(shift: Shift, event: Value, due: Instant) -> Result<Duration, BenchError> {
    let place = shift.places.acquire().await;
    let place = place.map_err(|closed| BenchError::Unexpected(closed.to_string()))?;
    let idle = shift
        .free
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop();
    let mut instance = match idle {
        Some(instance) => instance,
        None => Instance::start(&shift.program).await?,
    };
    let (answer, _) = instance.invoke(&event).await?;
    let took = due.elapsed();
    placed(&answer)?;
    give_back(&shift.free, instance);
    drop(place);
    Ok(took)
}

fn give_back(free: &Mutex<Vec<Instance>>, instance: Instance) {
    free.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(instance);
}

fn placed(answer: &Value) -> Result<(), BenchError> {
    if answer["statusCode"] == 201 {
        return Ok(());
    }
    Err(BenchError::Unexpected(format!(
        "a placement answered {answer}"
    )))
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("program and load"),
            Column::right("orders"),
            Column::right("instances"),
            Column::right("p50, ms"),
            Column::right("p99, ms"),
            Column::right("longest, ms"),
        ]);
        for row in &self.rows {
            table.row([
                row.name.clone(),
                row.orders.to_string(),
                row.instances.to_string(),
                milliseconds(row.p50_ms),
                milliseconds(row.p99_ms),
                milliseconds(row.max_ms),
            ]);
        }
        writeln!(f, "{} ms for each call of AWS\n{table}", self.latency_ms)
    }
}
