//! Rows of reports as they are in sheets. What is missing is an empty cell.

use super::{EventRowBody, ProductRowBody, SalesRowBody, StockRowBody};

impl SalesRowBody {
    /// The names of the columns.
    pub const COLUMNS: [&str; 14] = [
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

    /// The cells below them.
    pub fn cells(&self) -> [String; 14] {
        [
            self.day.clone(),
            cell(self.hour),
            self.currency.clone(),
            self.placed.to_string(),
            self.placed_minor.to_string(),
            self.orders.to_string(),
            self.units.to_string(),
            self.revenue_minor.to_string(),
            self.tax_minor.to_string(),
            cell(self.average_order_minor),
            self.refunds.to_string(),
            self.refunded_minor.to_string(),
            self.failed.to_string(),
            self.cancelled.to_string(),
        ]
    }
}

impl EventRowBody {
    /// The names of the columns.
    pub const COLUMNS: [&str; 5] = ["day", "hour", "events", "processing_us", "average_ms"];

    /// The cells below them.
    pub fn cells(&self) -> [String; 5] {
        [
            self.day.clone(),
            cell(self.hour),
            self.events.to_string(),
            self.processing_us.to_string(),
            self.average_ms.to_string(),
        ]
    }
}

impl ProductRowBody {
    /// The names of the columns.
    pub const COLUMNS: [&str; 5] = ["product_id", "orders", "units", "revenue_minor", "returned"];

    /// The cells below them.
    pub fn cells(&self) -> [String; 5] {
        [
            self.product_id.clone(),
            self.orders.to_string(),
            self.units.to_string(),
            self.revenue_minor.to_string(),
            self.returned.to_string(),
        ]
    }
}

impl StockRowBody {
    /// The names of the columns.
    pub const COLUMNS: [&str; 8] = [
        "product_id",
        "sku",
        "available",
        "reserved",
        "low",
        "units_sold",
        "days_of_cover",
        "changed_at",
    ];

    /// The cells below them.
    pub fn cells(&self) -> [String; 8] {
        [
            self.product_id.clone(),
            self.sku.clone(),
            self.available.to_string(),
            self.reserved.to_string(),
            self.low.to_string(),
            self.units_sold.to_string(),
            cell(self.days_of_cover),
            self.changed_at.to_string(),
        ]
    }
}

fn cell(figure: Option<impl ToString>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}
