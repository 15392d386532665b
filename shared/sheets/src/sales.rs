//! What was sold, row by row.

use contracts::http::SalesRowBody;

/// Columns of a sheet of sales.
pub const SALES: [&str; 14] = [
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

/// The cells of a row. What is missing is an empty cell.
pub fn of_sales(row: &SalesRowBody) -> [String; 14] {
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

fn cell(figure: Option<impl ToString>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}
