//! `cartwright notifications`: the full history of what people were told.

use std::fmt;
use std::io::{self, Write};

use analytics_db::AnalyticsDb;
use clap::Subcommand;
use domain::ports::{KeepHistory, ListNews, WalkLists};
use dynamo_store::RealtimeTable;
use serde::Serialize;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Look after the history of notifications.
#[derive(Debug, Subcommand)]
pub(crate) enum Notifications {
    /// Write to the history what is in the lists: for a new database, or after one was away for a day.
    ///
    /// Reads the whole table of lists. Notifications may go on coming in. What has left the lists, after
    /// thirty days, is not there to be written.
    Rebuild,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Rebuilt {
    /// Notifications that the history has now.
    kept: usize,
    /// Readers of whom it has nothing any more, because they were erased.
    closed: usize,
    /// Items that could not be read.
    unreadable: usize,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kept,
            closed,
            unreadable,
        } = self;
        write!(
            f,
            "{kept} notifications kept, {closed} readers forgotten, {unreadable} items unreadable"
        )
    }
}

impl Notifications {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Rebuild = self;
        let [table, url] = settings.all(["REALTIME_TABLE", "DATABASE_URL"])?;
        let lists = RealtimeTable::connect(&sdk_config(settings).await, table);
        let history = AnalyticsDb::connect(url)?;
        let done = rebuild(&lists, &history, &mut io::stderr()).await?;
        output.say(&done)?;
        Ok(Ending::Done)
    }
}

/// Takes in what all lists have, as the stream would have brought it.
async fn rebuild(
    lists: &impl WalkLists,
    history: &(impl KeepHistory + Sync),
    progress: &mut impl Write,
) -> Result<Rebuilt, Failure> {
    let (mut done, mut from) = (Rebuilt::default(), None);
    loop {
        let page = lists.all_lists(from.as_deref()).await?;
        for heard in &page.heard {
            history.hear(heard).await?;
            match heard.news {
                ListNews::Told(_) => done.kept += 1,
                ListNews::Closed => done.closed += 1,
            }
        }
        done.unreadable += page.unreadable;
        write!(progress, "\r{} notifications", done.kept)?;
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    writeln!(progress)?;
    Ok(done)
}
