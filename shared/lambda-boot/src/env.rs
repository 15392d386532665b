//! The environment: read once, then asked through a reader that notes everything missing or
//! malformed before it reports, so that a deployment is corrected in one round.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use contracts::http::Secret;
use thiserror::Error;

/// The environment variables of a process, or of a test.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The variables of this process. Nothing else reads them.
    pub fn from_process() -> Self {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(readable).collect())
    }

    /// Variables for a test.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self(pairs.into_iter().map(owned).collect())
    }

    /// Starts reading.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            env: self,
            faults: Vec::new(),
        }
    }
}

// Values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// How access tokens are verified.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// Public keys, as a JWKS.
    pub jwks: String,
    /// Who must have made a token.
    pub issuer: String,
    /// For whom it must have been made.
    pub audience: String,
}

/// What mails are sent with.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Sender of all mails.
    pub from: String,
    /// The key of mailed links, in hexadecimal digits.
    pub link_key: Secret,
    /// Where the pages are that mailed links lead to, without a slash at its end.
    pub link_base: String,
    /// Where the API is that mail programs ask by themselves, without a slash at its end.
    pub api_base: String,
}

/// Reads values and notes what is wrong with them. An empty value counts as missing.
///
/// Each value comes as an `Option`; [`Reader::finish`] puts them together:
/// ```
/// # use lambda_boot::{ConfigError, Env};
/// struct Config { table: String, batch: u32 }
///
/// fn config(env: &Env) -> Result<Config, ConfigError> {
///     let mut read = env.reader();
///     let table = read.text("ORDERS_TABLE");
///     let batch = read.parsed_or("BATCH", 10);
///     read.finish(|| Some(Config { table: table?, batch: batch? }))
/// }
/// # assert!(config(&Env::from_pairs([("ORDERS_TABLE", "orders")])).is_ok());
/// ```
#[derive(Debug)]
pub struct Reader<'env> {
    env: &'env Env,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// A text that must be there.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.note(name, None);
        }
        value
    }

    /// A text, or a default for it.
    pub fn text_or(&mut self, name: &'static str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A text that may be missing.
    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        let value = self.env.0.get(name)?;
        (!value.is_empty()).then(|| value.clone())
    }

    /// A value that must be there and have the right form.
    pub fn parsed<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let text = self.text(name)?;
        self.parse(name, &text)
    }

    /// A value that must have the right form when it is there, or a default for it.
    pub fn parsed_or<T>(&mut self, name: &'static str, default: T) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        match self.optional(name) {
            Some(text) => self.parse(name, &text),
            None => Some(default),
        }
    }

    /// `TOKEN_JWKS`, `TOKEN_ISSUER` and `TOKEN_AUDIENCE`.
    pub fn tokens(&mut self) -> Option<TokenSettings> {
        let jwks = self.text("TOKEN_JWKS");
        let issuer = self.text("TOKEN_ISSUER");
        let audience = self.text("TOKEN_AUDIENCE");
        Some(TokenSettings {
            jwks: jwks?,
            issuer: issuer?,
            audience: audience?,
        })
    }

    /// `MAIL_FROM`, `LINK_KEY`, `LINK_BASE` and `API_BASE`.
    pub fn mail(&mut self) -> Option<MailSettings> {
        let from = self.text("MAIL_FROM");
        let link_key = self.text("LINK_KEY");
        let link_base = self.text("LINK_BASE");
        let api_base = self.text("API_BASE");
        Some(MailSettings {
            from: from?,
            link_key: Secret(link_key?),
            link_base: link_base?,
            api_base: api_base?,
        })
    }

    /// Puts the values together, or reports everything that was noted.
    ///
    /// # Errors
    /// [`ConfigError`] with every variable that is missing or malformed.
    pub fn finish<C>(self, build: impl FnOnce() -> Option<C>) -> Result<C, ConfigError> {
        let faults = self.faults;
        match build() {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(ConfigError { faults }),
        }
    }

    fn parse<T>(&mut self, name: &'static str, text: &str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(name, Some(error.to_string()));
                None
            }
        }
    }

    fn note(&mut self, name: &'static str, malformed: Option<String>) {
        self.faults.push(Fault { name, malformed });
    }
}

/// What is wrong with one variable. Never contains its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the variable.
    pub name: &'static str,
    /// Why it cannot be read; `None` when it is missing.
    pub malformed: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.malformed {
            None => write!(f, "{} is missing", self.name),
            Some(why) => write!(f, "{} is malformed ({why})", self.name),
        }
    }
}

/// Everything that is wrong with the environment.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("environment: {}", listed(.faults))]
pub struct ConfigError {
    faults: Vec<Fault>,
}

impl ConfigError {
    /// The variables that are missing or malformed, in the order of reading. Read from an empty
    /// [`Env`], a configuration so names everything that it needs.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.faults.iter().map(|fault| fault.name)
    }
}

fn listed(faults: &[Fault]) -> String {
    let texts: Vec<_> = faults.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests;
