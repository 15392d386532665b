//! What the functions are told, as API Gateway tells it
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

/// A client's handshake, and what the authorizer said of it.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    pub(crate) id: String,
    pub(crate) stage: String,
    pub(crate) from: SocketAddr,
    pub(crate) headers: HeaderMap,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) at: u64,
    pub(crate) authorizer: Map<String, Value>,
}

impl Handshake {
    fn context(&self, route: &str, kind: &str) -> Value {
        json!({
            "routeKey": route,
            "eventType": kind,
            "messageDirection": "IN",
            "stage": self.stage,
            "connectionId": self.id,
            "connectedAt": self.at,
            "requestTimeEpoch": milliseconds(),
            "requestId": format!("{route}{}", self.id),
            "extendedRequestId": self.id,
            "apiId": "gateway",
            "domainName": "gateway.execute-api.us-east-1.amazonaws.com",
            "identity": {"sourceIp": self.from.ip().to_string()},
            "authorizer": self.authorizer,
        })
    }

    /// What only the handshake carries.
    fn with_request(&self, mut event: Value) -> Value {
        let headers = self.headers.iter();
        let headers: Map<String, Value> = headers
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
            .collect();
        let query = match self.query.is_empty() {
            true => Value::Null,
            false => json!(self.query),
        };
        if let Some(event) = event.as_object_mut() {
            event.insert("headers".to_owned(), headers.into());
            event.insert("queryStringParameters".to_owned(), query);
        }
        event
    }

    /// For the authorizer.
    pub(crate) fn asked(&self) -> Value {
        let stage = &self.stage;
        self.with_request(json!({
            "type": "REQUEST",
            "methodArn": format!("arn:aws:execute-api:us-east-1:000000000000:gateway/{stage}/$connect"),
            "stageVariables": {},
            "requestContext": self.context("$connect", "CONNECT"),
        }))
    }

    pub(crate) fn connect(&self) -> Value {
        self.with_request(json!({
            "requestContext": self.context("$connect", "CONNECT"),
            "isBase64Encoded": false,
        }))
    }

    pub(crate) fn message(&self, text: &str) -> Value {
        let mut context = self.context("$default", "MESSAGE");
        if let Some(context) = context.as_object_mut() {
            context.insert("messageId".to_owned(), self.id.as_str().into());
        }
        json!({"requestContext": context, "body": text, "isBase64Encoded": false})
    }

    pub(crate) fn disconnect(&self, code: u16) -> Value {
        let mut context = self.context("$disconnect", "DISCONNECT");
        if let Some(context) = context.as_object_mut() {
            context.insert("disconnectStatusCode".to_owned(), code.into());
            context.insert("disconnectReason".to_owned(), "".into());
        }
        self.with_request(json!({"requestContext": context, "isBase64Encoded": false}))
    }
}

/// What an authorizer's policy hands to the routes; nothing where it lets nobody in.
pub(crate) fn let_in(policy: &Value) -> Option<Map<String, Value>> {
    let statements = policy.pointer("/policyDocument/Statement")?.as_array()?;
    let effects = || {
        statements
            .iter()
            .filter_map(|it| it.get("Effect")?.as_str())
    };
    if effects().any(|it| it == "Deny") || !effects().any(|it| it == "Allow") {
        return None;
    }
    let context = policy.get("context").and_then(Value::as_object);
    // Whatever it was, routes are told texts.
    let mut handed: Map<String, Value> = context
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    handed.insert("principalId".to_owned(), policy.get("principalId")?.clone());
    Some(handed)
}

fn text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => other.to_string().into(),
    }
}

/// Milliseconds since 1970.
pub(crate) fn milliseconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "events have a time of the clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or_default()
}
