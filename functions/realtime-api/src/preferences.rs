//! What somebody wants by mail and as a text, kind by kind. Whether their account takes mail, or
//! texts, at all stands in the account.

use std::sync::Arc;

use axum::extract::State;
use contracts::http::NotificationPreferences;
use domain::Channel;
use http_edge::{Caller, Json, Problem};

use crate::routes::{App, Groups, History, Lists};

pub(crate) async fn show<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
) -> Result<axum::Json<NotificationPreferences>, Problem> {
    let reader = (&principal.tenant, &principal.subject);
    let list = app.lists.list_of(reader).await?;
    Ok(axum::Json(NotificationPreferences::of(&list)))
}

pub(crate) async fn choose<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
    Json(body): Json<NotificationPreferences>,
) -> Result<axum::Json<NotificationPreferences>, Problem> {
    let reader = (&principal.tenant, &principal.subject);
    let (email, sms) = body.parse().map_err(Problem::invalid)?;
    app.lists.choose(reader, Channel::Email, &email).await?;
    app.lists.choose(reader, Channel::Sms, &sms).await?;
    let list = app.lists.list_of(reader).await?;
    Ok(axum::Json(NotificationPreferences::of(&list)))
}
