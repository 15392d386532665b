//! One key, one effect, one answer. A request claims its key, does its work, stores its answer and
//! gives it; a repeat gets the stored answer byte for byte ([`run()`]). For writes that cannot be
//! their own record, as an order is, whose id is made of its key.
//!
//! Nothing here knows HTTP or a product: a key and a fingerprint are hashes, an answer is a status,
//! headers and bytes, and time and ids come in as arguments.

mod claim;
mod run;
mod store;

pub use claim::{Answer, Claim, Fingerprint, Key, Progress, Stored};
pub use run::{Failed, Outcome, Request, RunError, Write, run};
pub use store::{ClaimError, KeepClaims};
