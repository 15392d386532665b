//! Switching a kind of mail off by the token that such a mail carries (RFC 8058). Programs that look
//! into mails ask for every address in them, so a `GET` changes nothing.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contracts::http::UnsubscribeBody;
use http_edge::Problem;
use identity::Unsubscribe;
use serde::Deserialize;

use crate::routes::{App, Groups, History, Lists};

/// Longest token that is looked at, in characters: ours are far shorter.
const MAX_TOKEN: usize = 1_024;

/// Query of the routes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    token: String,
}

type Asked = Result<Query<Shown>, QueryRejection>;

/// What the token is for. One that was made up is as if there were nothing here.
fn wanted<S, H, G>(app: &App<S, H, G>, asked: Asked) -> Result<Unsubscribe, Problem> {
    let Query(Shown { token }) = asked.map_err(|_| Problem::bad_request("token only"))?;
    let token = Some(token).filter(|token| token.len() <= MAX_TOKEN);
    let wanted = token.and_then(|token| app.links.read_unsubscribe(&token));
    wanted.ok_or_else(Problem::not_found)
}

pub(crate) async fn show<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    asked: Asked,
) -> Result<axum::Json<UnsubscribeBody>, Problem> {
    let wanted = wanted(&app, asked)?;
    Ok(axum::Json(UnsubscribeBody::of_mail(wanted.kind)))
}

/// The body, which a mail program fills in as RFC 8058 has it, says nothing more.
pub(crate) async fn switch_off<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    asked: Asked,
) -> Result<axum::Json<UnsubscribeBody>, Problem> {
    let wanted = wanted(&app, asked)?;
    let reader = (&wanted.tenant, &wanted.reader);
    app.lists.switch_off(reader, wanted.kind).await?;
    Ok(axum::Json(UnsubscribeBody::of_mail(wanted.kind)))
}
