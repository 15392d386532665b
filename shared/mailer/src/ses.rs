//! One mail in one call. There is no retry inside: a call that timed out may have sent the mail,
//! and how often that risk is taken is for the caller to count.

use std::error::Error;
use std::io;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::http::HttpResponse;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use aws_types::SdkConfig;
use domain::ports::{Cause, Mail, MailError, SendMail};

#[cfg(test)]
mod tests;

/// Codes that are about this mail: it can never be sent as it is. Every other refusal is about the moment
/// or about us (our account, our role, a clock that is off); those are put right, and the mail is still
/// wanted then.
const NEVER: [&str; 3] = [
    "BadRequestException",
    "MessageRejected",
    "NotFoundException",
];

/// Codes that are about the moment: whoever else calls is told the same.
const BUSY: [&str; 4] = [
    "LimitExceededException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Sends mail from one address.
#[derive(Clone, Debug)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// A mailer that sends from this address, which SES must know. Nothing is sent yet. Time limits
    /// are those of the configuration.
    pub fn connect(config: &SdkConfig, from: impl Into<String>) -> Self {
        let once = Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(once),
            from: from.into(),
        }
    }
}

impl SendMail for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let to = Destination::builder().to_addresses(&mail.to).build();
        let sent = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(to)
            .content(content(mail).map_err(|_| MailError::Refused(cause("cannot be built")))?)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(mail_error(&error)),
        }
    }
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let message = Message::builder()
        .subject(text(&mail.subject)?)
        .body(Body::builder().text(text(&mail.text)?).build())
        .set_headers(mail.unsubscribe.as_deref().map(one_click).transpose()?)
        .build();
    Ok(EmailContent::builder().simple(message).build())
}

/// Lets a mail program switch such mails off by itself (RFC 8058 section 3.1). SES signs both.
fn one_click(address: &str) -> Result<Vec<MessageHeader>, BuildError> {
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
    Ok(vec![
        header("List-Unsubscribe", &format!("<{address}>"))?,
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?,
    ])
}

/// Codes only: messages of the service can name the recipient.
fn mail_error<E>(error: &SdkError<E, HttpResponse>) -> MailError
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => {
            let refused = service.raw().status().is_client_error();
            match service.err().code() {
                Some(code) if refused && NEVER.contains(&code) => MailError::Refused(cause(code)),
                Some(code) if refused && BUSY.contains(&code) => MailError::NotSent(cause(code)),
                Some(code) if refused => MailError::Declined(cause(code)),
                // A service that failed at some point, nobody says at which.
                code => MailError::Unknown(cause(code.unwrap_or("no code"))),
            }
        }
        SdkError::ConstructionFailure(_) => MailError::Refused(cause("cannot be built")),
        SdkError::DispatchFailure(failure)
            if failure.as_connector_error().is_some_and(was_refused) =>
        {
            MailError::NotSent(cause("connection refused"))
        }
        SdkError::DispatchFailure(_) => MailError::Unknown(cause("connection lost")),
        SdkError::TimeoutError(_) => MailError::Unknown(cause("timed out")),
        _ => MailError::Unknown(cause("an answer that cannot be read")),
    }
}

/// Whether there never was a connection. Other failures do not say how far the mail got.
fn was_refused(error: &(impl Error + 'static)) -> bool {
    let chain = std::iter::successors(error.source(), |error| (*error).source());
    chain
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn cause(words: &str) -> Cause {
    Cause(format!("send mail: {words}"))
}
