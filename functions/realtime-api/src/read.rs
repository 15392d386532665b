//! Marking what was read.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use contracts::InvalidBody;
use contracts::http::{MarkedRead, ReadMarkBody};
use http_edge::{Caller, Json, Problem};

use crate::routes::{App, Groups, History, Lists};

/// Marks single ones, or all up to one, which must have been told: what comes later is not read yet.
pub(crate) async fn read<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
    Json(body): Json<ReadMarkBody>,
) -> Result<StatusCode, Problem> {
    let reader = (&principal.tenant, &principal.subject);
    match body.parse().map_err(Problem::invalid)? {
        MarkedRead::Numbers(numbers) => {
            let left = app.lists.mark_read(reader, &numbers).await?;
            let history = app.history.as_ref();
            told::mark_left((&app.lists, history), reader, left).await?;
        }
        MarkedRead::UpTo(number) => {
            if number > app.lists.list_of(reader).await?.last {
                let wrong = InvalidBody::at("/up_to", "a number of the list");
                return Err(Problem::invalid(wrong));
            }
            app.lists.mark_read_up_to(reader, number).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
