//! `cartwright search`: the index that the catalogue is searched by.

use std::collections::HashSet;
use std::fmt;
use std::io::Write;

use analytics_db::AnalyticsDb;
use clap::Subcommand;
use domain::ports::{KeepCourses, KeepProducts, Listed, RebuildIndex, StoreError};
use domain::{CatalogueQuery, CatalogueSort, EntryId, SaleStatus, SearchEntry, TenantId};
use dynamo_store::CatalogTable;
use serde::Serialize;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Entries of one read of the catalogue.
const PAGE: u8 = 100;
/// After so many entries it says how far it is.
const TELLS_AFTER: usize = 1_000;

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
    written: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries so far", self.written)
    }
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Rebuilt {
    /// Entries of the catalogue that were written.
    written: usize,
    /// Entries that the catalogue does not have.
    removed: usize,
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
        let rebuild = Rebuild::new(&catalogue, &index, &tenant);
        let done = rebuild.run(output).await?;
        output.say(&done)?;
        Ok(Ending::Done)
    }
}

/// One run.
struct Rebuild<'run, C, I> {
    catalogue: &'run C,
    index: &'run I,
    tenant: &'run TenantId,
    /// What the catalogue has.
    seen: HashSet<EntryId>,
    done: Rebuilt,
}

impl<'run, C: KeepProducts + KeepCourses, I: RebuildIndex> Rebuild<'run, C, I> {
    fn new(catalogue: &'run C, index: &'run I, tenant: &'run TenantId) -> Self {
        Self {
            catalogue,
            index,
            tenant,
            seen: HashSet::new(),
            done: Rebuilt::default(),
        }
    }

    async fn run(mut self, output: &mut Output<impl Write>) -> Result<Rebuilt, Failure> {
        let catalogue = self.catalogue;
        for status in SaleStatus::ALL {
            let products = async |query: &CatalogueQuery| catalogue.list_products(query).await;
            self.write(products, status, output).await?;
            let courses = async |query: &CatalogueQuery| catalogue.list_courses(query).await;
            self.write(courses, status, output).await?;
        }
        self.remove().await?;
        Ok(self.done)
    }

    /// Writes all entries of a list.
    async fn write<T>(
        &mut self,
        list: impl AsyncFn(&CatalogueQuery) -> Result<Listed<T>, StoreError>,
        status: SaleStatus,
        output: &mut Output<impl Write>,
    ) -> Result<(), Failure>
    where
        for<'entry> SearchEntry: From<&'entry T>,
    {
        let mut query = CatalogueQuery {
            tenant: self.tenant.clone(),
            status,
            sort: CatalogueSort::Newest,
            after: None,
            limit: PAGE,
        };
        loop {
            let page = list(&query).await?;
            for item in &page.items {
                let entry = SearchEntry::from(item);
                self.index.rewrite(&entry).await?;
                self.seen.insert(entry.id);
                self.done.written += 1;
                if self.done.written.is_multiple_of(TELLS_AFTER) {
                    let written = self.done.written;
                    output.say(&Progress { written })?;
                }
            }
            query.after = page.next;
            if query.after.is_none() {
                return Ok(());
            }
        }
    }

    /// Goes through what can be found, and takes out what the catalogue does not have.
    async fn remove(&mut self) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.index.indexed(self.tenant, after.as_ref()).await?;
            for (id, version) in &page {
                if !self.seen.contains(id) {
                    self.look_again(id, *version).await?;
                }
            }
            let Some((last, _)) = page.into_iter().next_back() else {
                return Ok(());
            };
            after = Some(last);
        }
    }

    /// The lists lag, and leave out what moves between them meanwhile: the entry itself does not.
    async fn look_again(&mut self, id: &EntryId, version: u64) -> Result<(), StoreError> {
        let stored = match id {
            EntryId::Course(id) => self.catalogue.course(id).await?.as_ref().map(Into::into),
            EntryId::Product(id) => self.catalogue.product(id).await?.as_ref().map(Into::into),
        };
        let stored = stored.filter(|entry: &SearchEntry| entry.tenant == *self.tenant);
        if let Some(entry) = stored {
            return self.index.rewrite(&entry).await;
        }
        self.done.removed += 1;
        self.index.forget(self.tenant, id, version).await
    }
}
