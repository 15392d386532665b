//! Reports as comma-separated values (RFC 4180), for spreadsheets.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::ports::{Cause, StoreError};
use http_edge::Problem;

const CSV: &str = "text/csv; charset=utf-8; header=present";
/// What a spreadsheet takes for the beginning of a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A sheet of rows under their names, as a file with this name.
pub(crate) fn sheet<const N: usize>(
    name: &str,
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Response, Problem> {
    let mut sheet = csv::Writer::from_writer(Vec::new());
    sheet.write_record(columns).map_err(broken)?;
    for row in rows {
        let cells = row.each_ref().map(|cell| plain(cell));
        sheet.write_record(cells).map_err(broken)?;
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
    // A number below zero would be one; there is none.
    match text.starts_with(FORMULAS) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    StoreError::Broken(Cause(error.to_string())).into()
}
