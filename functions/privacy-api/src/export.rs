//! Everything that is kept about a person, as one document, page by page of their orders.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use contracts::http::{
    ApiKeyBody, ExportBody, ExportedMessage, ExportedOrder, GroupBody, UserBody,
};
use http_edge::{Caller, Problem, page_size};
use serde::Deserialize;

use crate::kept::ReadKept;
use crate::routes::{Accounts, App, find};

/// Query of the export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
}

pub(crate) async fn export<A: Accounts, K: ReadKept>(
    State(app): State<Arc<App<A, K>>>,
    caller: Caller,
    Path(id): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<axum::Json<ExportBody>, Problem> {
    let Query(page) = page.map_err(|_| Problem::bad_request("cursor and limit only"))?;
    let limit = page_size(page.limit)?;
    let account = find(&app.accounts, &caller, &id).await?;
    if account.is_erased() {
        return Err(Problem::not_found());
    }
    let owner = (&account.tenant, &account.id);
    let list = ["export", owner.0.as_str(), owner.1.as_str()];
    let after = app.cursors.read(&list, page.cursor.as_deref())?;
    let (found, next) = app.kept.orders_of(owner, after.as_deref(), limit).await?;
    let mut orders = Vec::with_capacity(found.len());
    for order in &found {
        let beside = app.kept.beside(order).await?;
        let known = (beside.payment.as_ref(), beside.shipment.as_ref());
        orders.push(ExportedOrder::of(order, known, beside.messages));
    }
    let mut api_keys = app.accounts.api_keys(&account.tenant).await?;
    api_keys.retain(|key| key.created_by == account.id);
    let groups = app.accounts.groups_of(owner).await?;
    let object = format!("account/{}", account.id);
    let messages = app.kept.messages_of(&object, account.sequence().0).await?;
    let told = app.kept.told_to(owner).await?;
    // DynamoDB may take days to remove what has ended.
    let now = app.clock.now();
    let shown = told.notifications.iter().filter(|it| now < it.expires_at());
    let body = |it| told.outcomes.body(&told.list, it);
    let notifications: Vec<_> = shown.map(body).collect();
    let more_notifications = told.list.last.saturating_sub(notifications.len() as u64);
    Ok(axum::Json(ExportBody {
        account: UserBody::from(&account),
        api_keys: api_keys.iter().map(ApiKeyBody::from).collect(),
        messages: messages.into_iter().map(ExportedMessage::from).collect(),
        notifications,
        more_notifications,
        course_subscription: told.hears_of_courses,
        groups: groups.iter().map(GroupBody::from).collect(),
        orders,
        next_cursor: next.map(|place| app.cursors.make(&list, &place)),
    }))
}
