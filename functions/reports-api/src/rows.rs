//! The rows of sheets.

use contracts::http::ProductRowBody;

pub(crate) use sheets::{SALES, of_sales};

/// Columns of a sheet of products.
pub(crate) const PRODUCTS: [&str; 5] =
    ["product_id", "orders", "units", "revenue_minor", "returned"];

pub(crate) fn of_product(row: &ProductRowBody) -> [String; 5] {
    [
        row.product_id.clone(),
        row.orders.to_string(),
        row.units.to_string(),
        row.revenue_minor.to_string(),
        row.returned.to_string(),
    ]
}
