//! The ports of `domain` on DynamoDB: one table per service, one item per aggregate, state and
//! events in one conditional write. Keys are formatted in [`key`] only, names listed in
//! [`schema`] only, and only the items and the tables know how a value is stored.

mod accounts;
mod answer;
mod api_keys;
mod audit;
mod batch;
mod breakers;
mod catalogue;
mod catalogue_cache;
mod claims;
mod contention;
mod copies;
mod figures;
mod groups;
mod inbox;
mod inventory;
mod item;
mod jobs;
pub mod key;
mod limits;
mod news;
mod notifications;
mod orders;
pub mod outbox;
pub mod pushed;
mod query;
mod realtime;
mod refusals;
mod rows;
pub mod schema;
mod sendings;
mod shards;
mod sockets;
mod store;
mod subscribers;
mod table;
pub mod told;
mod writing;

pub use catalogue_cache::CachedCatalogue;
pub use item::{Image, ItemError, Stored};
pub use table::{
    Accounts, AccountsTable, Audit, AuditTable, Catalog, CatalogTable, Inventory, InventoryTable,
    Operations, OperationsTable, Orders, OrdersTable, Payments, PaymentsTable, Realtime,
    RealtimeTable, Shipping, ShippingTable, Table,
};
