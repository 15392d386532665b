//! The gateway of text messages: the Messages API of Twilio
//! (<https://www.twilio.com/docs/messaging/api/message-resource>). It knows no key that makes a repeat
//! safe: a text carries a reference, and what may have been sent is looked for in the list of what went
//! to its number.

use std::time::Duration;

use contracts::http::Secret;
use domain::ports::{FindTexts, ProviderError, SendTexts, Text};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

use crate::client::{Caller, ClientError, Limits, Reply};

#[cfg(test)]
mod tests;

/// Nobody waits for a text, but many may wait behind one that hangs.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(1),
    total: Duration::from_secs(2),
    read: Duration::from_secs(2),
    // A page of texts.
    body: 256 * 1024,
};
/// Most texts of a page.
const PAGE: usize = 100;
/// Codes that are about the number or the text: it can never be sent as it is. Every other refusal is
/// about our account or the moment; those are put right, and the text is still wanted then
/// (<https://www.twilio.com/docs/api/errors>).
const NEVER: [u32; 8] = [
    21_211, // no number
    21_214, // cannot be reached
    21_217, // no number
    21_408, // its country is not one that we send to
    21_610, // its owner wants none
    21_612, // no way to it
    21_614, // no mobile
    21_617, // too long
];

/// What the gateway knows us by.
#[derive(Clone, Debug)]
pub struct TextAccount {
    /// The account.
    pub sid: String,
    /// Its token.
    pub token: Secret,
    /// The number that texts come from.
    pub from: String,
}

/// Sends texts over HTTP.
#[derive(Clone, Debug)]
pub struct TwilioTexts {
    caller: Caller,
    account: TextAccount,
}

impl TwilioTexts {
    /// A client for the API at `base_url`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] for an address or a token that cannot be.
    pub fn new(base_url: &str, account: TextAccount) -> Result<Self, ClientError> {
        Self::with_limits(base_url, account, LIMITS)
    }

    fn with_limits(
        base_url: &str,
        account: TextAccount,
        limits: Limits,
    ) -> Result<Self, ClientError> {
        let caller = Caller::basic(base_url, (&account.sid, &account.token.0), limits)?;
        Ok(Self { caller, account })
    }

    fn messages(&self) -> [&str; 4] {
        ["2010-04-01", "Accounts", &self.account.sid, "Messages.json"]
    }
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Listed>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    to: String,
    body: String,
    status: String,
}

impl Listed {
    /// Whether it is this text, and went out or will.
    fn is(&self, text: &Text) -> bool {
        let failed = matches!(&*self.status, "failed" | "undelivered" | "canceled");
        !failed && self.to == text.to && self.body.contains(&text.reference)
    }
}

impl SendTexts for TwilioTexts {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        let fields = [
            ("To", text.to.clone()),
            ("From", self.account.from.clone()),
            ("Body", text.body.clone()),
        ];
        let request = self.caller.request(Method::POST, &self.messages());
        let reply = self.caller.send("text send", request.form(&fields)).await?;
        match reply.is_success() {
            true => Ok(()),
            false => Err(refusal(&reply)),
        }
    }
}

impl FindTexts for TwilioTexts {
    async fn has_text(&self, text: &Text, since: Timestamp) -> Result<bool, ProviderError> {
        let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
        let query = [
            ("To", text.to.clone()),
            ("DateSent>", since.to_string()),
            ("PageSize", PAGE.to_string()),
        ];
        let request = self.caller.read(&self.messages(), &query);
        let reply = self.caller.send("text list", request).await?;
        if !reply.is_success() {
            return Err(refusal(&reply));
        }
        let page: Page = reply.json()?;
        match page.messages.iter().any(|it| it.is(text)) {
            true => Ok(true),
            // Nobody is sent so many in so short a time: a person looks.
            false if page.next_page_uri.is_some() => Err(reply.unexpected("with more than a page")),
            false => Ok(false),
        }
    }
}

/// Its message is not read: it may quote the number. Whoever refuses without a code is not the
/// gateway, which then is not there; 401, 403 and redirects do not come here, and count as answers.
fn refusal(reply: &Reply) -> ProviderError {
    let code = reply.json_if_any().map(|Refusal { code }| code);
    match code {
        Some(code) if NEVER.contains(&code) => reply.refused(&code.to_string()),
        Some(code) => reply.unexpected(&code.to_string()),
        None => reply.down("without a code"),
    }
}
