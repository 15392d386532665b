//! The stock of one SKU, and what those who run the shop do to it. Reserving and giving back is the
//! lease's matter; here pieces come in, or a count is put right.
//!
//! `put_in = available + held + sold` at every instant: what is held or sold is known without
//! counting it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::ids::hashed;
use crate::{CustomerId, Sku, StockLine, TenantId};

#[cfg(test)]
mod tests;

/// The stock of one SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Which.
    pub sku: Sku,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces ever put in: at first, restocked, and adjusted by.
    pub put_in: u32,
    /// It is low at so many pieces and fewer.
    pub low_at: u32,
    /// How often it was written, which is the sequence of its event.
    pub version: u32,
    /// When it changed last.
    pub changed_at: Timestamp,
}

impl Stock {
    /// Most pieces of one SKU ever: no sum of pieces overflows.
    pub const MAX: u32 = 1_000_000_000;

    /// Pieces that are held for an order, or sold.
    pub fn taken(&self) -> u32 {
        self.put_in.saturating_sub(self.available)
    }

    /// Whether it is time to order more.
    pub fn is_low(&self) -> bool {
        self.available <= self.low_at
    }
}

/// A movement: derived from who asked and under which key, so that a repeat is the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MovementId(pub Uuid);

impl MovementId {
    /// The one that this key stands for.
    pub fn asked(tenant: &TenantId, who: &CustomerId, idempotency_key: &str) -> Self {
        Self(hashed([
            "asked",
            tenant.as_str(),
            who.as_str(),
            idempotency_key,
        ]))
    }
}

impl std::fmt::Display for MovementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Why pieces moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovementKind {
    /// Pieces came in; makes a SKU known.
    Restock,
    /// A count was put right, up or down.
    Adjustment,
}

impl MovementKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Restock, Self::Adjustment];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restock => "restock",
            Self::Adjustment => "adjustment",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Pieces put in, or taken out of the count, once. It is kept for good: who did what, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockMovement {
    /// Its id.
    pub id: MovementId,
    /// Of what.
    pub sku: Sku,
    /// How many, less than none where they are taken out.
    pub by: i32,
    /// What kind.
    pub kind: MovementKind,
    /// Why; may be empty for a restock.
    pub reason: String,
    /// Who did it.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl StockMovement {
    /// Pieces that a shop is set up with. The same pieces at the same time are the same movement.
    pub fn set_up(line: &StockLine, now: Timestamp) -> Self {
        let by = i32::try_from(line.quantity).unwrap_or(i32::MAX);
        let (pieces, time) = (by.to_string(), now.as_nanosecond().to_string());
        Self {
            id: MovementId(hashed(["set-up", line.sku.as_str(), &pieces, &time])),
            sku: line.sku.clone(),
            by,
            kind: MovementKind::Restock,
            reason: String::new(),
            who: "set-up".to_owned(),
            at: now,
        }
    }

    /// Whether the same was asked for.
    pub fn is_repeat_of(&self, other: &Self) -> bool {
        (&self.sku, self.by, self.kind, &self.reason)
            == (&other.sku, other.by, other.kind, &other.reason)
    }
}
