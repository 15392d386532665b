//! Sockets in the rows of a topic.

use domain::ports::{KeepSockets, StoreError};
use domain::{Socket, Topic};
use jiff::Timestamp;

/// Adds a socket to a topic, and answers whether there was room. Where there is none, sockets that
/// ended unseen make some.
///
/// # Errors
/// [`StoreError`].
pub async fn enter(
    rows: &impl KeepSockets,
    topic: &Topic,
    socket: &Socket,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if rows.join(topic, socket).await? {
        return Ok(true);
    }
    let mut over = rows.sockets_of(topic).await?;
    over.retain(|socket| socket.is_over(now));
    if over.is_empty() {
        return Ok(false);
    }
    rows.leave(topic, &over).await?;
    rows.join(topic, socket).await
}
