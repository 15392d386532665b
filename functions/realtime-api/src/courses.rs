//! Whether somebody wants to hear of new courses.

use std::sync::Arc;

use axum::extract::State;
use contracts::http::CourseSubscriptionBody;
use http_edge::{Caller, Problem};

use crate::routes::{App, Groups, History, Lists};

type Answer = Result<axum::Json<CourseSubscriptionBody>, Problem>;

fn answer(subscribed: bool) -> Answer {
    Ok(axum::Json(CourseSubscriptionBody { subscribed }))
}

pub(crate) async fn show<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
) -> Answer {
    let reader = (&principal.tenant, &principal.subject);
    answer(app.lists.is_subscribed(reader).await?)
}

pub(crate) async fn subscribe<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
) -> Answer {
    let reader = (&principal.tenant, &principal.subject);
    app.lists.subscribe(reader).await?;
    answer(true)
}

pub(crate) async fn unsubscribe<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
) -> Answer {
    let reader = (&principal.tenant, &principal.subject);
    app.lists.unsubscribe(reader).await?;
    answer(false)
}
