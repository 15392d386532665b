//! What counting events takes, and nothing else: `shared/metrics-aggregator` by itself, on lines that are the
//! same for whoever is compared with it.
//!
//! `counting lines` writes lines; the other commands measure one thing each and say it as JSON.

mod lines;
mod measure;

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::lines::Lines;

/// Counts events and tells what that took.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Writes events as lines of JSON, the same for the same numbers.
    Lines {
        /// How many.
        #[arg(long)]
        count: u64,
        /// Of how many types.
        #[arg(long)]
        types: u64,
        /// By how many users.
        #[arg(long)]
        users: u64,
    },
    /// Events a second of one core, from bytes: of each round.
    Rate {
        /// Lines of JSON.
        file: PathBuf,
        /// How often all of them are counted.
        #[arg(long, default_value_t = 7)]
        rounds: usize,
    },
    /// How long one line takes while they come at a rate.
    Latency {
        /// Lines of JSON.
        file: PathBuf,
        /// How many a second.
        #[arg(long, default_value_t = 100_000)]
        rate: u64,
        /// For so many seconds.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Memory of a window that is full, how far percentiles are off, and how long the end takes.
    Window {
        /// Of how many types.
        #[arg(long, default_value_t = 1_000)]
        types: u64,
        /// By how many users.
        #[arg(long, default_value_t = 1_000_000)]
        users: u64,
        /// Events in each of the sixty minutes.
        #[arg(long, default_value_t = 500_000)]
        each_minute: u64,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::io::stdout().lock();
    match Arguments::parse().what {
        What::Lines {
            count,
            types,
            users,
        } => {
            let mut out = BufWriter::new(out);
            for event in Lines::new(types, users).take(count.try_into()?) {
                event.write(&mut out)?;
            }
            Ok(out.flush()?)
        }
        What::Rate { file, rounds } => say(out, &measure::rate(&std::fs::read(file)?, rounds)?),
        What::Latency {
            file,
            rate,
            seconds,
        } => say(
            out,
            &measure::latency(&std::fs::read(file)?, rate, seconds)?,
        ),
        What::Window {
            types,
            users,
            each_minute,
        } => say(out, &measure::window((types, users), each_minute)?),
    }
}

fn say(mut out: impl Write, figures: &impl serde::Serialize) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(out, "{}", serde_json::to_string(figures)?)?)
}
