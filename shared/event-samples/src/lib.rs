//! Events of many tenants as they might come: a few tenants have most of them (Zipf's law), a few types are
//! frequent, processing times have a long tail (log-normal). The same numbers make the same events, so that
//! whoever is compared has the same, and a run that was stopped goes on where it was.
//!
//! ```
//! use event_samples::{Plan, Samples};
//!
//! let samples = Samples::new(Plan { rows: 10_000, ..Plan::default() });
//! let batches = samples.chunks().flat_map(|chunk| samples.chunk(chunk));
//! assert_eq!(batches.map(|batch| batch.events.len()).sum::<usize>(), 10_000);
//! ```

use domain::{
    BatchId, MAX_BATCH, MetricBatch, MetricEvent, MetricType, Plan as TenantPlan, ProcessingTime,
    TenantId,
};
use jiff::Timestamp;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Zipf};
use rand_pcg::Pcg64Mcg;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Events of one chunk.
pub const CHUNK: u64 = 50_000;
/// What happens, the most frequent first, and how many milliseconds half of it take.
const TYPES: [(&str, f64); 12] = [
    ("page.viewed", 4.0),
    ("search.asked", 18.0),
    ("cart.changed", 9.0),
    ("item.viewed", 6.0),
    ("checkout.begun", 35.0),
    ("order.placed", 120.0),
    ("payment.authorized", 450.0),
    ("mail.sent", 80.0),
    ("parcel.booked", 300.0),
    ("login.done", 60.0),
    ("report.made", 900.0),
    ("export.made", 4_000.0),
];
/// Of 100 tenants, the largest, how many pay most, and how many of the next pay something.
const ENTERPRISE: u32 = 5;
const STANDARD: u32 = 25;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The same number makes the same events.
    pub seed: u64,
    /// How many events.
    pub rows: u64,
    /// Of how many tenants; at least one.
    pub tenants: u32,
    /// When the first ones happen.
    pub from: Timestamp,
    /// When all have happened.
    pub until: Timestamp,
}

impl Default for Plan {
    /// A thousand events of ten tenants on the first day of 2026.
    fn default() -> Self {
        Self {
            seed: 1,
            rows: 1_000,
            tenants: 10,
            from: Timestamp::constant(1_767_225_600, 0),
            until: Timestamp::constant(1_767_312_000, 0),
        }
    }
}

/// Events in the sequence of time, chunk by chunk.
#[derive(Clone, Debug)]
pub struct Samples {
    plan: Plan,
    tenants: Vec<TenantId>,
    tenant: Zipf<f64>,
    types: Vec<(MetricType, LogNormal<f64>)>,
    of_type: Zipf<f64>,
}

impl Samples {
    /// Those that are wanted.
    ///
    /// # Panics
    /// Never: the numbers of the distributions are fine.
    pub fn new(plan: Plan) -> Self {
        let tenants = plan.tenants.max(1);
        let names = (1..=tenants).map(|number| format!("tenant-{number:04}"));
        let types = TYPES.iter().map(|(name, median)| {
            let times = LogNormal::new(median.ln(), 0.8);
            MetricType::parse(name).ok().zip(times.ok())
        });
        Self {
            plan,
            tenants: names
                .filter_map(|name| TenantId::parse(&name).ok())
                .collect(),
            tenant: zipf(tenants),
            types: types.flatten().collect(),
            of_type: zipf(u32::try_from(TYPES.len()).unwrap_or(1)),
        }
    }

    /// Who sends them, the largest first, and what they pay for.
    pub fn tenants(&self) -> impl Iterator<Item = (&TenantId, TenantPlan)> {
        let count = self.plan.tenants.max(1);
        let share = move |percent: u32| (count * percent).div_ceil(100);
        self.tenants.iter().zip(0..).map(move |(tenant, rank)| {
            let plan = match rank {
                rank if rank < share(ENTERPRISE) => TenantPlan::Enterprise,
                rank if rank < share(ENTERPRISE + STANDARD) => TenantPlan::Standard,
                _ => TenantPlan::Free,
            };
            (tenant, plan)
        })
    }

    /// The numbers of all chunks.
    pub fn chunks(&self) -> std::ops::Range<u64> {
        0..self.plan.rows.div_ceil(CHUNK)
    }

    /// The events of a chunk, as their tenants send them.
    pub fn chunk(&self, number: u64) -> Vec<MetricBatch> {
        let first = number * CHUNK;
        let rows = first..self.plan.rows.min(first + CHUNK);
        let mut random = self.random(number);
        let mut of_tenants = vec![Vec::new(); self.tenants.len()];
        for row in rows {
            let event = self.event(row, &mut random);
            let tenant = picked(&self.tenant, &mut random);
            if let Some(events) = of_tenants.get_mut(tenant) {
                events.push(event);
            }
        }
        let mut batches = Vec::with_capacity(self.tenants.len());
        for (tenant, events) in self.tenants.iter().zip(of_tenants) {
            for events in events.chunks(MAX_BATCH) {
                batches.push(MetricBatch {
                    tenant: tenant.clone(),
                    id: BatchId(Uuid::new_v8(random.random())),
                    events: events.to_vec(),
                });
            }
        }
        batches
    }

    fn event(&self, row: u64, random: &mut impl Rng) -> MetricEvent {
        let type_and_times = self.types.get(picked(&self.of_type, random));
        let (event_type, times) = type_and_times.or(self.types.first()).cloned().unzip();
        let millis = times.map_or(0.0, |times| times.sample(random));
        let took = ProcessingTime::from_millis(millis).unwrap_or(ProcessingTime::MAX);
        MetricEvent {
            event_type: event_type.unwrap_or_else(|| unreachable!("there are types")),
            at: self.time(row, random),
            took,
            payload: None,
        }
    }

    /// Somewhere in the part of the time that is this row's.
    fn time(&self, row: u64, random: &mut impl Rng) -> Timestamp {
        let (from, until) = (
            self.plan.from.as_microsecond(),
            self.plan.until.as_microsecond(),
        );
        let span = i128::from(until - from).max(1);
        let rows = i128::from(self.plan.rows.max(1));
        let begins = |row: u64| span * i128::from(row) / rows;
        let (begin, end) = (begins(row), begins(row + 1));
        let within = (i128::from(random.random::<u32>()) * (end - begin)) >> 32;
        let micros = i64::try_from(i128::from(from) + begin + within).unwrap_or(from);
        Timestamp::from_microsecond(micros).unwrap_or(self.plan.from)
    }

    /// Of its own for each chunk, so that chunks can be made in any sequence.
    fn random(&self, chunk: u64) -> Pcg64Mcg {
        let Plan {
            seed,
            rows,
            tenants,
            from,
            until,
        } = self.plan;
        let times = [from, until].map(|at| u64::try_from(at.as_microsecond()).unwrap_or_default());
        let numbers = [seed, rows, tenants.into(), times[0], times[1], chunk];
        let mixed = numbers.iter().fold(0, |mixed, number| {
            Pcg64Mcg::seed_from_u64(mixed ^ number).next_u64()
        });
        Pcg64Mcg::seed_from_u64(mixed)
    }
}

fn zipf(count: u32) -> Zipf<f64> {
    let one = || Zipf::new(1.0, 1.0);
    let law = Zipf::new(f64::from(count.max(1)), 1.0).or_else(|_| one());
    law.unwrap_or_else(|_| unreachable!("one of one is a law"))
}

/// A place from 0.
fn picked(law: &Zipf<f64>, random: &mut impl Rng) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1 to some thousands, whole"
    )]
    let rank = law.sample(random) as usize;
    rank.saturating_sub(1)
}
