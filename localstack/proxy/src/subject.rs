//! What a call is about: service, operation, resource and caller, in each protocol that AWS uses.

use axum::body::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::work;

#[cfg(test)]
mod tests;

/// The services by the names that `X-Amz-Target` has for them.
const TARGETS: [(&str, &str); 6] = [
    ("DynamoDB_20120810", "dynamodb"),
    ("DynamoDBStreams_20120810", "dynamodb-streams"),
    ("AWSStepFunctions", "states"),
    ("AmazonSQS", "sqs"),
    ("AmazonSNS", "sns"),
    ("Logs_20140328", "logs"),
];

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subject {
    pub(crate) service: String,
    pub(crate) operation: String,
    /// Of the table, topic, queue, state machine or log group; empty where there is none.
    pub(crate) resource: String,
    /// The application name of the caller's SDK; empty where it says none.
    pub(crate) caller: String,
    pub(crate) content: Content,
}

/// What was asked, by protocol.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// AWS JSON: the operation stands in a header.
    Json(Value),
    /// AWS query: everything is a form.
    Form(Vec<(String, String)>),
    /// Method and path say it.
    Rest,
}

impl Subject {
    pub(crate) fn of(parts: &Parts, body: &Bytes) -> Self {
        let scope = signed_for(&parts.headers).unwrap_or_default();
        let (service, operation, content) = json(parts, body, scope)
            .or_else(|| form(parts, body, scope))
            .unwrap_or_else(|| rest(parts, scope));
        Self {
            resource: work::resource(&service, &content),
            service,
            operation,
            caller: caller(&parts.headers),
            content,
        }
    }
}

fn json(parts: &Parts, body: &Bytes, scope: &str) -> Option<(String, String, Content)> {
    let target = text(&parts.headers, "x-amz-target")?;
    let (prefix, operation) = target.rsplit_once('.')?;
    let known = TARGETS.iter().find(|(name, _)| *name == prefix);
    let service = match known {
        Some((_, service)) => service,
        None if scope.is_empty() => prefix,
        None => scope,
    };
    let content = serde_json::from_slice(body).unwrap_or(Value::Null);
    Some((
        service.to_owned(),
        operation.to_owned(),
        Content::Json(content),
    ))
}

fn form(parts: &Parts, body: &Bytes, scope: &str) -> Option<(String, String, Content)> {
    let is_form = text(&parts.headers, CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let body: &[u8] = if is_form { body } else { &[] };
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query)
        .chain(form_urlencoded::parse(body))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let (_, action) = pairs.iter().find(|(name, _)| name == "Action")?;
    Some((scope.to_owned(), action.clone(), Content::Form(pairs)))
}

fn rest(parts: &Parts, scope: &str) -> (String, String, Content) {
    let path = parts.uri.path();
    if parts.method == Method::POST && path == "/v2/email/outbound-emails" {
        return ("ses".to_owned(), "SendEmail".to_owned(), Content::Rest);
    }
    let operation = format!("{} {path}", parts.method);
    (scope.to_owned(), operation, Content::Rest)
}

/// The service in the credential scope: `Credential=AKID/date/region/SERVICE/aws4_request`.
fn signed_for(headers: &HeaderMap) -> Option<&str> {
    let authorization = text(headers, AUTHORIZATION.as_str())?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let scope = credential.split([',', ' ']).next()?;
    scope.rsplit('/').nth(1)
}

/// SDKs put the name of the application into both headers, as `app/name`.
fn caller(headers: &HeaderMap) -> String {
    ["x-amz-user-agent", USER_AGENT.as_str()]
        .into_iter()
        .filter_map(|name| text(headers, name))
        .flat_map(str::split_ascii_whitespace)
        .find_map(|word| word.strip_prefix("app/"))
        .unwrap_or_default()
        .to_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
