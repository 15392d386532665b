//! The answers that the proxy gives in place of a service, in the service's own form.
//!
//! Forms of DynamoDB, from its API reference (Programming.Errors, TransactionCanceledException)
//! and from answers that users of on-demand tables have shown: a single call above the capacity
//! of an on-demand table meets `ThrottlingException` with the text of [`ABOVE_CAPACITY`], a
//! transaction the reason `ThrottlingError` with the same text. The checksum `x-amz-crc32` is
//! left out; SDKs check it only if it is there.

use http::StatusCode;
use serde_json::{Value, json};

use crate::outcome::Answer;
use crate::subject::{Content, Subject};
use crate::work;

#[cfg(test)]
mod tests;

const ABOVE_CAPACITY: &str = "Throughput exceeds the current capacity of your table or index. \
    DynamoDB is automatically scaling your table or index so please try again shortly. If \
    exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/\
    latest/developerguide/bp-partition-key-design.html";
const ABOVE_PROVISION: &str = "The level of configured provisioned throughput for the table was \
    exceeded. Consider increasing your provisioning level with the UpdateTable API.";
const CONFLICT: &str = "Transaction is ongoing for the item";
const RATE_EXCEEDED: &str = "Rate exceeded";
const AWS_JSON: &str = "application/x-amz-json-1.0";

/// Why an item cancelled its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Conflict,
    Throttling,
}

/// A transaction that did not happen; `None` for the items that were not the reason.
pub(crate) fn cancelled(reasons: &[Option<Reason>]) -> Answer {
    let codes: Vec<&str> = reasons
        .iter()
        .map(|reason| reason.map_or("None", Reason::code))
        .collect();
    let entries: Vec<Value> = reasons
        .iter()
        .map(|reason| match reason {
            None => json!({"Code": "None"}),
            Some(reason) => json!({"Code": reason.code(), "Message": reason.message()}),
        })
        .collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": entries,
        "Message": message,
    });
    Answer::new(StatusCode::BAD_REQUEST, AWS_JSON, body.to_string())
}

/// A single write met a transaction.
pub(crate) fn conflict() -> Answer {
    dynamodb("TransactionConflictException", CONFLICT)
}

/// A single write met an item that is written too often.
pub(crate) fn item_throttled() -> Answer {
    dynamodb("ProvisionedThroughputExceededException", ABOVE_PROVISION)
}

/// What the service says when it is called too often.
pub(crate) fn throttled(subject: &Subject) -> Answer {
    let transaction = subject.operation.starts_with("Transact");
    match &subject.content {
        Content::Json(body) if subject.service == "dynamodb" && transaction => {
            let reasons: Vec<_> = work::actions(body)
                .map(|_| Some(Reason::Throttling))
                .collect();
            cancelled(&reasons)
        }
        Content::Json(_) if subject.service == "dynamodb" => {
            dynamodb("ThrottlingException", ABOVE_CAPACITY)
        }
        // What REST services call it, SES among them.
        Content::Rest => failure(
            subject,
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            RATE_EXCEEDED,
        ),
        Content::Json(_) | Content::Form(_) => failure(
            subject,
            StatusCode::BAD_REQUEST,
            "ThrottlingException",
            RATE_EXCEEDED,
        ),
    }
}

/// The service broke.
pub(crate) fn internal_error(subject: &Subject) -> Answer {
    failure(
        subject,
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalServerError",
        "Internal server error",
    )
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Self::Conflict => "TransactionConflict",
            Self::Throttling => "ThrottlingError",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Conflict => CONFLICT,
            Self::Throttling => ABOVE_CAPACITY,
        }
    }
}

fn dynamodb(code: &str, message: &str) -> Answer {
    let kind = format!("{}{code}", namespace("dynamodb"));
    let body = json!({"__type": kind, "message": message});
    Answer::new(StatusCode::BAD_REQUEST, AWS_JSON, body.to_string())
}

fn failure(subject: &Subject, status: StatusCode, code: &str, message: &str) -> Answer {
    match &subject.content {
        Content::Json(_) => {
            let kind = format!("{}{code}", namespace(&subject.service));
            let body = json!({"__type": kind, "message": message});
            Answer::new(status, AWS_JSON, body.to_string())
        }
        Content::Form(_) => Answer::new(status, "text/xml", xml(status, code, message)),
        Content::Rest => {
            let body = json!({"message": message}).to_string();
            Answer::new(status, "application/json", body).with("x-amzn-errortype", code)
        }
    }
}

fn xml(status: StatusCode, code: &str, message: &str) -> String {
    let kind = match status.is_server_error() {
        true => "Receiver",
        false => "Sender",
    };
    format!(
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error></ErrorResponse>"
    )
}

/// What stands before the name of an error.
fn namespace(service: &str) -> &'static str {
    match service {
        "dynamodb" => "com.amazonaws.dynamodb.v20120810#",
        "sqs" => "com.amazonaws.sqs#",
        _ => "",
    }
}
