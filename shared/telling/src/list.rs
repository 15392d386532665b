//! Adding to somebody's list.

use domain::ports::{KeepError, KeepNotifications, KeepSendings, Reader};
use domain::{Channel, Notice, Notification, Sending};

use crate::{TellError, rows};

/// How often a notice gets another number because others got the one before; the store waits in
/// between.
const MAX_ROUNDS: u32 = 16;

/// Keeps a notice, with the row of its text, as the next of the list, if it is not in it; what is to be done with it beside
/// the list was decided when it was first kept. Nothing where the list is closed.
///
/// # Errors
/// [`TellError::Store`], [`TellError::Contended`].
pub async fn keep(
    store: &(impl KeepNotifications + KeepSendings),
    reader: Reader<'_>,
    notice: &Notice,
    has_address: bool,
) -> Result<Option<Notification>, TellError> {
    for _ in 0..MAX_ROUNDS {
        let list = store.list_of(reader).await?;
        let Some(next) = list.next(notice.clone(), has_address) else {
            return Ok(None);
        };
        match store.keep(reader, next).await {
            Ok(kept) => {
                if kept.texted {
                    let text = Sending::of(Channel::Sms, reader, &kept);
                    rows::note(store, text).await?;
                }
                return Ok(Some(kept));
            }
            Err(KeepError::Moved) => {}
            Err(KeepError::Store(error)) => return Err(error.into()),
        }
    }
    Err(TellError::Contended)
}
