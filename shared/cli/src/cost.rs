//! `cartwright cost`: what the orders of a counted trace cost at AWS.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cost::{BillError, Comparison, Kind, Options, Rates, RatesError, Trace, TraceError};
use thiserror::Error;

use crate::failure::{Ending, Failure};
use crate::output::Output;

#[cfg(test)]
mod tests;

/// Bill a counted trace by AWS's list prices.
///
/// The totals of each kind of saga on each processor, then line by line what was chosen. Needs no
/// stack. Prices and assumptions stand in `shared/cost`, each with its source.
#[derive(Debug, Args)]
pub(crate) struct Cost {
    /// The trace, as JSON.
    trace: PathBuf,
    /// Type of the saga's state machine.
    #[arg(long, value_enum, default_value_t = Saga::Express)]
    saga: Saga,
    /// Processor of all functions.
    #[arg(long, value_enum, default_value_t = Processor::Arm64)]
    architecture: Processor,
    /// Memory of each function.
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory_mb: u32,
    /// Say as well what a day with so many orders costs, and a month of such days.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    orders_per_day: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Saga {
    /// Billed by execution and duration.
    Express,
    /// Billed by state transition.
    Standard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Processor {
    #[value(name = "arm64")]
    Arm64,
    #[value(name = "x86-64", alias = "x86_64")]
    X86_64,
}

/// Why there is no bill.
#[derive(Debug, Error)]
pub(crate) enum CostError {
    #[error("the trace {path} cannot be read")]
    File {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("{path} is no trace")]
    Trace {
        path: String,
        #[source]
        source: TraceError,
    },
    #[error(transparent)]
    Rates(#[from] RatesError),
    #[error(transparent)]
    Bill(#[from] BillError),
}

impl Cost {
    pub(crate) fn run(&self, output: &mut Output<impl Write>) -> Result<Ending, Failure> {
        let trace = self.read()?;
        let rates = Rates::built_in().map_err(CostError::Rates)?;
        let comparison = Comparison::new(&trace, self.options(), &rates);
        output.say(&comparison.map_err(CostError::Bill)?)?;
        Ok(Ending::Done)
    }

    fn read(&self) -> Result<Trace, CostError> {
        let path = self.trace.display().to_string();
        let text = std::fs::read_to_string(&self.trace);
        let text = text.map_err(|source| CostError::File {
            path: path.clone(),
            source,
        })?;
        Trace::from_json(&text).map_err(|source| CostError::Trace { path, source })
    }

    const fn options(&self) -> Options {
        Options {
            saga: Some(match self.saga {
                Saga::Express => Kind::Express,
                Saga::Standard => Kind::Standard,
            }),
            architecture: match self.architecture {
                Processor::Arm64 => cost::Architecture::Arm64,
                Processor::X86_64 => cost::Architecture::X86_64,
            },
            memory_mb: self.memory_mb,
            orders_per_day: self.orders_per_day,
        }
    }
}
