//! How much a queue gave up.

use std::fmt;
use std::time::Duration;

use domain::ports::{CountMessages, Depth, ReceiveMessages, StoreError};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Counted {
    queue: String,
    /// About.
    waiting: u64,
    /// About; somebody looks at them.
    hidden: u64,
    /// When the oldest was sent of those that come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<Timestamp>,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20} {:>6} waiting", self.queue, self.waiting)?;
        if self.hidden > 0 {
            write!(f, ", {} looked at", self.hidden)?;
        }
        match self.oldest {
            Some(oldest) => write!(f, ", since {oldest:.0}"),
            None => Ok(()),
        }
    }
}

/// Counts, and looks at those that come first without hiding them.
pub(super) async fn count<Q: CountMessages + ReceiveMessages>(
    queue: String,
    dead: &Q,
) -> Result<Counted, StoreError> {
    let Depth { waiting, hidden } = dead.depth().await?;
    let first = match waiting {
        0 => Vec::new(),
        _ => dead.receive(Duration::ZERO).await?,
    };
    Ok(Counted {
        queue,
        waiting,
        hidden,
        oldest: first.iter().map(|message| message.sent_at).min(),
    })
}
