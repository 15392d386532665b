//! Lets those open a socket who have a ticket for it.
//!
//! | | |
//! |---|---|
//! | trigger | API Gateway, before `$connect` of the WebSocket API |
//! | reads | – |
//! | writes | the realtime table: takes the ticket out |
//! | emits | – |
//! | fails with | `Unauthorized`, which API Gateway answers with 401, always the same |
//! | safe to repeat because | a ticket is good once: of two who show it, one gets in |

use std::collections::HashMap;
use std::fmt;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::sockets::SocketOwner;
use domain::TicketSecret;
use domain::ports::{StoreError, TakeTickets};
use http_edge::Origins;
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// Whose pages may open sockets from a browser.
    pub origins: Origins,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let origins = read.parsed_or("CORS_ORIGINS", Origins::default());
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                origins: origins?,
            })
        })
    }
}

/// What API Gateway tells of somebody who wants to connect. It holds a ticket, so it is not printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// What is asked for.
    method_arn: String,
    /// Headers, in whatever case the client wrote their names.
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
    /// The query, decoded; of several of one name the last.
    #[serde(default)]
    query_string_parameters: Option<HashMap<String, String>>,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake(..)")
    }
}

impl Handshake {
    fn ticket(&self) -> Option<&str> {
        let query = self.query_string_parameters.as_ref()?;
        query.get("ticket").map(String::as_str)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?.iter();
        let mut fitting = headers.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        fitting.next().map(|(_, value)| value.as_str())
    }
}

/// What API Gateway is answered: a policy that allows what was asked for, and whose the socket is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    principal_id: String,
    policy_document: Value,
    /// Told again with every frame.
    pub context: SocketOwner,
}

/// Why nobody is let in.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// No ticket, none of ours, one that was used or has ended, or a page of somebody else's. This
    /// very word is what API Gateway answers with 401
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html>).
    #[error("Unauthorized")]
    Refused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for ConnectError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Refused => ErrorName::BadInput,
            Self::Store(error) => error.name(),
        }
    }
}

/// Takes the ticket. What cannot be one, and what a page of somebody else's shows, is refused without
/// asking the table; browsers name the page, and others have none.
///
/// # Errors
/// [`ConnectError`].
pub async fn handle(
    tickets: &impl TakeTickets,
    origins: &Origins,
    now: Timestamp,
    asked: Handshake,
) -> Result<Allowed, ConnectError> {
    let is_foreign = asked.header("origin").is_some_and(|it| !origins.has(it));
    let secret = asked.ticket().and_then(TicketSecret::parse);
    let secret = secret
        .filter(|_| !is_foreign)
        .ok_or(ConnectError::Refused)?;
    let ticket = tickets.take_ticket(secret.hash()).await?;
    let ticket = ticket.filter(|ticket| now < ticket.good_until);
    let ticket = ticket.ok_or(ConnectError::Refused)?;
    let allow = json!({
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": asked.method_arn,
    });
    Ok(Allowed {
        principal_id: ticket.reader.to_string(),
        policy_document: json!({"Version": "2012-10-17", "Statement": [allow]}),
        context: SocketOwner::of(&ticket, now),
    })
}

#[cfg(test)]
mod tests;
