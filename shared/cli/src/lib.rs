//! The command line of the shop: sets products and the first admin up, makes development tokens, places and follows
//! orders, publishes events again or skips them, sends dead letters back, verifies the audit log, has other services told of
//! profiles, keeps the database of search and of the history, moves old
//! events into the archive and back, makes events to try things out
//! with, bills what was counted, counts events of other programs, lets many customers come at once. One module per subcommand.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 the order was not confirmed, 4 the
//! order had not ended in time, 5 the audit log is not what was written, 6 of many sockets one was
//! not opened or did not hear each message once.

mod admin;
mod api;
mod archive;
mod audit;
mod aws;
mod bar;
mod completions;
mod cost;
mod db;
mod dead_letters;
mod events;
mod failure;
mod generate;
mod load;
mod metrics;
mod notifications;
mod order;
mod output;
mod pace;
mod profiles;
mod queues;
mod search;
mod seed;
mod settings;
mod token;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{Ending, Failure};
use crate::output::{Format, Output};
use crate::settings::Settings;

/// Set up, try out and look after the shop.
///
/// Settings are read from the environment; where that names no stack, from `.local/env`, which
/// `make run` writes.
#[derive(Debug, Parser)]
#[command(name = "cartwright", disable_help_subcommand = true)]
pub struct Arguments {
    /// Write JSON, one object per line, for programs to read.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Seed(seed::Seed),
    #[command(subcommand)]
    Admin(admin::Admin),
    Token(token::Token),
    #[command(subcommand)]
    Order(order::Order),
    #[command(subcommand)]
    Load(load::Load),
    #[command(subcommand)]
    Events(events::Events),
    #[command(subcommand)]
    Profiles(profiles::Profiles),
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLetters),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Notifications(notifications::Notifications),
    #[command(subcommand)]
    Search(search::Search),
    #[command(subcommand)]
    Db(db::Db),
    #[command(subcommand)]
    Archive(archive::Archive),
    #[command(subcommand, name = "gen")]
    Generate(generate::Generate),
    #[command(subcommand)]
    Metrics(metrics::Metrics),
    Cost(cost::Cost),
    Completions(completions::Completions),
}

/// Runs the command and reports on standard output, or says on standard error what went wrong.
pub async fn run(arguments: &Arguments) -> ExitCode {
    let format = Format::new(arguments.json);
    let mut output = Output::new(format, io::stdout());
    match execute(&arguments.command, &mut output).await {
        Ok(ending) => ending.into(),
        Err(failure) => {
            complain(format, &failure);
            failure.exit_code()
        }
    }
}

async fn execute(command: &Command, output: &mut Output<impl Write>) -> Result<Ending, Failure> {
    match command {
        Command::Completions(completions) => {
            return completions.run(output).map_err(Failure::from);
        }
        Command::Cost(cost) => return cost.run(output),
        Command::Metrics(metrics) => return metrics.run(output).await,
        _ => {}
    }
    let settings = Settings::read()?;
    match command {
        Command::Seed(seed) => seed.run(&settings, output).await,
        Command::Admin(admin) => admin.run(&settings, output).await,
        Command::Token(token) => token.run(&settings, output),
        Command::Order(order) => order.run(&settings, output).await,
        Command::Load(load) => load.run(&settings, output).await,
        Command::Events(events) => events.run(&settings, output).await,
        Command::Profiles(profiles) => profiles.run(&settings, output).await,
        Command::DeadLetters(letters) => letters.run(&settings, output).await,
        Command::Audit(audit) => audit.run(&settings, output).await,
        Command::Notifications(history) => history.run(&settings, output).await,
        Command::Search(search) => search.run(&settings, output).await,
        Command::Db(db) => db.run(&settings, output).await,
        Command::Archive(archive) => archive.run(&settings, output).await,
        Command::Generate(generate) => generate.run(&settings, output).await,
        Command::Completions(_) | Command::Cost(_) | Command::Metrics(_) => Ok(Ending::Done),
    }
}

/// The time, for commands that need it.
fn now() -> jiff::Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line is an edge: time enters here"
    )]
    jiff::Timestamp::now()
}

fn complain(format: Format, failure: &Failure) {
    let text = failure.in_words();
    let said = match format {
        Format::Text => writeln!(io::stderr(), "error: {text}"),
        Format::Json => writeln!(io::stderr(), "{}", serde_json::json!({ "error": text })),
    };
    // Nobody is left to tell; the exit code still says it.
    drop(said);
}

#[cfg(test)]
mod tests;
