//! `cartwright db`: the PostgreSQL database behind search.

use std::fmt;
use std::io::Write;

use analytics_db::AnalyticsDb;
use clap::Subcommand;
use serde::Serialize;

use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

/// Look after the database.
#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Bring the schema up to date. Repeating it does nothing, and two at once wait for each other.
    Migrate,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Migrated {
    /// Names of the migrations that were run.
    run: Vec<String>,
    /// Version of the schema now.
    version: i64,
}

impl fmt::Display for Migrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run.as_slice() {
            [] => write!(f, "the schema is up to date: version {}", self.version),
            run => write!(f, "ran {}: version {}", run.join(", "), self.version),
        }
    }
}

impl Db {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Migrate = self;
        let database = AnalyticsDb::connect(settings.one("DATABASE_URL")?)?;
        let done = database.migrate().await?;
        output.say(&Migrated {
            run: done.run,
            version: done.version,
        })?;
        Ok(Ending::Done)
    }
}
