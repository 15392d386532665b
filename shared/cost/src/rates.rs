//! Everything that a bill needs beside the trace, built in and read once.

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::deployment::Deployment;
use crate::physics::Physics;
use crate::prices::Prices;

#[cfg(test)]
mod tests;

/// Prices, assumptions and what is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    pub prices: Prices,
    pub physics: Physics,
    pub deployment: Deployment,
}

/// Why a table cannot be read.
#[derive(Debug, Error)]
#[error("{table} cannot be read")]
pub struct RatesError {
    table: &'static str,
    #[source]
    cause: serde_json::Error,
}

impl Rates {
    /// The tables of this crate.
    ///
    /// # Errors
    /// [`RatesError`] when one of them is malformed, which a test rules out.
    pub fn built_in() -> Result<Self, RatesError> {
        Self::from_json(
            include_str!("prices.json"),
            include_str!("physics.json"),
            include_str!("deployment.json"),
        )
    }

    /// Other tables of the same forms: prices, physics, deployment.
    ///
    /// # Errors
    /// [`RatesError`] names the one that is malformed.
    pub fn from_json(prices: &str, physics: &str, deployment: &str) -> Result<Self, RatesError> {
        Ok(Self {
            prices: read("prices.json", prices)?,
            physics: read("physics.json", physics)?,
            deployment: read("deployment.json", deployment)?,
        })
    }
}

fn read<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, RatesError> {
    serde_json::from_str(text).map_err(|cause| RatesError { table, cause })
}
