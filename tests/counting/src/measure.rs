//! The measurements.

use std::error::Error;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use jiff::Timestamp;
use metrics_aggregator::{Aggregates, Bounds, Event, MetricsProcessor};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::lines::{BEGUN, Lines};

/// Lines of one call: what a request or a datagram brings.
const BATCH: usize = 64 * 1024;
/// Types whose values are kept beside, to hold percentiles against.
const KEPT: usize = 3;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many events a second, in each round.
#[derive(Debug, Serialize)]
pub(crate) struct Rate {
    events: u64,
    cores: usize,
    /// Of processor time, by one thread.
    per_second: Vec<f64>,
    /// Of the clock, by a thread for each core.
    together_per_second: Vec<f64>,
}

/// Nanoseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    events: u64,
    per_second: f64,
    p50_ns: u64,
    p99_ns: u64,
    p999_ns: u64,
    max_ns: u64,
}

/// A window that is full.
#[derive(Debug, Serialize)]
pub(crate) struct Window {
    events: u64,
    types: usize,
    resident_mib: f64,
    ask_ms: f64,
    close_ms: f64,
    /// The farthest of all percentiles that were held against the values themselves.
    percentile_off: f64,
    users_off: f64,
}

/// Processor time of this process.
fn spent() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let whole = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(whole, u32::try_from(now.tv_nsec).unwrap_or_default())
}

fn time() -> Instant {
    Instant::now()
}

/// The minute in which the lines are.
fn then() -> Timestamp {
    Timestamp::from_second(BEGUN + 30).unwrap_or_default()
}

/// All lines, some at a time, again and again: by one thread, then by as many as there are cores.
pub(crate) fn rate(lines: &[u8], rounds: usize) -> Result<Rate> {
    let batches = batches(lines);
    let cores = std::thread::available_parallelism()?.get();
    let mut rate = Rate {
        events: 0,
        cores,
        per_second: Vec::new(),
        together_per_second: Vec::new(),
    };
    for _ in 0..rounds {
        let (events, took, _) = counted(&batches, 1)?;
        rate.events = events;
        rate.per_second.push(each_second(events, took));
        let (events, _, took) = counted(&batches, cores)?;
        rate.together_per_second.push(each_second(events, took));
    }
    Ok(rate)
}

/// Counts all of them by so many threads: how many events, processor time, and time.
fn counted(batches: &[&[u8]], threads: usize) -> Result<(u64, Duration, Duration)> {
    let metrics = MetricsProcessor::new(Bounds::default(), then);
    let parts = batches.chunks(batches.len().div_ceil(threads).max(1));
    let count = |part: &[&[u8]]| part.iter().map(|it| metrics.process_lines(it).taken).sum();
    let (spent_before, begun) = (spent(), time());
    let taken: u64 = std::thread::scope(|scope| {
        let counting: Vec<_> = parts.map(|part| scope.spawn(move || count(part))).collect();
        let taken = counting.into_iter().map(|it| it.join().unwrap_or(0_u64));
        taken.sum()
    });
    let (took, elapsed) = (spent().saturating_sub(spent_before), begun.elapsed());
    all_there(&metrics.everything(), taken)?;
    Ok((taken, took, elapsed))
}

#[expect(clippy::cast_precision_loss, reason = "a rate of three digits")]
fn each_second(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}

/// Whole lines, about so many bytes of them.
fn batches(lines: &[u8]) -> Vec<&[u8]> {
    let mut batches = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let end = rest.iter().skip(BATCH).position(|byte| *byte == b'\n');
        let (batch, behind) = rest.split_at(end.map_or(rest.len(), |end| BATCH + end + 1));
        batches.push(batch);
        rest = behind;
    }
    batches
}

fn all_there(counted: &Aggregates, taken: u64) -> Result<()> {
    let found: u64 = counted.types.values().map(|it| it.count).sum();
    match found == taken && taken > 0 {
        true => Ok(()),
        false => Err(format!("{found} of {taken} events are counted").into()),
    }
}

/// One line after the other, each at its time; somebody asks once a second meanwhile.
pub(crate) fn latency(lines: &[u8], rate: u64, seconds: u64) -> Result<Latency> {
    let metrics = MetricsProcessor::new(Bounds::default(), then);
    let events = rate.saturating_mul(seconds);
    // Up to a second.
    let mut times = Histogram::<u64>::new_with_bounds(1, 1_000_000_000, 3)?;
    let gap = Duration::from_secs(1) / u32::try_from(rate)?;
    let all: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
    let begun = time();
    let took = std::thread::scope(|scope| -> Result<Duration> {
        let asked = scope.spawn(|| {
            for _ in 0..seconds {
                std::thread::park_timeout(Duration::from_secs(1));
                metrics.everything();
            }
        });
        for (number, line) in (0_u32..).zip(all.iter().cycle()) {
            if u64::from(number) >= events {
                break;
            }
            let due = begun + gap * number;
            let mut now = time();
            while now < due {
                std::hint::spin_loop();
                now = time();
            }
            metrics.process_lines(line);
            times.saturating_record(u64::try_from((time() - now).as_nanos())?);
        }
        let took = begun.elapsed();
        asked.join().map_err(|_| "whoever asks failed")?;
        Ok(took)
    })?;
    all_there(&metrics.everything(), events)?;
    #[expect(clippy::cast_precision_loss, reason = "a rate of three digits")]
    let per_second = events as f64 / took.as_secs_f64();
    Ok(Latency {
        events,
        per_second,
        p50_ns: times.value_at_quantile(0.5),
        p99_ns: times.value_at_quantile(0.99),
        p999_ns: times.value_at_quantile(0.999),
        max_ns: times.max(),
    })
}

/// An hour of events, minute by minute.
pub(crate) fn window((types, users): (u64, u64), each_minute: u64) -> Result<Window> {
    let minute = AtomicI64::new(0);
    let now = || {
        let seconds = minute.load(Ordering::Relaxed) * 60 + 59;
        Timestamp::from_second(BEGUN + seconds).unwrap_or_default()
    };
    let metrics = MetricsProcessor::new(Bounds::default(), now);
    let mut made = Lines::new(types, users);
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); KEPT];
    let mut seen = vec![false; usize::try_from(users)?];
    let mut different = 0_u64;
    for number in 0..60 {
        minute.store(number, Ordering::Relaxed);
        for event in made.by_ref().take(usize::try_from(each_minute)?) {
            let (kind, user) = (event.kind.to_string(), event.user.to_string());
            let seconds = event.at.as_second() + number * 60;
            metrics.process_event(&Event {
                timestamp: Timestamp::from_second(seconds)?,
                user_id: &user,
                event_type: &kind,
                value: event.value,
            })?;
            if let Some(kept) = values.get_mut(usize::try_from(event.kind)?) {
                kept.push(event.value);
            }
            if event.kind == 0 {
                let place = seen.get_mut(usize::try_from(event.user)?);
                different += u64::from(place.is_some_and(|seen| !std::mem::replace(seen, true)));
            }
        }
        // As whoever runs it does every second.
        metrics.collect();
    }
    let asked = time();
    let said = metrics.everything();
    let ask_ms = asked.elapsed().as_secs_f64() * 1e3;
    all_there(&said, each_minute * 60)?;
    let closing = time();
    metrics.close();
    let close_ms = closing.elapsed().as_secs_f64() * 1e3;
    let first = said.types.get("0").ok_or("no event of the first type")?;
    #[expect(clippy::cast_precision_loss, reason = "a share of three digits")]
    let users_off = (first.users as f64 / different as f64 - 1.0).abs();
    Ok(Window {
        events: each_minute * 60,
        types: said.types.len(),
        resident_mib: resident()?,
        ask_ms,
        close_ms,
        percentile_off: farthest(&said, &mut values)?,
        users_off,
    })
}

/// How far percentiles are from those of the values themselves, as a share.
fn farthest(said: &Aggregates, values: &mut [Vec<f64>]) -> Result<f64> {
    let mut farthest = 0_f64;
    for (kind, values) in values.iter_mut().enumerate() {
        let said = said.types.get(&kind.to_string());
        let said = said.ok_or("a type is missing")?;
        values.sort_unstable_by(f64::total_cmp);
        for (part, said) in [
            (50, said.p50),
            (90, said.p90),
            (95, said.p95),
            (99, said.p99),
        ] {
            // The smallest that so many are not above.
            let place = (values.len() * part).div_ceil(100).saturating_sub(1);
            let exact = values.get(place).ok_or("no value")?;
            farthest = farthest.max((said / exact - 1.0).abs());
        }
    }
    Ok(farthest)
}

/// Memory that this process has now, in MiB.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .and_then(|line| line.trim().strip_suffix("kB"))
        .ok_or("no memory is told")?
        .trim()
        .parse()?;
    Ok(kib / 1024.0)
}
