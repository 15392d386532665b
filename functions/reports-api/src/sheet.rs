//! Reports as comma-separated values (RFC 4180), for spreadsheets.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::ports::{Cause, StoreError};
use http_edge::Problem;
use serde::Serialize;

const CSV: &str = "text/csv; charset=utf-8; header=present";
/// What a spreadsheet takes for the beginning of a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A sheet of rows under the names of their fields, as a file with this name. Texts that come from
/// outside went through [`plain`].
pub(crate) fn sheet<T: Serialize>(
    name: &str,
    fields: &[&str],
    rows: impl IntoIterator<Item = T>,
) -> Result<Response, Problem> {
    // The names are written also where no row is.
    let mut sheet = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    sheet.write_record(fields).map_err(broken)?;
    for row in rows {
        sheet.serialize(row).map_err(broken)?;
    }
    let text = sheet.into_inner().map_err(broken)?;
    let headers = [
        (CONTENT_TYPE, CSV.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, text).into_response())
}

/// A text that no spreadsheet takes for a formula.
pub(crate) fn plain(text: &str) -> String {
    match text.starts_with(FORMULAS) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    StoreError::Broken(Cause(error.to_string())).into()
}
