//! What an answer tells: the error, the units it took, the execution it started.

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use crate::ledger::Execution;
use crate::outcome::{Answer, Outcome};
use crate::subject::{Content, Subject};
use crate::units::{Consumed, Units};
use crate::work;

#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) error: Option<String>,
    pub(crate) units: Units,
    /// By table. None if the answer reports no units, mostly because the caller did not ask.
    pub(crate) consumed: Option<Vec<Consumed>>,
    pub(crate) execution: Option<Execution>,
}

/// The few fields of a JSON answer that count; all others are skipped unread.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(alias = "Code")]
    code: Option<String>,
    #[serde(rename = "ConsumedCapacity")]
    consumed: Option<Value>,
    #[serde(rename = "CancellationReasons")]
    reasons: Vec<Reason>,
    #[serde(rename = "executionArn")]
    execution: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reason {
    #[serde(rename = "Code")]
    code: Option<String>,
}

impl Reading {
    pub(crate) fn of(subject: &Subject, outcome: &Outcome) -> Self {
        match &outcome.answer {
            None => Self::default(),
            Some(answer) if answer.status.is_success() => Self::of_success(subject, answer),
            Some(answer) => Self::of_failure(subject, answer),
        }
    }

    fn of_success(subject: &Subject, answer: &Answer) -> Self {
        let starts = matches!(
            subject.operation.as_str(),
            "StartExecution" | "StartSyncExecution"
        );
        match subject.service.as_str() {
            "dynamodb" => Self::of_consumption(subject, parse(answer)),
            "states" if starts => Self {
                execution: parse(answer).execution.map(|arn| execution(subject, arn)),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    fn of_consumption(subject: &Subject, body: Body) -> Self {
        let consumed = body.consumed.as_ref().map(Consumed::list);
        let mut units = Units::default();
        for table in consumed.iter().flatten() {
            units.add(&table.units(reads(subject)));
        }
        Self {
            units,
            consumed,
            ..Self::default()
        }
    }

    fn of_failure(subject: &Subject, answer: &Answer) -> Self {
        let body = parse(answer);
        let error = body.kind.as_deref().or(body.code.as_deref());
        let error = error.or_else(|| header(&answer.headers));
        let error = error.map(bare).or_else(|| between_tags(&answer.body));
        let failed = match error.as_deref() {
            Some("ConditionalCheckFailedException") => 1,
            Some("TransactionCanceledException") => body
                .reasons
                .iter()
                .filter(|reason| reason.code.as_deref() == Some("ConditionalCheckFailed"))
                .count(),
            _ => 0,
        };
        let mut units = Units::default();
        if subject.service == "dynamodb" {
            // Taken though not reported: a refused write still costs its unit.
            units.write_units = u32::try_from(failed).map_or(0.0, f64::from);
        }
        Self {
            error,
            units,
            ..Self::default()
        }
    }
}

/// Whether the total of an answer is read units. PartiQL is not looked into.
pub(crate) fn reads(subject: &Subject) -> bool {
    matches!(
        subject.operation.as_str(),
        "GetItem" | "Query" | "Scan" | "BatchGetItem" | "TransactGetItems"
    )
}

fn parse(answer: &Answer) -> Body {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn execution(subject: &Subject, arn: String) -> Execution {
    let asked = match &subject.content {
        Content::Json(body) => body.get("name").and_then(Value::as_str),
        Content::Form(_) | Content::Rest => None,
    };
    let name = asked.or_else(|| arn.split(':').nth(7)).unwrap_or_default();
    Execution {
        name: name.to_owned(),
        machine: work::machine(&arn).to_owned(),
        arn,
    }
}

/// REST answers name their error here.
fn header(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amzn-errortype")?.to_str().ok()
}

/// The name in `com.amazonaws.dynamodb.v20120810#Name` and in `Name:http://…`.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).to_owned()
}

/// `<Code>Name</Code>`, in answers of the query protocol.
fn between_tags(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, after) = text.split_once("<Code>")?;
    let (code, _) = after.split_once("</Code>")?;
    Some(code.trim().to_owned())
}
