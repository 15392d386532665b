//! What an item says of its last write to the audit log: who made it (`author`), and, where no event
//! tells of it, what it was (`note`). A write of the shop's own has neither.

use contracts::events::{AuthorBody, Envelope, NoteTaken, note_taken};
use domain::{AggregateKind, Author, CustomerId, Sequence, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_dynamo::AttributeValue;

use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, read};
use crate::schema::NEWS;

/// Attribute of who made the last write.
const AUTHOR: &str = "author";
/// Attribute of what it was.
const NOTE: &str = "note";

/// A note, inside the item that it is of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoteItem {
    /// 1, 2, 3 … per item.
    n: u64,
    at: Nanos,
    /// What.
    a: String,
    /// With which object.
    o: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
}

impl NoteItem {
    /// The `n`th note of an item.
    pub(crate) fn new(n: u64, at: Timestamp, action: &str, object: String) -> Self {
        Self {
            n,
            at: Nanos(at),
            a: action.to_owned(),
            o: object,
            x: None,
        }
    }

    /// It was refused, for this reason.
    pub(crate) fn refused(mut self, why: &str) -> Self {
        self.x = Some(why.to_owned());
        self
    }
}

/// What this looks at of any item.
#[derive(Deserialize)]
struct Noted {
    #[serde(default)]
    pk: String,
    #[serde(default)]
    note: Option<NoteItem>,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    author: Option<AuthorBody>,
    /// Whose a session is.
    #[serde(default)]
    account: Option<String>,
}

/// What it looks at of an aggregate that tells nobody of its last write.
#[derive(Deserialize)]
struct Silent {
    pk: String,
    #[serde(default)]
    entity: String,
    #[serde(default)]
    version: u64,
    #[serde(default)]
    events: Vec<SilentEvent>,
}

#[derive(Deserialize)]
struct SilentEvent {
    t: Nanos,
    k: String,
}

/// Writes down who makes a write, and what it is where no event tells of it: somebody who cancels an
/// order in time decides it, and decisions are nobody's news.
pub(crate) fn sign(image: &mut Image, author: &Author) -> Result<(), ItemError> {
    insert(image, AUTHOR, AuthorBody::from(author))?;
    if image.contains_key(NEWS) {
        return Ok(());
    }
    let silent: Silent = read(image.clone())?;
    let kind = AggregateKind::from_name(&silent.entity);
    let (Some(last), Some(kind)) = (silent.events.last(), kind) else {
        return Ok(());
    };
    let (_, id) = silent.pk.split_once('#').unwrap_or_default();
    let action = format!("{}.{}", kind.name(), last.k);
    let object = format!("{}/{id}", kind.name());
    insert(
        image,
        NOTE,
        NoteItem::new(silent.version, last.t.0, &action, object),
    )?;
    insert(image, NEWS, true)
}

fn insert(image: &mut Image, name: &str, value: impl Serialize) -> Result<(), ItemError> {
    let value = serde_dynamo::to_attribute_value(value);
    let value: AttributeValue = value.map_err(ItemError::Shape)?;
    image.insert(name.to_owned(), value);
    Ok(())
}

/// Who made the last write of an item, where it says so.
pub(crate) fn author_in(image: &Image, owner: Option<&str>) -> Result<Option<Author>, ItemError> {
    let noted: Noted = read(image.clone())?;
    let Some(body) = noted.author else {
        return Ok(None);
    };
    let author = Author::try_from(body).map_err(ItemError::of(AUTHOR))?;
    let owner = match noted.account {
        Some(account) => Some(CustomerId::parse(&account).map_err(ItemError::of("account"))?),
        // The subject of another event, such as that of a refusal, names no account.
        None => owner.and_then(|subject| CustomerId::parse(subject).ok()),
    };
    Ok(Some(author.of_owner(owner.as_ref())))
}

/// The note of the last write as an event, where the item before had another or none.
pub(crate) fn notes(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, ItemError> {
    let before = old.map(read::<Noted>).transpose()?;
    let before = before.and_then(|noted| noted.note);
    let noted: Noted = read(new)?;
    let Some(note) = noted.note else {
        return Ok(Vec::new());
    };
    if before.is_some_and(|before| before.n >= note.n) {
        return Ok(Vec::new());
    }
    let tenant = noted.tenant.as_deref().map(read_tenant).transpose()?;
    let author = noted.author.map(Author::try_from).transpose();
    let author = author.map_err(ItemError::of(AUTHOR))?;
    let tenant: Option<TenantId> = tenant.or(author.and_then(|author| author.tenant));
    let data = NoteTaken {
        action: note.a,
        object: note.o,
        refused: note.x,
    };
    let subject = noted.pk.to_lowercase().replace('#', "-");
    let sequence = Sequence(u32::try_from(note.n).unwrap_or(u32::MAX));
    let told = note_taken(subject, sequence, note.at.0, tenant.as_ref(), &data);
    Ok(vec![told])
}
