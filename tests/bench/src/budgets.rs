//! `bench budgets`: what a start and a package may take, held against what they take. Counts only,
//! because a clock says another thing each time.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::BenchError;
use crate::place::Place;
use crate::sockets::one_of_many;
use crate::table::{Column, NOT_COUNTED, Table, count};

/// What a program may take, as far as it has a budget.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Instructions from the start of the process to its first request for an event.
    start_instructions: Option<u64>,
    /// Bytes of its package.
    zip_bytes: Option<u64>,
    /// Instructions of one post to a socket, of one message to many.
    post_instructions: Option<u64>,
}

/// One figure beside its budget.
#[derive(Clone, Debug, Serialize)]
pub struct Spent {
    /// Of which function, and what.
    pub what: String,
    /// What it takes; none where it was not counted.
    pub is: Option<u64>,
    /// What it may take.
    pub budget: u64,
}

impl Spent {
    /// What was not counted has not kept to anything.
    fn is_kept(&self) -> bool {
        self.is.is_some_and(|is| is <= self.budget)
    }
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Budgets {
    /// One for each figure.
    pub rows: Vec<Spent>,
}

/// Takes the figures of all functions that have a budget.
///
/// # Errors
/// When a function does not start, or the budgets cannot be read.
pub async fn run(place: &Place, file: &Path) -> Result<Budgets, BenchError> {
    let text = std::fs::read_to_string(file)?;
    let budgets: BTreeMap<String, Budget> = serde_json::from_str(&text)
        .map_err(|error| BenchError::Json(file.display().to_string(), error))?;
    let mut rows = Vec::new();
    for (name, budget) in budgets {
        rows.extend(spent(place, &name, budget).await?);
    }
    Ok(Budgets { rows })
}

async fn spent(place: &Place, name: &str, budget: Budget) -> Result<Vec<Spent>, BenchError> {
    let mut rows = Vec::new();
    let mut row = |what: &str, is: Option<u64>, budget: u64| {
        let what = format!("{name}, {what}");
        rows.push(Spent { what, is, budget });
    };
    if let Some(budget) = budget.start_instructions {
        let around = place.surroundings().await?;
        let program = place.function(name, &around);
        let is = match &place.callgrind {
            Some(counter) => Some(counter.start(&program).await?),
            None => None,
        };
        row("instructions of a start", is, budget);
    }
    if let Some(budget) = budget.zip_bytes {
        row("bytes of its zip", place.package_bytes(name), budget);
    }
    if let Some(budget) = budget.post_instructions {
        let is = match &place.callgrind {
            Some(counter) => Some(one_of_many(place, counter).await?.instructions),
            None => None,
        };
        row("instructions of a post", is, budget);
    }
    Ok(rows)
}

impl Budgets {
    /// Fails with every figure that is above its budget, or that is not known.
    ///
    /// # Errors
    /// When there is one.
    pub fn keep(&self) -> Result<(), BenchError> {
        let said = |spent: &Spent| match spent.is {
            Some(is) => format!("{} are {is}, the budget is {}", spent.what, spent.budget),
            None => format!("{}: {NOT_COUNTED}", spent.what),
        };
        let broken: Vec<String> = self
            .rows
            .iter()
            .filter(|row| !row.is_kept())
            .map(said)
            .collect();
        if broken.is_empty() {
            return Ok(());
        }
        Err(BenchError::Unexpected(broken.join("; ")))
    }
}

impl fmt::Display for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("figure"),
            Column::right("is"),
            Column::right("budget"),
        ]);
        for row in &self.rows {
            table.row([row.what.clone(), count(row.is), count(Some(row.budget))]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(is: Option<u64>) -> Budgets {
        let what = "place-order, bytes of its zip".to_owned();
        let rows = vec![Spent {
            what,
            is,
            budget: 10,
        }];
        Budgets { rows }
    }

    #[test]
    fn what_is_above_its_budget_is_told_with_its_figure() {
        assert!(spent(Some(10)).keep().is_ok());
        let text = spent(Some(11)).keep().unwrap_err().to_string();
        assert_eq!(
            text,
            "place-order, bytes of its zip are 11, the budget is 10"
        );
    }

    #[test]
    fn what_was_not_counted_is_no_pass() {
        let text = spent(None).keep().unwrap_err().to_string();
        assert_eq!(text, "place-order, bytes of its zip: not counted");
    }
}
