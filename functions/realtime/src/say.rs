//! What is said into the socket that asks. All of it is posted, one after the other, so that it stays
//! in order; what an invocation answers to the gateway could overtake it.

use contracts::sockets::SocketMessage;
use domain::ports::{PostError, PostToSockets};

use crate::{App, Client};

/// What comes twice has the same number.
pub(crate) async fn say<S, A, P: PostToSockets>(
    app: &App<S, A, P>,
    client: &Client,
    message: &SocketMessage,
) -> Result<(), PostError> {
    sockets::post(&app.gateway, &client.socket.id, &message.text()).await
}
