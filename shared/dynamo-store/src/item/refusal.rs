//! The item of a refusal: `REFUSED#<hash of whom and at what>#<minute>`. DynamoDB removes it after two
//! days: by then the stream has told of it.

use contracts::events::AuthorBody;
use domain::Refusal;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::note::NoteItem;
use super::{Image, ItemError, write};
use crate::key::Key;

const KEPT_SECONDS: i64 = 2 * 24 * 3_600;

#[derive(Serialize)]
struct RefusalItem {
    entity: &'static str,
    author: AuthorBody,
    note: NoteItem,
    /// Absent where nobody is to hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    news: Option<bool>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

/// The key, and the other attributes.
pub(crate) fn encode(refusal: &Refusal) -> Result<(Key, Image), ItemError> {
    let seconds = refusal.at.as_second();
    let minute = seconds.div_euclid(60);
    let hash: [u8; 32] = Sha256::digest(&refusal.who).into();
    let note = NoteItem::new(1, refusal.at, &refusal.action, refusal.object.clone());
    let image = write(RefusalItem {
        entity: "refusal",
        author: AuthorBody::from(&refusal.author),
        note: note.refused(&refusal.reason),
        news: refusal.is_told.then_some(true),
        expires: seconds.saturating_add(KEPT_SECONDS),
    })?;
    Ok((Key::Refused(hash, minute), image))
}
