//! The orders of the shop, newest first.

use std::sync::Arc;

use axum::extract::{Query, State};
use contracts::http::{AdminOrderListBody, AdminOrderListItem, parse_status};
use domain::Order;
use http_edge::{Caller, Problem, page_size};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{App, Orders, ReadBooks};

/// Longest time range of one list.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Time range unless told otherwise.
const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
    status: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Page {
    fn between(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let until = self.until.unwrap_or(now);
        let usual = until.checked_sub(USUAL).unwrap_or(Timestamp::MIN);
        let from = self.from.unwrap_or(usual);
        match until.duration_since(from) {
            range if range > LONGEST => Err(Problem::bad_request("31 days at most")),
            range if range.is_negative() => Err(Problem::bad_request("from is after until")),
            _ => Ok((from, until)),
        }
    }
}

type Asked = Result<Query<Page>, axum::extract::rejection::QueryRejection>;

/// A page may have fewer orders than were asked for, and none: the filter is on what was read.
/// There is more as long as there is a cursor, which is for the same filter and range.
pub(crate) async fn list<O: Orders, B: ReadBooks>(
    State(app): State<Arc<App<O, B>>>,
    Caller { principal, .. }: Caller,
    page: Asked,
) -> Result<axum::Json<AdminOrderListBody>, Problem> {
    let known = "cursor, limit, status, from and until only; times as 2026-11-21T12:00:00Z";
    let Query(page) = page.map_err(|_| Problem::bad_request(known))?;
    let limit = page_size(page.limit)?;
    let status = page.status.as_deref().map(parse_status).transpose();
    let status = status.map_err(|error| Problem::bad_request(error.problem))?;
    let (from, until) = page.between(app.clock.now())?;
    let range = [page.from, page.until].map(|it| it.map_or_else(String::new, |it| it.to_string()));
    let [asked_from, asked_until] = &range;
    let filter = status.unwrap_or_default();
    let shop = principal.tenant.as_str();
    let list = ["admin-orders", shop, filter, asked_from, asked_until];
    let after = app.cursors.read(&list, page.cursor.as_deref())?;
    let placed = app
        .orders
        .placed_page((from, until), after.as_deref(), limit);
    let placed = placed.await?;
    let orders = app.orders.orders(&placed.ids).await?;
    let wanted = |order: &&Order| {
        order.facts.tenant == principal.tenant
            && status.is_none_or(|status| order.state.name() == status)
    };
    Ok(axum::Json(AdminOrderListBody {
        orders: orders
            .iter()
            .filter(wanted)
            .map(AdminOrderListItem::from)
            .collect(),
        next_cursor: placed.next.map(|place| app.cursors.make(&list, &place)),
    }))
}
