//! Signed heads, kept where whoever can write the chains cannot: what was anchored can no longer be
//! rewritten unseen.

use jiff::Timestamp;
use thiserror::Error;

use crate::verify::Verifier;
use crate::{Bad, Hash, Head, KeepChains, PublicKey, Shard, SigningKey};

/// First line of the text.
const FORM: &str = "cartwright-audit-anchor-1";
/// What minutes are subtracted from in names: they last until the year 3871.
const LAST_MINUTE: i64 = 999_999_999;

/// The heads of all chains at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// When it was signed.
    pub at: Timestamp,
    /// One per chain, in their order.
    pub heads: Vec<Head>,
}

/// A text that is no anchor of ours.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AnchorError {
    /// It has another form.
    #[error("it is no anchor")]
    Form,
    /// Somebody else signed it, or it was changed.
    #[error("its signature is not ours")]
    Signature,
}

/// Where an anchor is kept. Names sort backwards in time, so that the newest is listed first.
pub fn anchor_name(at: Timestamp) -> String {
    let minute = at.as_second().div_euclid(60);
    let time = at.strftime("%Y-%m-%dT%H-%MZ");
    format!(
        "anchors/{:09}-{time}.txt",
        LAST_MINUTE.saturating_sub(minute)
    )
}

impl Anchor {
    /// Before anything was written.
    pub fn beginning() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            heads: Shard::all().map(Head::empty).collect(),
        }
    }

    /// The text that is kept: a line per chain (number, position, hash), and the signature of all
    /// lines before it.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let signature = key.sign(&text);
        format!("{text}signature {signature}\n")
    }

    fn text(&self) -> String {
        let mut text = format!("{FORM}\n{}\n", self.at);
        for head in &self.heads {
            text.push_str(&format!("{} {} {}\n", head.shard, head.position, head.hash));
        }
        text
    }

    /// Reads what [`Anchor::sign`] wrote.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn read(text: &str, key: &PublicKey) -> Result<Self, AnchorError> {
        let (signed, signature) = text.split_once("signature ").ok_or(AnchorError::Form)?;
        let signature = signature.strip_suffix('\n').ok_or(AnchorError::Form)?;
        if !key.verifies(signed, signature) {
            return Err(AnchorError::Signature);
        }
        let anchor = parse(signed).ok_or(AnchorError::Form)?;
        let whole = anchor.heads.iter().map(|head| head.shard).eq(Shard::all());
        (whole && anchor.text() == signed)
            .then_some(anchor)
            .ok_or(AnchorError::Form)
    }
}

fn parse(text: &str) -> Option<Anchor> {
    let mut lines = text.lines();
    if lines.next()? != FORM {
        return None;
    }
    let at = lines.next()?.parse().ok()?;
    let heads: Option<Vec<Head>> = lines.map(head).collect();
    Some(Anchor { at, heads: heads? })
}

fn head(line: &str) -> Option<Head> {
    let mut words = line.split(' ');
    let shard = Shard::new(words.next()?.parse().ok()?)?;
    let position = words.next()?.parse().ok()?;
    let hash = Hash::parse(words.next()?)?;
    words.next().is_none().then_some(Head {
        shard,
        position,
        hash,
    })
}

/// Why chains are not anchored.
#[derive(Debug, Error)]
pub enum ExtendError<E: std::error::Error + 'static> {
    /// A chain is not what was written. Nothing is signed until a person has looked.
    #[error(transparent)]
    Bad(Bad),
    /// The store failed.
    #[error(transparent)]
    Store(E),
}

/// The next anchor: what the one before it says still holds, and all that came since follows from
/// it. So whoever rewrites what was anchored gets no further anchor, and the last one tells.
///
/// At most `limit` new entries of each chain; the rest is the next one's.
///
/// # Errors
/// [`ExtendError`].
pub async fn extend<S: KeepChains>(
    store: &S,
    before: &Anchor,
    at: Timestamp,
    limit: u64,
) -> Result<Anchor, ExtendError<S::Error>> {
    let mut heads = Vec::with_capacity(before.heads.len());
    for head in &before.heads {
        heads.push(extend_chain(store, *head, limit).await?);
    }
    Ok(Anchor { at, heads })
}

async fn extend_chain<S: KeepChains>(
    store: &S,
    before: Head,
    limit: u64,
) -> Result<Head, ExtendError<S::Error>> {
    let read = async |first, count| {
        let page = store.entries(before.shard, first, count).await;
        page.map_err(ExtendError::Store)
    };
    let mut verifier = Verifier::from(before);
    if before.position > 0 {
        let found = read(before.position, 1).await?.into_iter().flatten().next();
        verifier
            .still_at(found.as_ref())
            .map_err(ExtendError::Bad)?;
    }
    let enough = before.position.saturating_add(limit);
    // A free position costs a read too, and most minutes bring a chain little.
    let mut count = 1;
    while verifier.head().position < enough {
        let left = enough.saturating_sub(verifier.head().position);
        let some = count.min(usize::try_from(left).unwrap_or(S::PAGE));
        let page = read(verifier.next_position(), some).await?;
        count = count.saturating_mul(2).min(S::PAGE);
        for entry in page {
            let Some(entry) = entry else {
                return Ok(verifier.head());
            };
            verifier.push(&entry).map_err(ExtendError::Bad)?;
        }
    }
    Ok(verifier.head())
}
