//! What is searched for in the catalogue, and how: entries of both kinds as the index keeps them, and
//! a query that was checked.

use jiff::Timestamp;
use thiserror::Error;

use crate::catalogue::SaleStatus;
use crate::{Course, CourseId, Currency, Money, Product, ProductId, TenantId};

#[cfg(test)]
mod tests;

/// A kind of entry of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// What is taught.
    Course,
    /// What is shipped.
    Product,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Course, Self::Product];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Product => "product",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Which entry of a shop's catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryId {
    /// A course.
    Course(CourseId),
    /// A product.
    Product(ProductId),
}

impl EntryId {
    /// Of which kind it is.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Course(_) => EntryKind::Course,
            Self::Product(_) => EntryKind::Product,
        }
    }

    /// Its id among those of its kind.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Course(id) => id.as_str(),
            Self::Product(id) => id.as_str(),
        }
    }
}

/// An entry of the catalogue as it is searched for: its whole state at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchEntry {
    /// Which.
    pub id: EntryId,
    /// Whose shop.
    pub tenant: TenantId,
    /// The sequence of the event that told of it: the highest one is the newest state.
    pub version: u64,
    /// Name or title.
    pub name: String,
    /// Description; may be empty.
    pub description: String,
    /// Price of one.
    pub price: Money,
    /// What is withdrawn is kept, so that nothing older comes back, and is not found.
    pub status: SaleStatus,
    /// When it changed last.
    pub changed_at: Timestamp,
}

impl From<&Product> for SearchEntry {
    fn from(product: &Product) -> Self {
        Self {
            id: EntryId::Product(product.id.clone()),
            tenant: product.tenant.clone(),
            version: product.version,
            name: product.name.clone(),
            description: product.description.clone(),
            price: product.price,
            status: product.status,
            changed_at: product.changed_at,
        }
    }
}

impl From<&Course> for SearchEntry {
    fn from(course: &Course) -> Self {
        let details = &course.details;
        Self {
            id: EntryId::Course(course.id.clone()),
            tenant: course.tenant.clone(),
            version: course.version,
            name: details.title.clone(),
            description: details.description.clone(),
            price: details.price,
            status: details.status,
            changed_at: course.created_at,
        }
    }
}

/// A text that cannot be searched for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "1 to {} characters, and a letter or a digit among them",
    SearchText::MAX
)]
pub struct InvalidSearch;

/// What somebody typed. Any characters at all, but for its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// Longest text, in characters.
    pub const MAX: usize = 100;

    /// Checks a text. Spaces around it fall away.
    ///
    /// # Errors
    /// [`InvalidSearch`].
    pub fn parse(text: &str) -> Result<Self, InvalidSearch> {
        let text = text.trim();
        let fits = text.chars().count() <= Self::MAX;
        if fits && text.chars().any(char::is_alphanumeric) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidSearch)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// In whose shop.
    pub tenant: TenantId,
    /// For what.
    pub text: SearchText,
    /// Only entries of this kind.
    pub kind: Option<EntryKind>,
    /// Only prices in this currency.
    pub currency: Option<Currency>,
    /// Only prices of at least so many minor units.
    pub least: Option<i64>,
    /// Only prices of at most so many minor units.
    pub most: Option<i64>,
    /// After a place that an earlier page told; not to be taken from outside.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u8,
}
