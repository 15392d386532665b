//! Capacity units of DynamoDB, as an answer reports them in `ConsumedCapacity`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Units of one call, or summed over many. DynamoDB reports halves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Units {
    /// Read units, indexes included.
    pub read_units: f64,
    /// Write units, indexes and failed conditions included.
    pub write_units: f64,
    /// The part of both that the tables themselves took, where the answer tells it apart.
    pub table_units: f64,
    /// The parts of the indexes, by their names, where the answer tells them apart.
    pub index_units: BTreeMap<String, f64>,
}

/// What one table took.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Consumed {
    table_name: String,
    capacity_units: Option<f64>,
    read_capacity_units: Option<f64>,
    write_capacity_units: Option<f64>,
    table: Option<Part>,
    global_secondary_indexes: BTreeMap<String, Part>,
    local_secondary_indexes: BTreeMap<String, Part>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Part {
    capacity_units: f64,
}

impl Units {
    pub(crate) fn add(&mut self, other: &Self) {
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.table_units += other.table_units;
        for (name, units) in &other.index_units {
            // Most names are known already: no copy for them.
            match self.index_units.get_mut(name) {
                Some(sum) => *sum += units,
                None => {
                    self.index_units.insert(name.clone(), *units);
                }
            }
        }
    }
}

impl Consumed {
    /// The list in an answer: one table reports an object, several a list.
    pub(crate) fn list(reported: &Value) -> Vec<Self> {
        let one = std::slice::from_ref(reported);
        let all = reported.as_array().map_or(one, Vec::as_slice);
        all.iter()
            .filter_map(|consumed| Self::deserialize(consumed).ok())
            .collect()
    }

    pub(crate) fn is_of(&self, table: &str) -> bool {
        self.table_name == table
    }

    pub(crate) fn units(&self, reads: bool) -> Units {
        let (read_units, write_units) = self.read_and_write(reads);
        let mut units = Units {
            read_units,
            write_units,
            ..Units::default()
        };
        if self.tells_apart() {
            units.table_units = self.table_part(reads);
            for (name, part) in self.indexes() {
                *units.index_units.entry(name.clone()).or_default() += part.capacity_units;
            }
        }
        units
    }

    /// What the table itself took. Transactions report the indexes without the table: it took
    /// what is left.
    pub(crate) fn table_part(&self, reads: bool) -> f64 {
        let (read, write) = self.read_and_write(reads);
        let indexes: f64 = self.indexes().map(|(_, part)| part.capacity_units).sum();
        let left = read + write - indexes;
        self.table
            .as_ref()
            .map_or(left, |table| table.capacity_units)
    }

    /// The total is all of one kind, but for what is said to be of the other kind. It counts
    /// before the parts because emulators leave the indexes out of `WriteCapacityUnits`.
    fn read_and_write(&self, reads: bool) -> (f64, f64) {
        let (read, write) = (self.read_capacity_units, self.write_capacity_units);
        let (read_or_0, write_or_0) = (read.unwrap_or(0.0), write.unwrap_or(0.0));
        match (self.capacity_units, read, write) {
            (None, _, _) => (read_or_0, write_or_0),
            (Some(total), Some(read), None) if !reads => (read, (total - read).max(0.0)),
            (Some(total), _, _) if reads => ((total - write_or_0).max(0.0), write_or_0),
            (Some(total), _, _) => (read_or_0, (total - read_or_0).max(0.0)),
        }
    }

    fn tells_apart(&self) -> bool {
        self.table.is_some() || self.indexes().next().is_some()
    }

    fn indexes(&self) -> impl Iterator<Item = (&String, &Part)> {
        self.global_secondary_indexes
            .iter()
            .chain(&self.local_secondary_indexes)
    }
}
