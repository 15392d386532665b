//! What is said into the socket that asks. All of it is posted, one after the other, so that it stays
//! in order; what an invocation answers to the gateway could overtake it.

use contracts::sockets::SocketMessage;
use domain::ports::{PostError, PostToSockets};

use crate::{App, Client};

/// A post without an answer is made once more: what comes twice has the same number.
pub(crate) async fn say<S, A, P: PostToSockets>(
    app: &App<S, A, P>,
    client: &Client,
    message: &SocketMessage,
) -> Result<(), PostError> {
    let (socket, text) = (&client.socket.id, message.text());
    match app.gateway.post(socket, &text).await {
        Err(PostError::NotPosted(_) | PostError::Unknown(_)) => {
            app.gateway.post(socket, &text).await
        }
        posted => posted,
    }
}
