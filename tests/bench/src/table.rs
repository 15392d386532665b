//! Tables for people.

use std::fmt;

/// What is said of a figure that this machine cannot take.
pub const NOT_COUNTED: &str = "not counted";

/// A column's name and side.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    name: &'static str,
    right: bool,
}

impl Column {
    /// Of words.
    pub const fn left(name: &'static str) -> Self {
        Self { name, right: false }
    }

    /// Of numbers.
    pub const fn right(name: &'static str) -> Self {
        Self { name, right: true }
    }
}

/// Rows under names, each column as wide as its widest cell.
#[derive(Clone, Debug)]
pub struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// Without rows.
    pub fn new(columns: [Column; N]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// One more.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        widths: &[usize],
        cells: &[String; N],
    ) -> fmt::Result {
        let mut line = String::new();
        for ((cell, column), width) in cells.iter().zip(&self.columns).zip(widths) {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.push_str("  ");
            line.push_str(&if column.right {
                padding + cell
            } else {
                cell.clone() + &padding
            });
        }
        writeln!(f, "{}", line.trim_end())
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.columns.map(|column| column.name.to_owned());
        let all = || std::iter::once(&names).chain(&self.rows);
        let width = |at: usize| {
            all()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..N).map(|at| width(at).unwrap_or_default()).collect();
        all().try_for_each(|row| self.line(f, &widths, row))
    }
}

/// With thousands apart, or that it was not counted.
pub fn count(figure: Option<u64>) -> String {
    let Some(figure) = figure else {
        return NOT_COUNTED.to_owned();
    };
    let digits = figure.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// With two digits, or nothing.
pub fn milliseconds(figure: Option<f64>) -> String {
    figure.map_or_else(String::new, |figure| format!("{figure:.2}"))
}

/// Bytes in MiB, or nothing.
pub fn mebibytes(bytes: Option<u64>) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let shown = |bytes: u64| format!("{:.2} MiB", bytes as f64 / 1_048_576.0);
    bytes.map_or_else(String::new, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_numbers_end_alike() {
        let mut table = Table::new([Column::left("what"), Column::right("n")]);
        table.row(["place-order".to_owned(), count(Some(1_234_567))]);
        table.row(["sweep".to_owned(), count(None)]);
        let lines =
            "  what                   n\n  place-order    1,234,567\n  sweep        not counted\n";
        assert_eq!(table.to_string(), lines);
    }
}
