//! The HTTP API of the shop, as a customer sees it.

use std::fmt;
use std::time::Duration;

use contracts::http::{OrderBody, OrderPlacedBody, OrderStatusBody, PlaceOrder};
use domain::OrderId;
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::settings::Settings;

/// Tells that the answer is one that was given before.
const REPLAYED: &str = "idempotency-replayed";

/// Why the API did not answer as hoped.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    #[error("API_URL is not a URL of http or https")]
    Address,
    #[error("the API cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the API answered {status}: {problem}")]
    Refused { status: u16, problem: String },
    #[error("the API's answer cannot be read")]
    Unreadable(#[source] reqwest::Error),
}

impl ApiError {
    /// Whether asking again may help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unreadable(_) => true,
            Self::Refused { status, .. } => matches!(status, 429 | 500..=599),
            Self::Address => false,
        }
    }
}

/// The API, with one customer's token.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    client: Client,
    base: Url,
    token: String,
}

/// What opens one socket, and where.
#[derive(Deserialize)]
pub(crate) struct Ticket {
    ticket: String,
    url: String,
}

/// Never shown: who has it comes in.
impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}

impl Ticket {
    /// The address with the ticket in it.
    pub(crate) fn address(&self) -> String {
        match Url::parse_with_params(&self.url, [("ticket", &self.ticket)]) {
            Ok(url) => url.into(),
            // Nobody is reached at what is no address.
            Err(_) => String::new(),
        }
    }
}

/// A refusal (RFC 9457).
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Pointed>,
}

#[derive(Debug, Deserialize)]
struct Pointed {
    pointer: String,
    detail: String,
}

impl Api {
    /// The API of the settings, with their token unless another is given.
    pub(crate) fn new(
        settings: &Settings,
        token: Option<&str>,
    ) -> Result<Self, crate::failure::Failure> {
        let (url, token) = match token {
            Some(token) => (settings.one("API_URL")?, token),
            None => {
                let [url, token] = settings.all(["API_URL", "CUSTOMER_TOKEN"])?;
                (url, token)
            }
        };
        Ok(Self::at(url, token)?)
    }

    fn at(url: &str, token: &str) -> Result<Self, ApiError> {
        let base = Url::parse(url).map_err(|_| ApiError::Address)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(ApiError::Address);
        }
        let mut client = Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(30))
            .redirect(redirect::Policy::none());
        let is_local = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if is_local {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build().map_err(ApiError::Unreachable)?,
            base,
            token: token.to_owned(),
        })
    }

    /// Places an order, and tells whether it had been placed before under this key.
    pub(crate) async fn place(
        &self,
        order: &PlaceOrder,
        key: &str,
    ) -> Result<(OrderPlacedBody, bool), ApiError> {
        let request = self
            .request(Method::POST, &["orders"])
            .header("idempotency-key", key)
            .json(order);
        let response = send(request).await?;
        let replayed = response.headers().contains_key(REPLAYED);
        Ok((read(response).await?, replayed))
    }

    /// The order.
    pub(crate) async fn order(&self, id: OrderId) -> Result<OrderBody, ApiError> {
        let request = self.request(Method::GET, &["orders", &id.to_string()]);
        read(send(request).await?).await
    }

    /// Where the order is.
    pub(crate) async fn status(&self, id: OrderId) -> Result<OrderStatusBody, ApiError> {
        let request = self.request(Method::GET, &["orders", &id.to_string(), "status"]);
        read(send(request).await?).await
    }

    /// A ticket that opens one socket.
    pub(crate) async fn ticket(&self) -> Result<Ticket, ApiError> {
        let request = self.request(Method::POST, &["realtime", "tickets"]);
        read(send(request).await?).await
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // Always a base: its scheme was checked.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        self.client.request(method, url).bearer_auth(&self.token)
    }
}

async fn send(request: RequestBuilder) -> Result<Response, ApiError> {
    let response = request.send().await.map_err(ApiError::Unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem: Problem = response.json().await.unwrap_or_default();
    Err(ApiError::Refused {
        status: status.as_u16(),
        problem: problem.in_words(),
    })
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    response.json().await.map_err(ApiError::Unreadable)
}

impl Problem {
    fn in_words(&self) -> String {
        let title = Some(self.title.as_str()).filter(|title| !title.is_empty());
        let mut words = title.unwrap_or("no reason given").to_owned();
        if let Some(detail) = &self.detail {
            words.push_str(": ");
            words.push_str(detail);
        }
        for Pointed { pointer, detail } in &self.errors {
            words.push_str(&format!("; {pointer}: {detail}"));
        }
        words
    }
}

#[cfg(test)]
mod tests;
