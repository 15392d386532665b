//! The rows of sheets.

use contracts::http::{ProductRowBody, SalesRowBody};

/// Columns of a sheet of sales.
pub(crate) const SALES: [&str; 14] = [
    "day",
    "hour",
    "currency",
    "placed",
    "placed_minor",
    "orders",
    "units",
    "revenue_minor",
    "tax_minor",
    "average_order_minor",
    "refunds",
    "refunded_minor",
    "failed",
    "cancelled",
];
/// Columns of a sheet of products.
pub(crate) const PRODUCTS: [&str; 5] =
    ["product_id", "orders", "units", "revenue_minor", "returned"];

/// What is missing is an empty cell.
pub(crate) fn of_sales(row: &SalesRowBody) -> [String; 14] {
    let figures = [
        Some(row.placed),
        Some(row.placed_minor),
        Some(row.orders),
        Some(row.units),
        Some(row.revenue_minor),
        Some(row.tax_minor),
        row.average_order_minor,
        Some(row.refunds),
        Some(row.refunded_minor),
        Some(row.failed),
        Some(row.cancelled),
    ];
    let mut cells = [row.day.clone(), cell(row.hour), row.currency.clone()]
        .into_iter()
        .chain(figures.map(cell));
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

pub(crate) fn of_product(row: &ProductRowBody) -> [String; 5] {
    [
        row.product_id.clone(),
        row.orders.to_string(),
        row.units.to_string(),
        row.revenue_minor.to_string(),
        row.returned.to_string(),
    ]
}

fn cell(figure: Option<impl ToString>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}
