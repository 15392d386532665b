//! What an account says of its telephone number, beside the number: whether it is its owner's, and the
//! code that was asked for. No code is stored, nor a hash of one.

use domain::{AskedCode, AskedOften, PhoneProof, PhoneState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parts::Nanos;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct ProofItem {
    /// Absent where it is false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    confirmed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<AskedItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    often: Option<OftenItem>,
}

#[derive(Serialize, Deserialize)]
struct AskedItem {
    n: u64,
    at: Nanos,
    tries: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_try: Option<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct OftenItem {
    first: Nanos,
    last: Nanos,
    count: u32,
}

impl From<PhoneProof> for ProofItem {
    fn from(proof: PhoneProof) -> Self {
        Self {
            confirmed: proof.is_confirmed(),
            asked: proof.asked().map(|asked| AskedItem {
                n: asked.number,
                at: Nanos(asked.at),
                tries: asked.tries,
                last_try: asked.last_try,
            }),
            often: proof.often.map(|often| OftenItem {
                first: Nanos(often.first),
                last: Nanos(often.last),
                count: often.count,
            }),
        }
    }
}

impl From<ProofItem> for PhoneProof {
    fn from(item: ProofItem) -> Self {
        let asked = item.asked.map(|asked| AskedCode {
            number: asked.n,
            at: asked.at.0,
            tries: asked.tries,
            last_try: asked.last_try,
        });
        Self {
            state: match (item.confirmed, asked) {
                (true, _) => PhoneState::Confirmed,
                (false, Some(asked)) => PhoneState::Asked(asked),
                (false, None) => PhoneState::Unconfirmed,
            },
            often: item.often.map(|often| AskedOften {
                first: often.first.0,
                last: often.last.0,
                count: often.count,
            }),
        }
    }
}
