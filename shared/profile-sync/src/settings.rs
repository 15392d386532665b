//! Which services there are, as the deployment says it.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::str::FromStr;

use breaker::Share;
use contracts::http::Secret;
use domain::DestinationName;
use domain::ports::SendProfile;
use serde::Deserialize;
use thiserror::Error;

use crate::Destination;

/// What the deployment says of a service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationSettings {
    /// What it is called: part of the key of its rows.
    #[serde(deserialize_with = "name")]
    pub name: DestinationName,
    /// Its address; `/profiles/<account>` comes behind it.
    pub url: String,
    /// What it knows us by.
    pub key: Secret,
    /// Most profiles of a minute when it catches up; 600 where nothing is said.
    #[serde(default = "usual_pace")]
    pub per_minute: NonZeroU16,
}

/// The list is not one.
#[derive(Debug, Error)]
pub enum InvalidDestinations {
    /// It cannot be read. Its text is not told: there are keys in it.
    #[error("the list of destinations cannot be read at column {0}")]
    Text(usize),
    /// Two have one name.
    #[error("two destinations are called {0}")]
    Twice(DestinationName),
}

/// All of them, as a JSON list.
#[derive(Clone, Debug, Default)]
pub struct Destinations(pub Vec<DestinationSettings>);

impl FromStr for Destinations {
    type Err = InvalidDestinations;

    fn from_str(text: &str) -> Result<Self, InvalidDestinations> {
        let list: Vec<DestinationSettings> = serde_json::from_str(text)
            .map_err(|error| InvalidDestinations::Text(error.column()))?;
        let mut names = BTreeSet::new();
        match list.iter().find(|it| !names.insert(&it.name)) {
            Some(second) => Err(InvalidDestinations::Twice(second.name.clone())),
            None => Ok(Self(list)),
        }
    }
}

impl Destinations {
    /// All of them, each with its way to call it; none where one has none.
    ///
    /// # Errors
    /// What `service` says of the first that has none.
    pub fn connect<S: Share + Clone, P: SendProfile, E>(
        &self,
        breakers: &S,
        service: impl Fn(&DestinationSettings) -> Result<P, E>,
    ) -> Result<Vec<Destination<S, P>>, E> {
        let connect = |it: &DestinationSettings| {
            let service = service(it)?;
            let (name, breakers) = (it.name.clone(), breakers.clone());
            Ok(Destination::new(
                name,
                it.per_minute.get(),
                breakers,
                service,
            ))
        };
        self.0.iter().map(connect).collect()
    }
}

const fn usual_pace() -> NonZeroU16 {
    match NonZeroU16::new(600) {
        Some(pace) => pace,
        None => NonZeroU16::MIN,
    }
}

fn name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<DestinationName, D::Error> {
    let text = String::deserialize(deserializer)?;
    DestinationName::parse(&text).map_err(serde::de::Error::custom)
}
