//! What products and courses have in common: whether they are on sale, and how they are listed.

use crate::TenantId;

/// Whether something is on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaleStatus {
    /// It can be bought.
    Active,
    /// It cannot be bought, now or any more.
    Withdrawn,
}

impl SaleStatus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Active, Self::Withdrawn];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// How a list of the catalogue is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CatalogueSort {
    /// What came into the catalogue last comes first.
    Newest,
    /// By name, capitals and small letters alike.
    Name,
}

impl CatalogueSort {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Newest, Self::Name];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
        }
    }

    /// The order with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// Which part of the catalogue, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Whose shop.
    pub tenant: TenantId,
    /// Those with this status.
    pub status: SaleStatus,
    /// In this order.
    pub sort: CatalogueSort,
    /// After a place that an earlier page told; not to be taken from outside.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u8,
}
