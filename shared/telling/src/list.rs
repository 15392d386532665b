//! Adding to somebody's list.

use domain::ports::{KeepError, KeepNotifications, Reader};
use domain::{ByMail, Notice};

use crate::TellError;

/// How often a notice gets another number because others got the one before; the store waits in
/// between.
const MAX_ROUNDS: u32 = 16;

/// Keeps a notice as the next of the list, if it is not in it; what is to be done with it by mail, as
/// it was decided when it was first kept. Nothing where the list is closed.
///
/// # Errors
/// [`TellError::Store`], [`TellError::Contended`].
pub async fn keep(
    realtime: &impl KeepNotifications,
    reader: Reader<'_>,
    notice: &Notice,
    has_address: bool,
) -> Result<Option<ByMail>, TellError> {
    for _ in 0..MAX_ROUNDS {
        let list = realtime.list_of(reader).await?;
        let Some(next) = list.next(notice.clone(), has_address) else {
            return Ok(None);
        };
        match realtime.keep(reader, next).await {
            Ok(kept) => return Ok(Some(kept.by_mail)),
            Err(KeepError::Moved) => {}
            Err(KeepError::Store(error)) => return Err(error.into()),
        }
    }
    Err(TellError::Contended)
}
