//! Settings: either the environment speaks or the file does. A mixture could send an order to one
//! stack and its events to another.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use thiserror::Error;

mod env_file;

#[cfg(test)]
mod tests;

/// What `make run` writes.
const FILE: &str = ".local/env";
/// Where one of these is set, the environment describes a stack and the file is not read.
const STACK_NAMES: [&str; 12] = [
    "ACCOUNTS_TABLE",
    "API_URL",
    "AUDIT_TABLE",
    "CARTWRIGHT_TOKEN_KEY",
    "CATALOG_TABLE",
    "DEAD_LETTER_QUEUES",
    "EVENTS_TOPIC_ARN",
    "INVENTORY_TABLE",
    "ORDERS_TABLE",
    "PAYMENTS_TABLE",
    "REALTIME_TABLE",
    "SHIPPING_TABLE",
];
/// Whose orders, not which stack: the environment goes first even where the file is read.
const CUSTOMER_TOKEN: &str = "CUSTOMER_TOKEN";

/// Why the settings do not do.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("{} not set; `make run` writes them to {FILE}", .0.join(", "))]
    Missing(Vec<&'static str>),
    #[error("{FILE} cannot be read")]
    File(#[source] io::Error),
    #[error("{FILE} line {0} is not a NAME='value' line")]
    Line(usize),
}

/// Names and values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Reads the environment, and the file where that names no stack.
    pub(crate) fn read() -> Result<Self, SettingsError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the command line is where its settings are read, once"
        )]
        let environment = std::env::vars();
        let file = match std::fs::read_to_string(Path::new(FILE)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SettingsError::File(error)),
        };
        Self::new(environment.collect(), file.as_deref())
    }

    fn new(
        mut environment: BTreeMap<String, String>,
        file: Option<&str>,
    ) -> Result<Self, SettingsError> {
        environment.retain(|_, value| !value.is_empty());
        let names_stack = STACK_NAMES
            .iter()
            .any(|name| environment.contains_key(*name));
        let Some(file) = file.filter(|_| !names_stack) else {
            return Ok(Self(environment));
        };
        let customer = environment.remove(CUSTOMER_TOKEN);
        environment.retain(|name, _| !name.starts_with("AWS_"));
        environment.extend(env_file::parse(file).map_err(SettingsError::Line)?);
        environment.extend(customer.map(|token| (CUSTOMER_TOKEN.to_owned(), token)));
        environment.retain(|_, value| !value.is_empty());
        Ok(Self(environment))
    }

    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The values of all these names, or all that are missing.
    pub(crate) fn all<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[&str; N], SettingsError> {
        let is_missing = |name: &&'static str| self.optional(name).is_none();
        let missing: Vec<_> = names.iter().copied().filter(is_missing).collect();
        if missing.is_empty() {
            Ok(names.map(|name| self.optional(name).unwrap_or_default()))
        } else {
            Err(SettingsError::Missing(missing))
        }
    }

    /// The value of this name.
    pub(crate) fn one(&self, name: &'static str) -> Result<&str, SettingsError> {
        self.all([name]).map(|[value]| value)
    }

    #[cfg(test)]
    pub(crate) fn of<const N: usize>(values: [(&str, &str); N]) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(values.map(owned).into())
    }
}
