//! What reports of many tenants' events take, and nothing else: the adapter of the database and the archive by
//! themselves, on events that are the same for whoever is compared with them. Each command measures one thing
//! and says it as JSON. The database is the one of `DATABASE_URL`; its tables are made anew.

mod archive;
mod ask;
mod bare;
mod load;

use std::error::Error;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use event_samples::{Plan, Samples};
use jiff::Timestamp;
use serde::Serialize;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures reports.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address of the database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database: String,
    #[command(flatten)]
    wanted: Wanted,
    #[command(subcommand)]
    what: What,
}

/// Which events: two years of them.
#[derive(Clone, Copy, Debug, Args)]
struct Wanted {
    /// How many.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Of how many tenants.
    #[arg(long, default_value_t = 1_000)]
    tenants: u32,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Takes all events in: rows, figures, ids of batches.
    Load,
    /// Copies as many rows, by the same connections, into a table that nothing depends on.
    Bare,
    /// Asks for the average of each tenant and day, of those who pay most: of the rows and of the figures.
    Ask {
        /// How often the figures are asked for.
        #[arg(long, default_value_t = 300)]
        times: u32,
    },
    /// Takes events in at a rate while reports are read.
    Paced {
        /// How many a second.
        #[arg(long, default_value_t = 50_000)]
        rate: u64,
        /// For so many seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// Moves the oldest months into files of a folder, and one of them back.
    Archive {
        /// Which folder.
        folder: PathBuf,
        /// How many months.
        #[arg(long, default_value_t = 24)]
        months: i8,
    },
}

impl Wanted {
    /// The years that the question is about.
    fn samples(self) -> Samples {
        Samples::new(Plan {
            seed: 1,
            rows: self.rows,
            tenants: self.tenants,
            from: begun(),
            until: ended(),
        })
    }
}

/// 2024-01-01.
const fn begun() -> Timestamp {
    Timestamp::constant(1_704_067_200, 0)
}

/// 2026-01-01.
const fn ended() -> Timestamp {
    Timestamp::constant(1_767_225_600, 0)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let Arguments {
        database,
        wanted,
        what,
    } = Arguments::parse();
    match what {
        What::Load => say(&load::load(&database, wanted).await?),
        What::Bare => say(&bare::copy(&database, wanted).await?),
        What::Ask { times } => say(&ask::ask(&database, times).await?),
        What::Paced { rate, seconds } => say(&load::paced(&database, rate, seconds).await?),
        What::Archive { folder, months } => {
            say(&archive::archive(&database, &folder, months).await?)
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is what it is run for")]
fn say(figures: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(figures)?);
    Ok(())
}
