//! Events of a month that left the database: what is kept of each file, so that nothing is let go of that
//! was not seen in the archive.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{MetricEvent, Plan, TenantId};

/// Events by tenant, those of a tenant in the sequence of time.
pub type EventsByTenant = BTreeMap<TenantId, Vec<MetricEvent>>;

/// The same for the same rows, in whatever sequence they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    /// How many rows.
    pub rows: u64,
    /// Of the tenants, types, times, processing times and payloads, each by themselves, and of the rows as
    /// wholes.
    pub sums: [u64; 6],
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Of which month, by its first day.
    pub month: Date,
    /// Which part of it.
    pub part: u32,
    /// What its tenants paid for when the month was archived.
    pub plan: Plan,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// What is in it.
    pub checksums: Checksums,
}

impl ArchivedFile {
    /// Where it is in the bucket, in the way that Hive names partitions.
    pub fn path(&self) -> String {
        let (year, month) = (self.month.year(), self.month.month());
        let (plan, part) = (self.plan.name(), self.part);
        format!("events/plan={plan}/year={year:04}/month={month:02}/part-{part:05}.parquet")
    }
}

/// A month whose rows are on their way into the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archiving {
    /// Its first day.
    pub month: Date,
    /// The first part that is not noted yet; nothing where all are.
    pub next: Option<u32>,
}

/// Where the rows of a month are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthState {
    /// In the database; it takes more of them.
    Open,
    /// In the database, and on their way into the archive.
    Archiving,
    /// In the archive.
    Archived,
    /// In the archive, and once more in the database to be read.
    Restored,
}

impl MonthState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Archiving, Self::Archived, Self::Restored];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Archiving => "archiving",
            Self::Archived => "archived",
            Self::Restored => "restored",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_plan_and_month() {
        let file = ArchivedFile {
            month: Date::constant(2024, 3, 1),
            part: 7,
            plan: Plan::Enterprise,
            bytes: 0,
            checksums: Checksums::default(),
        };
        let path = "events/plan=enterprise/year=2024/month=03/part-00007.parquet";
        assert_eq!(file.path(), path);
    }

    #[test]
    fn each_state_has_its_name() {
        for state in MonthState::ALL {
            assert_eq!(MonthState::from_name(state.name()), Some(state));
        }
        assert_eq!(MonthState::from_name(""), None);
    }
}
