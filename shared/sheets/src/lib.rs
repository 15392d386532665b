//! Rows as comma-separated values (RFC 4180), for spreadsheets: what a report has, in the columns that
//! people know, and no cell that a spreadsheet would take for a formula.

mod sales;

use thiserror::Error;

pub use sales::{SALES, of_sales};

/// The type of a sheet, as HTTP names it.
pub const CSV: &str = "text/csv; charset=utf-8; header=present";
/// What a spreadsheet takes for the beginning of a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A sheet that cannot be written.
#[derive(Debug, Error)]
#[error("the sheet cannot be written: {0}")]
pub struct SheetError(String);

/// A sheet of rows under their names.
///
/// # Errors
/// [`SheetError`].
pub fn sheet<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, SheetError> {
    write([columns.map(str::to_owned)].into_iter().chain(rows))
}

/// Rows that go on in a sheet.
///
/// # Errors
/// [`SheetError`].
pub fn more_rows<const N: usize>(
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, SheetError> {
    write(rows.into_iter())
}

fn write<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> Result<Vec<u8>, SheetError> {
    let mut sheet = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells = row.each_ref().map(|cell| plain(cell));
        sheet.write_record(cells).map_err(broken)?;
    }
    sheet.into_inner().map_err(broken)
}

/// A text that no spreadsheet takes for a formula.
pub fn plain(text: &str) -> String {
    // A number below zero would be one; there is none.
    match text.starts_with(FORMULAS) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn broken(error: impl std::fmt::Display) -> SheetError {
    SheetError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula() {
        for name in ["-2|cmd", "@SUM", "=1", "+1", "\tx", "\rx"] {
            assert_eq!(plain(name), format!("'{name}"));
        }
        assert_eq!(plain("kettle-2"), "kettle-2");
        let rows = [["=1".to_owned(), "a,\"b\"".to_owned()]];
        let written = text(sheet(["one", "two"], rows).unwrap());
        assert_eq!(written, "one,two\n'=1,\"a,\"\"b\"\"\"\n");
    }

    #[test]
    fn a_sheet_may_go_on() {
        let rows = |cells: [&str; 2]| cells.map(|cell| [cell.to_owned()]);
        let mut parts = sheet(["n"], rows(["1", "2"])).unwrap();
        parts.extend(more_rows(rows(["3", "4"])).unwrap());
        let whole = sheet(["n"], ["1", "2", "3", "4"].map(|it| [it.to_owned()])).unwrap();
        assert_eq!(parts, whole);
        assert!(more_rows::<1>([]).unwrap().is_empty());
    }
}
