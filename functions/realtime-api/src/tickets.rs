//! Tickets for sockets: an access token has no place in an address, where every proxy writes it down.

use std::sync::Arc;

use axum::extract::State;
use contracts::http::{Secret, TicketBody};
use domain::{Ticket, TicketSecret};
use http_edge::{Caller, Problem};

use crate::routes::{App, Groups, History, Lists};

/// What is kept of it opens nothing. Whether its bearer is still signed in is looked at when it is
/// used.
pub(crate) async fn issue<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
) -> Result<axum::Json<TicketBody>, Problem> {
    let new_id = app.new_id;
    let secret = TicketSecret::new([new_id(), new_id(), new_id()]);
    let ticket = principal.into_ticket(app.clock.now());
    app.lists.put_ticket(secret.hash(), &ticket).await?;
    Ok(axum::Json(TicketBody {
        ticket: Secret(secret.text()),
        url: app.sockets.clone(),
        expires_in: Ticket::SECONDS,
    }))
}
