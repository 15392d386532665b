//! Who belongs to a group.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use contracts::http::MemberListBody;
use domain::{Account, CustomerId};
use http_edge::{By, Caller, Problem, page_size};

use crate::groups::Asked;
use crate::routes::{Accounts, App, Claims, Lists};

pub(crate) const PATH: &str = "/api/v1/admin/groups/{id}/members";

pub(crate) async fn list<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<axum::Json<MemberListBody>, Problem> {
    let asked = Asked::of(asked)?;
    let group = app.find(&caller, &id).await?;
    let list = group.id.list();
    let name = ["members", group.tenant.as_str(), list.as_str()];
    let after = app.cursors.read(&name, asked.cursor.as_deref())?;
    let limit = u16::from(page_size(asked.limit)?);
    let which = (&group.tenant, group.id);
    let page = app.accounts.members(which, after.as_deref(), limit).await?;
    Ok(axum::Json(MemberListBody {
        members: page.items.iter().map(ToString::to_string).collect(),
        next_cursor: page.next.map(|place| app.cursors.make(&name, &place)),
    }))
}

/// Only who has an account of the shop: others never read anything.
pub(crate) async fn add<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    Path((id, customer)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let group = app.find(&caller, &id).await?;
    let customer = CustomerId::parse(&customer).map_err(|_| no_account())?;
    let account = app.accounts.account(&customer).await?;
    let account = account.filter(|it| it.tenant == group.tenant && !it.is_erased());
    let Account { id: customer, .. } = account.ok_or_else(no_account)?;
    let person = (&group.tenant, &customer);
    let store = app.accounts.by(&author);
    match store.add_member(person, group.id, app.clock.now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found()),
    }
}

/// Their sockets are taken out as soon as the stream says so.
pub(crate) async fn remove<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    Path((id, customer)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let group = app.find(&caller, &id).await?;
    let customer = CustomerId::parse(&customer).map_err(|_| Problem::not_found())?;
    let person = (&group.tenant, &customer);
    let store = app.accounts.by(&author);
    store
        .remove_member(person, group.id, app.clock.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_account() -> Problem {
    Problem::new(StatusCode::CONFLICT, "no-account", "No account")
        .detail("the shop has no account with this id")
}
