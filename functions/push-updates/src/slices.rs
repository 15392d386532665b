//! What a group is told: one message for each slice of its sockets, so that slices are posted to beside
//! each other, by `push-slices`. Here it would hold the stream up.

use contracts::sockets::{SliceBody, SocketMessage};
use domain::ports::{Letter, SendMessages};
use domain::{GroupId, TenantId};
use futures::future::try_join_all;

use crate::PushError;

/// Sends all slices at once. What is sent twice has the same number, by which clients drop it.
pub(crate) async fn hand_out(
    queue: &impl SendMessages,
    group: (&TenantId, GroupId),
    message: &SocketMessage,
) -> Result<(), PushError> {
    let slices = SliceBody::all_of(group, &message.text());
    let letters: Vec<Letter> = slices.iter().map(SliceBody::letter).collect();
    try_join_all(letters.iter().map(|letter| queue.send(letter))).await?;
    Ok(())
}
