//! A course: what is sold and not shipped.

use jiff::Timestamp;

use crate::catalogue::SaleStatus;
use crate::{CourseId, Money, TenantId};

/// What those who run the shop say about a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseDetails {
    /// What the customer reads first.
    pub title: String,
    /// What the customer reads then; may be empty.
    pub description: String,
    /// Price; may be nothing.
    pub price: Money,
    /// Whether it is on sale.
    pub status: SaleStatus,
}

/// An entry of the catalogue that is not shipped. It is created and stays as it is: its one event
/// is its creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Its id in the catalogue.
    pub id: CourseId,
    /// Whose shop.
    pub tenant: TenantId,
    /// What is said about it.
    pub details: CourseDetails,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// How often it was stored, which is the sequence of its event; 0 for never.
    pub version: u64,
}

impl Course {
    /// A new course.
    pub fn create(id: CourseId, tenant: TenantId, details: CourseDetails, now: Timestamp) -> Self {
        Self {
            id,
            tenant,
            details,
            created_at: now,
            version: 0,
        }
    }

    /// Whether this is what was asked for once it was stored.
    pub fn was_created_as(&self, asked: &Self) -> bool {
        let said = (&asked.id, &asked.tenant, &asked.details);
        self.version == 1 && (&self.id, &self.tenant, &self.details) == said
    }
}
