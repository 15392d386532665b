//! Sheets as answers.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::ports::{Cause, StoreError};
use http_edge::Problem;

/// A sheet of rows under their names, as a file with this name.
pub(crate) fn sheet<const N: usize>(
    name: &str,
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Response, Problem> {
    let text = sheets::sheet(columns, rows);
    let text = text.map_err(|error| StoreError::Broken(Cause(error.to_string())))?;
    let headers = [
        (CONTENT_TYPE, sheets::CSV.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, text).into_response())
}
