//! `cartwright search`: the index that the catalogue is searched by.

use std::fmt;
use std::io::Write;

use analytics_db::AnalyticsDb;
use clap::Subcommand;
use domain::TenantId;
use domain::ports::{KeepCourses, KeepProducts, RebuildIndex};
use dynamo_store::CatalogTable;
use search_rebuild::{Place, step};
use serde::Serialize;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// After so many entries it says how far it is.
const TELLS_AFTER: u64 = 1_000;

/// Look after the search.
#[derive(Debug, Subcommand)]
pub(crate) enum Search {
    /// Write the index anew from the catalogue.
    ///
    /// Events may go on coming in: what they tell stays where it is newer. What the catalogue does not
    /// have is found no more.
    Rebuild,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Progress {
    /// Entries of the catalogue that were written.
    written: u64,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries so far", self.written)
    }
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Rebuilt {
    /// Entries of the catalogue that were written.
    written: u64,
    /// Entries that the catalogue does not have.
    removed: u64,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, removed } = self;
        write!(f, "{written} entries written, {removed} removed")
    }
}

impl Search {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Rebuild = self;
        let [table, url] = settings.all(["CATALOG_TABLE", "DATABASE_URL"])?;
        let tenant = settings.optional("HOME_TENANT").unwrap_or("main");
        let tenant = TenantId::parse(tenant)?;
        let catalogue = CatalogTable::connect(&sdk_config(settings).await, table);
        let index = AnalyticsDb::connect(url)?;
        let done = rebuild((&catalogue, &index), &tenant, Place::default(), output).await?;
        output.say(&done)?;
        Ok(Ending::Done)
    }
}

/// Goes from a place to the end.
async fn rebuild<C: KeepProducts + KeepCourses>(
    (catalogue, index): (&C, &impl RebuildIndex),
    tenant: &TenantId,
    from: Place,
    output: &mut Output<impl Write>,
) -> Result<Rebuilt, Failure> {
    let mut done = Rebuilt::default();
    let mut place = Some(from);
    while let Some(at) = place {
        let told = done.written / TELLS_AFTER;
        let stepped = step(catalogue, index, tenant, &at).await?;
        done.written += stepped.written;
        done.removed += stepped.removed;
        place = stepped.next;
        if done.written / TELLS_AFTER > told {
            let written = done.written;
            output.say(&Progress { written })?;
        }
    }
    Ok(done)
}
