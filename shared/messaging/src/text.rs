//! Texts by SNS: another way where the gateway is dead. One call, signed and sent by what is in every
//! program already.

use std::time::Duration;

use aws_calls::{Answer, Body, Calls, ConnectError, SendError, Service};
use aws_types::SdkConfig;
use domain::ports::{Cause, ProviderError, SendTexts, Text};
use http::{Request, StatusCode};
use https::Roots;
use jiff::Timestamp;

#[cfg(test)]
mod tests;

/// The service, as botocore's model of it has it (`sns/2010-03-31`, protocol `query`).
const SNS: Service = Service {
    signing_name: "sns",
    label: "sns",
    paths_as_they_are: false,
    longest_answer: 64 * 1024,
};
/// Longer than a connection may take, so that who is not reached is told from who does not answer.
const LIMIT: Duration = Duration::from_secs(3);
/// The version that the protocol wants named.
const VERSION: &str = "2010-03-31";
/// Codes that are about this text: it can never be sent as it is
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const NEVER: [&str; 3] = ["InvalidParameter", "InvalidParameterValue", "OptedOut"];

/// Sends texts by SNS.
#[derive(Clone, Debug)]
pub struct SnsTexts<N> {
    calls: Calls,
    address: String,
    limit: Duration,
    now: N,
}

impl<N: Fn() -> Timestamp> SnsTexts<N> {
    /// The way to SNS, by whoever reads the clock. Trusts these roots. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, now: N) -> Result<Self, ConnectError> {
        let calls = Calls::connect(config, roots, SNS)?;
        Ok(Self {
            address: format!("{}/", calls.address(config, "")),
            calls,
            limit: LIMIT,
            now,
        })
    }
}

impl<N: Fn() -> Timestamp + Send + Sync> SendTexts for SnsTexts<N> {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        let request = Request::post(&self.address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::new(form(text)));
        let request = request
            .map_err(|error| ProviderError::Unexpected(Cause(format!("text publish: {error}"))))?;
        let sent = self.calls.send_once(request, self.limit, (self.now)());
        judged(sent.await)
    }
}

fn form(text: &Text) -> String {
    let fields = [
        ("Action", "Publish"),
        ("Version", VERSION),
        ("PhoneNumber", &text.to),
        ("Message", &text.body),
    ];
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

/// SNS cannot be asked what it sent: where nobody answered, the text may have come, for good.
fn judged(answer: Result<Answer, SendError>) -> Result<(), ProviderError> {
    let answer = answer.map_err(|error| match error {
        SendError::NotReached(cause) => ProviderError::Down(cause),
        SendError::NoAnswer(cause) => ProviderError::Unknown(cause),
        SendError::Broken(cause) => ProviderError::Unexpected(cause),
    })?;
    let code = code(&answer.body);
    let cause = Cause(format!(
        "text publish: answered {} {code}",
        answer.status.as_u16()
    ));
    match answer.status {
        StatusCode::OK => Ok(()),
        status if status.is_server_error() => Err(ProviderError::Unknown(cause)),
        _ if NEVER.contains(&code) => Err(ProviderError::Refused(cause)),
        _ if code.contains("Throttl") => Err(ProviderError::Down(cause)),
        _ => Err(ProviderError::Unexpected(cause)),
    }
}

/// The service's own word for a refusal; its message could quote the number.
fn code(body: &str) -> &str {
    let code = body.split_once("<Code>").map(|(_, rest)| rest);
    let code = code.and_then(|rest| rest.split_once("</Code>"));
    let is_word = |code: &&str| code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    code.map(|(code, _)| code)
        .filter(is_word)
        .unwrap_or("without a code")
}
