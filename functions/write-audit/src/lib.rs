//! Writes the audit log: every change of state that others are told of becomes an entry of a chain, and so
//! does every note of what else somebody did or was refused.
//!
//! | | |
//! |---|---|
//! | trigger | queue of all events |
//! | reads | the audit table, to find the end of a chain that it does not know or that another instance wrote to |
//! | writes | the audit table: the mark of a message, then its entry |
//! | emits | – |
//! | fails with | BadInput, Conflict (others kept writing to the chain), Unavailable; the message goes back to the queue |
//! | safe to repeat because | a message has one entry, and an entry is put where none is |

mod record;
mod writer;

use audit::{KeepChains, Salt};
use contracts::events::{AUTHOR, Envelope, parse_author};
use domain::ports::StoreError;
use lambda_boot::queue::Labelled;
use lambda_boot::{ConfigError, Env};

pub use record::{InvalidEvent, record_of};
pub use writer::{WriteAuditError, Writer};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The audit table.
    pub table: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("AUDIT_TABLE");
        read.finish(|| Some(Self { table: table? }))
    }
}

/// Writes one event into its chain.
///
/// # Errors
/// [`WriteAuditError`]; the message goes back to the queue.
pub async fn handle(
    writer: &Writer<impl KeepChains<Error = StoreError>>,
    salt: &impl Fn() -> Salt,
    message: Labelled<Envelope>,
) -> Result<(), WriteAuditError> {
    let author = message.attribute(AUTHOR).map(parse_author).transpose();
    let author = author.map_err(InvalidEvent::Author)?;
    let event = Envelope {
        author,
        ..message.body
    };
    let record = record_of(&event, salt)?;
    writer.write(&record).await
}

#[cfg(test)]
mod tests;
