//! A product. It changes as a whole, and every change is one event that carries the whole state:
//! the newest version wins, and a product keeps the event of its last change only.

use jiff::Timestamp;

use crate::catalogue::SaleStatus;
use crate::{MAX_LINES, MAX_QUANTITY, Money, ProductId, Sku, TenantId};

#[cfg(test)]
mod tests;

/// What those who run the shop say about a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDetails {
    /// What leaves the warehouse when it is sold.
    pub sku: Sku,
    /// What the customer reads first.
    pub name: String,
    /// What the customer reads then; may be empty.
    pub description: String,
    /// Price of one.
    pub price: Money,
    /// Whether it is on sale.
    pub status: SaleStatus,
}

/// A part of a product that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductField {
    /// What leaves the warehouse.
    Sku,
    /// Name.
    Name,
    /// Description.
    Description,
    /// Price.
    Price,
    /// Whether it is on sale.
    Status,
}

impl ProductField {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Status,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Name => "name",
            Self::Description => "description",
            Self::Price => "price",
            Self::Status => "status",
        }
    }

    /// The part with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// What happened to a product last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductEvent {
    /// It came into the catalogue.
    Created,
    /// These parts changed, at least one.
    Updated(Vec<ProductField>),
}

/// An entry of the catalogue that is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id in the catalogue.
    pub id: ProductId,
    /// Whose shop.
    pub tenant: TenantId,
    /// What leaves the warehouse when it is sold.
    pub sku: Sku,
    /// What the customer reads first.
    pub name: String,
    /// What the customer reads then.
    pub description: String,
    /// Price of one.
    pub price: Money,
    /// Whether it is on sale now.
    pub status: SaleStatus,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// What its last change was.
    pub event: ProductEvent,
    /// How often it was stored, which is the sequence of its event; 0 for never.
    pub version: u64,
}

impl Product {
    /// Highest price, in minor units: the largest order of it is still an amount.
    pub const MAX_PRICE: i64 = Money::MAX_MINOR / (MAX_LINES as i64 * MAX_QUANTITY as i64);

    /// A new product.
    pub fn create(
        id: ProductId,
        tenant: TenantId,
        details: ProductDetails,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant,
            sku: details.sku,
            name: details.name,
            description: details.description,
            price: details.price,
            status: details.status,
            created_at: now,
            changed_at: now,
            event: ProductEvent::Created,
            version: 0,
        }
    }

    /// Whether this is what was asked for once it was stored, and nobody changed it since.
    pub fn was_created_as(&self, asked: &Self) -> bool {
        let said = |product: &Self| {
            let (id, tenant) = (product.id.clone(), product.tenant.clone());
            (id, tenant, product.details())
        };
        self.version == 1 && said(self) == said(asked)
    }

    /// What is said about it.
    pub fn details(&self) -> ProductDetails {
        ProductDetails {
            sku: self.sku.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            price: self.price,
            status: self.status,
        }
    }

    /// Takes other details; answers whether anything differs. What does not change is no event.
    pub fn update(&mut self, details: ProductDetails, now: Timestamp) -> bool {
        let changed = self.differing(&details);
        if changed.is_empty() {
            return false;
        }
        *self = Self {
            sku: details.sku,
            name: details.name,
            description: details.description,
            price: details.price,
            status: details.status,
            changed_at: now,
            event: ProductEvent::Updated(changed),
            ..self.clone()
        };
        true
    }

    fn differing(&self, details: &ProductDetails) -> Vec<ProductField> {
        let differs = |field: &ProductField| match field {
            ProductField::Sku => self.sku != details.sku,
            ProductField::Name => self.name != details.name,
            ProductField::Description => self.description != details.description,
            ProductField::Price => self.price != details.price,
            ProductField::Status => self.status != details.status,
        };
        ProductField::ALL.into_iter().filter(differs).collect()
    }

    /// Whether it can be bought.
    pub fn is_on_sale(&self) -> bool {
        self.status == SaleStatus::Active
    }
}
