//! What a list can be asked.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use domain::{CatalogueQuery, CatalogueSort, SaleStatus};
use http_edge::{Problem, page_size};
use serde::Deserialize;

use crate::routes::App;

/// Query of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    status: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
    limit: Option<u8>,
}

/// A list that was asked for, and what its cursors are bound to.
pub(crate) struct List {
    pub(crate) query: CatalogueQuery,
    name: &'static str,
}

impl List {
    /// What is on sale, newest first, unless asked otherwise.
    pub(crate) fn new<S, C>(
        app: &App<S, C>,
        name: &'static str,
        asked: Result<Query<Asked>, QueryRejection>,
    ) -> Result<Self, Problem> {
        let Query(asked) =
            asked.map_err(|_| Problem::bad_request("status, sort, cursor and limit only"))?;
        let status = match asked.status.as_deref().map(SaleStatus::from_name) {
            None => SaleStatus::Active,
            Some(status) => {
                status.ok_or_else(|| Problem::bad_request("status is active or withdrawn"))?
            }
        };
        let sort = match asked.sort.as_deref().map(CatalogueSort::from_name) {
            None => CatalogueSort::Newest,
            Some(sort) => sort.ok_or_else(|| Problem::bad_request("sort is newest or name"))?,
        };
        let mut list = Self {
            query: CatalogueQuery {
                tenant: app.tenant.clone(),
                status,
                sort,
                after: None,
                limit: page_size(asked.limit)?,
            },
            name,
        };
        list.query.after = app.cursors.read(&list.binding(), asked.cursor.as_deref())?;
        Ok(list)
    }

    /// The cursor after this page.
    pub(crate) fn cursor<S, C>(&self, app: &App<S, C>, next: Option<String>) -> Option<String> {
        next.map(|place| app.cursors.make(&self.binding(), &place))
    }

    fn binding(&self) -> [&str; 4] {
        let query = &self.query;
        [
            self.name,
            query.tenant.as_str(),
            query.status.name(),
            query.sort.name(),
        ]
    }
}
