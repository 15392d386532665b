//! The audit log: who did what to which object, from where, with which outcome. Sixteen chains of
//! hashes ([`Entry`]), each with one writer at a time ([`append`]), whose heads are signed and kept
//! elsewhere ([`Anchor`]). [`verify()`] names the first position that is not what was written.
//!
//! Personal values are held beside their salted commitments, and the chain is of the commitments
//! ([`Personal`]): erased values leave a chain that still verifies.
//!
//! Nothing here knows a store or a clock: chains come through [`KeepChains`], times, salts and keys
//! as arguments.

mod anchor;
mod entry;
mod personal;
mod record;
mod signing;
mod store;
mod verify;
mod write;

pub use anchor::{Anchor, AnchorError, ExtendError, anchor_name, extend};
pub use entry::{Entry, Hash, Head, Shard};
pub use personal::{Opened, Personal, Salt};
pub use record::{Actor, ActorKind, Origin, Outcome, Record};
pub use signing::{KeyError, PublicKey, SigningKey};
pub use store::{AppendError, KeepAnchors, KeepChains};
pub use verify::{Bad, Verifier, Why, verify};
pub use write::{Appended, WriteError, append, last};
