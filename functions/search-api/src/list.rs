//! What fits a search, best first.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contracts::http::SearchBody;
use domain::{Currency, EntryKind, Money, SearchQuery, SearchText, TenantId};
use http_edge::{Json, Problem, page_size};
use serde::Deserialize;

use crate::routes::{App, Index};

/// What a bound of prices may be, in minor units.
const PRICES: RangeInclusive<i64> = 0..=Money::MAX_MINOR;

/// Query of the search.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    q: String,
    kind: Option<String>,
    currency: Option<String>,
    min_price: Option<i64>,
    max_price: Option<i64>,
    cursor: Option<String>,
    limit: Option<u8>,
}

impl Asked {
    /// What is searched for, from the first page on.
    fn query(&self, tenant: &TenantId) -> Result<SearchQuery, Problem> {
        let text = SearchText::parse(&self.q);
        let text = text.map_err(|error| Problem::bad_request(format!("q has {error}")))?;
        let kind = self.kind.as_deref().map(EntryKind::from_name);
        let kind = kind.map(|kind| kind.ok_or("kind is product or course"));
        let currency = self.currency.as_deref().map(Currency::parse).transpose();
        let currency = currency.map_err(|_| "currency is a code such as EUR");
        let query = SearchQuery {
            tenant: tenant.clone(),
            text,
            kind: kind.transpose().map_err(Problem::bad_request)?,
            currency: currency.map_err(Problem::bad_request)?,
            least: self.min_price,
            most: self.max_price,
            after: None,
            limit: page_size(self.limit)?,
        };
        let bounds = [query.least, query.most].into_iter().flatten();
        if !bounds.into_iter().all(|minor| PRICES.contains(&minor)) {
            let none = "min_price and max_price are minor units, from 0 on";
            return Err(Problem::bad_request(none));
        }
        if query.currency.is_none() && (query.least, query.most) != (None, None) {
            let one = "min_price and max_price are minor units of a currency: say which";
            return Err(Problem::bad_request(one));
        }
        Ok(query)
    }

    /// What a cursor is bound to: all that makes it this list.
    fn list(&self, tenant: &TenantId) -> [String; 7] {
        let number = |price: Option<i64>| price.map_or_else(String::new, |it| it.to_string());
        [
            "search".to_owned(),
            tenant.to_string(),
            self.q.clone(),
            self.kind.clone().unwrap_or_default(),
            self.currency.clone().unwrap_or_default(),
            number(self.min_price),
            number(self.max_price),
        ]
    }
}

pub(crate) async fn list<S: Index>(
    State(app): State<Arc<App<S>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<SearchBody>, Problem> {
    let known = "q, and kind, currency, min_price, max_price, cursor and limit only";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let mut query = asked.query(&app.tenant)?;
    let list = asked.list(&app.tenant);
    let list = list.each_ref().map(String::as_str);
    query.after = app.cursors.read(&list, asked.cursor.as_deref())?;
    let page = app.index.search(&query).await?;
    Ok(Json(SearchBody {
        results: page.items.iter().map(Into::into).collect(),
        next_cursor: page.next.map(|place| app.cursors.make(&list, &place)),
    }))
}
