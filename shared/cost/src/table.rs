//! Bills as plain text: columns aligned, numbers to the right.

use std::fmt;

use crate::bill::{Architecture, Bill, Group, Line};
use crate::comparison::Comparison;
use crate::day::Day;
use crate::trace::{Kind, Trigger};

#[cfg(test)]
mod tests;

/// Of something that was assumed.
const MARK: &str = "*";

/// How a column is aligned.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Rows of equally many cells.
struct Table<const COLUMNS: usize> {
    sides: [Side; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    fn new(sides: [Side; COLUMNS], head: [&str; COLUMNS]) -> Self {
        let rows = vec![head.map(str::to_owned)];
        Self { sides, rows }
    }

    fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }

    /// A first cell, and the rest empty but for the last.
    fn sum(&mut self, name: &str, dollars: f64) {
        let mut cells = [const { String::new() }; COLUMNS];
        if let [first, .., last] = cells.as_mut_slice() {
            *first = name.to_owned();
            *last = number(dollars);
        }
        self.rows.push(cells);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let lines = self.rows.iter().map(|row| {
            let cells = row.iter().zip(widths).zip(self.sides);
            let padded = cells.map(|((cell, width), side)| match side {
                Side::Left => format!("{cell:<width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
            let line = padded.collect::<Vec<_>>().join("  ");
            line.trim_end().to_owned()
        });
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(
            [Side::Left, Side::Right, Side::Right],
            ["$ per million orders", "spine", "with consumers"],
        );
        for choice in &self.combinations {
            let (saga, processor) = (kind(choice.saga), architecture(choice.architecture));
            table.row([
                format!("{saga}, {processor}"),
                number(choice.totals.spine),
                number(choice.totals.all),
            ]);
        }
        write!(f, "{table}\n\n{}", self.bill)
    }
}

impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let saga = self.options.saga.map_or("as counted", kind);
        let processor = architecture(self.options.architecture);
        let memory = self.options.memory_mb;
        writeln!(f, "{} ({} orders counted)", self.scenario, self.orders)?;
        writeln!(f, "saga {saga}, {processor}, {memory} MB")?;
        let (lines, times) = (line_table(self), function_table(self));
        write!(f, "\n{lines}\n\n{times}")?;
        if let Some(day) = &self.day {
            write!(f, "\n\n{}", day_table(day))?;
        }
        if is_estimated(self) {
            write!(f, "\n\n{MARK} in part assumed, not counted")?;
        }
        Ok(())
    }
}

fn line_table(bill: &Bill) -> Table<4> {
    let mut table = Table::new(
        [Side::Left, Side::Right, Side::Left, Side::Right],
        ["", "per order", "unit", "$ per million orders"],
    );
    let sums = [
        (Group::Spine, "spine", bill.totals.spine),
        (Group::Consumers, "consumers", bill.totals.consumers),
    ];
    for (group, name, sum) in sums {
        for line in bill.lines.iter().filter(|line| line.group == group) {
            let Line {
                name, estimated, ..
            } = line;
            table.row([
                marked(name, *estimated),
                number(line.quantity_per_order),
                line.unit.clone(),
                number(line.dollars_per_million_orders),
            ]);
        }
        table.sum(name, sum);
        table.row([const { String::new() }; 4]);
    }
    table.sum("spine and consumers", bill.totals.all);
    table
}

fn function_table(bill: &Bill) -> Table<4> {
    let mut table = Table::new(
        [Side::Left, Side::Left, Side::Right, Side::Right],
        ["function", "trigger", "per order", "billed ms"],
    );
    for time in &bill.functions {
        table.row([
            marked(&time.function, time.estimated),
            trigger(time.trigger).to_owned(),
            number(time.invocations_per_order),
            format!("{:.0}", time.billed_ms),
        ]);
    }
    table
}

fn day_table(day: &Day) -> Table<4> {
    let orders = format!("{} orders a day", day.orders);
    let mut table = Table::new(
        [Side::Left, Side::Right, Side::Left, Side::Right],
        [&orders, "per day", "unit", "$ per day"],
    );
    for line in &day.lines {
        table.row([
            marked(&line.name, line.estimated),
            number(line.quantity_per_day),
            line.unit.clone(),
            number(line.dollars_per_day),
        ]);
    }
    table.sum("beside orders", day.standing_dollars_per_day);
    table.sum("orders", day.orders_dollars_per_day);
    table.sum("a day", day.dollars_per_day);
    table.sum("a month", day.dollars_per_month);
    table
}

fn is_estimated(bill: &Bill) -> bool {
    let of_day = bill.day.iter().flat_map(|day| &day.lines);
    bill.lines.iter().any(|line| line.estimated)
        || bill.functions.iter().any(|time| time.estimated)
        || of_day.into_iter().any(|line| line.estimated)
}

fn number(value: f64) -> String {
    format!("{value:.4}")
}

fn marked(name: &str, estimated: bool) -> String {
    let mark = if estimated { MARK } else { "" };
    format!("{name}{mark}")
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Express => "express",
        Kind::Standard => "standard",
    }
}

const fn architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "arm64",
        Architecture::X86_64 => "x86_64",
    }
}

const fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Http => "http",
        Trigger::Stream => "stream",
        Trigger::Task => "task",
        Trigger::Queue => "queue",
        Trigger::Schedule => "schedule",
    }
}
