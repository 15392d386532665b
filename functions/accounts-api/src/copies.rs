//! The services that are told of profiles, as they stood a minute ago.

use std::sync::Arc;

use axum::extract::State;
use contracts::http::{DestinationBody, DestinationListBody};
use http_edge::Problem;

use crate::routes::{App, Store};

pub(crate) async fn list<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
) -> Result<axum::Json<DestinationListBody>, Problem> {
    let states = app.store.destinations().await?;
    let destinations = states.iter().map(DestinationBody::from).collect();
    Ok(axum::Json(DestinationListBody { destinations }))
}
