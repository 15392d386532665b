//! What happened at a tenant, as rows.

use contracts::http::EventRowBody;

/// Columns of a sheet of events.
pub const EVENTS: [&str; 5] = ["day", "hour", "events", "processing_us", "average_ms"];

/// The cells of a row; what is missing is an empty one.
pub fn of_event(row: &EventRowBody) -> [String; 5] {
    [
        row.day.clone(),
        row.hour.map_or_else(String::new, |hour| hour.to_string()),
        row.events.to_string(),
        row.processing_us.to_string(),
        row.average_ms.to_string(),
    ]
}
