//! The command line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;

use clap::{Parser, Subcommand};
use http_edge::token::SigningKey;
use serde::Serialize;
use testkit::keys::private_key;

use crate::BenchError;
use crate::callgrind::Callgrind;
use crate::place::Place;
use crate::{aggregator, analytics, budgets, cost, edge, load, order, sockets, start};

/// Measures the functions as Lambda would see them.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub struct Arguments {
    /// Folder of the built functions.
    #[arg(long, default_value = "target/release")]
    functions: PathBuf,
    /// Folder of their packages.
    #[arg(long, default_value = ".local/bench/package")]
    packages: PathBuf,
    /// JSON object with the name and the command of each peer.
    #[arg(long, value_parser = peers, default_value = "{}")]
    peers: Peers,
    /// The program that counts instructions.
    #[arg(long, default_value = "valgrind")]
    valgrind: PathBuf,
    /// Folder for the figures, as JSON.
    #[arg(long, default_value = ".local/bench")]
    out: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// How each function starts.
    Start {
        /// How often each is started.
        #[arg(long, default_value_t = 11)]
        runs: usize,
    },
    /// What an order takes in each function.
    Order {
        /// How many are placed.
        #[arg(long, default_value_t = 100)]
        orders: usize,
    },
    /// Whether starts and packages keep to their budgets.
    Budgets {
        /// JSON with the budgets of each function.
        #[arg(long, default_value = "tests/bench/budgets.json")]
        file: PathBuf,
    },
    /// What a request takes without the work of its route.
    Edge,
    /// How long replies take while orders keep coming.
    Load,
    /// How long one message takes to thousands of sockets, and what a post takes.
    Sockets,
    /// How many events are counted a second, and what that takes.
    Aggregator,
    /// How fast reports of many tenants' events are, and how fast events are taken in; needs a database.
    Analytics {
        /// How many events.
        #[arg(long)]
        rows: u64,
    },
    /// How fast old events become files, and how small; needs a database.
    Archive {
        /// How many events.
        #[arg(long)]
        rows: u64,
    },
    /// What an order costs; needs the test instance.
    Cost {
        /// How many are placed, one after the other.
        #[arg(long, default_value_t = 20)]
        orders: u64,
    },
}

type Peers = BTreeMap<String, Vec<String>>;

fn peers(text: &str) -> Result<Peers, serde_json::Error> {
    serde_json::from_str(text)
}

/// Measures, prints, and writes the figures.
///
/// # Errors
/// When something cannot be measured.
pub async fn run(arguments: Arguments) -> Result<(), BenchError> {
    std::fs::create_dir_all(&arguments.out)?;
    let pem = private_key();
    let place = Place {
        callgrind: Callgrind::find(&arguments.valgrind, &arguments.out),
        functions: arguments.functions,
        packages: arguments.packages,
        peers: arguments.peers,
        machine: machine(),
        key: SigningKey::from_pem("bench", &pem)?,
        pem,
    };
    match arguments.what {
        What::Start { runs } => {
            let figures = start::run(&place, runs).await?;
            report(&place, &arguments.out.join("start.json"), &figures)
        }
        What::Order { orders } => {
            let figures = order::run(&place, orders).await?;
            report(&place, &arguments.out.join("order.json"), &figures)
        }
        What::Budgets { file } => {
            let figures = budgets::run(&place, &file).await?;
            report(&place, &arguments.out.join("budgets.json"), &figures)?;
            figures.keep()
        }
        What::Edge => {
            let figures = edge::run(&place).await?;
            report(&place, &arguments.out.join("edge.json"), &figures)
        }
        What::Load => {
            let figures = load::run(&place).await?;
            report(&place, &arguments.out.join("load.json"), &figures)
        }
        What::Sockets => {
            let figures = sockets::run(&place).await?;
            report(&place, &arguments.out.join("sockets.json"), &figures)
        }
        What::Aggregator => {
            let figures = aggregator::run(&place, &arguments.out).await?;
            report(&place, &arguments.out.join("aggregator.json"), &figures)
        }
        What::Analytics { rows } => {
            let figures = analytics::run(&place, rows, &arguments.out).await?;
            report(&place, &arguments.out.join("analytics.json"), &figures)
        }
        What::Archive { rows } => {
            let figures = analytics::archive(&place, rows, &arguments.out).await?;
            report(&place, &arguments.out.join("archive.json"), &figures)
        }
        What::Cost { orders } => {
            let figures = cost::run(&place, orders, &arguments.out).await?;
            report(&place, &arguments.out.join("cost.json"), &figures)
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is what people run it for")]
fn report<F>(place: &Place, file: &std::path::Path, figures: &F) -> Result<(), BenchError>
where
    F: fmt::Display + Serialize,
{
    if std::io::stderr().is_terminal() {
        place.progress("");
    }
    println!("{figures}");
    let name = file.display().to_string();
    let json =
        serde_json::to_string_pretty(figures).map_err(|error| BenchError::Json(name, error))?;
    std::fs::write(file, json + "\n")?;
    Ok(())
}

/// Processor and number of cores, as far as the system tells.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |line| line.trim_start_matches(['\t', ' ', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = Command::new("uname")
        .arg("-sm")
        .output()
        .map(|out| out.stdout);
    let kernel = String::from_utf8_lossy(&kernel.unwrap_or_default())
        .trim()
        .to_owned();
    format!("{cores} cores of {model}, {kernel}")
}
