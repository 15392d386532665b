//! Erasing an account. What others keep of the person follows from its event.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::http::{EraseUser, ErasedBody, Secret};
use domain::{Author, Origin, PasswordHash};
use http_edge::{By, Caller, Guesses, Json, Problem, Role};
use identity::HashPasswords;

use crate::kept::ReadKept;
use crate::routes::{Accounts, App, find};

/// How many of the person's orders are looked at for what is under way.
const NEWEST: u8 = 100;

/// Its owner, who proves their password again; or who runs the shop, but never their own. A second
/// time answers as the first.
pub(crate) async fn erase<A: Accounts, K: ReadKept>(
    State(app): State<Arc<App<A, K>>>,
    (caller, By(author)): (Caller, By),
    guesses: Guesses,
    Path(id): Path<String>,
    Json(body): Json<EraseUser>,
) -> Result<(StatusCode, axum::Json<ErasedBody>), Problem> {
    let account = find(&app.accounts, &caller, &id).await?;
    if caller.principal.has_one_of(&[Role::Admin]) {
        caller.must_not_be(&account.id)?;
    }
    let is_owner = caller.principal.subject == account.id;
    if !is_owner && body.password.is_some() {
        return Err(wrong_body("the owner's, from the owner only"));
    }
    if is_owner && !account.is_erased() {
        let Secret(password) = body.password.ok_or_else(|| wrong_body("yours"))?;
        let fits = |kept: &PasswordHash| app.passwords.verify(kept, &password);
        guesses.prove(&account, fits).await?;
    }
    // Nothing is written after this, so an address would stay.
    let author = Author {
        from: Origin::default(),
        ..author
    };
    let store = app.accounts.by(&author);
    let account = identity::erase(&store, account, app.clock.now()).await?;
    let owner = (&account.tenant, &account.id);
    let (orders, _) = app.kept.orders_of(owner, None, NEWEST).await?;
    let open = orders.iter().filter(|order| !order.is_at_rest());
    let body = ErasedBody {
        user_id: account.id.to_string(),
        status: account.state.name().to_owned(),
        erased_at: account.changed_at,
        open_orders: open.map(|order| order.facts.id.to_string()).collect(),
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}

fn wrong_body(wanted: &str) -> Problem {
    Problem::invalid(contracts::InvalidBody::at("/password", wanted))
}
