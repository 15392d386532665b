//! How much is asked for and of whom: the names of resources and the counts of entries.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::subject::Content;

/// The resource a call names; several tables are joined by `+`, in the order of their names.
pub(crate) fn resource(service: &str, content: &Content) -> String {
    match content {
        Content::Json(body) => match service {
            "dynamodb" => tables(body).into_iter().collect::<Vec<_>>().join("+"),
            "dynamodb-streams" => named(body, &["StreamArn"], table),
            "states" => named(body, &["stateMachineArn", "executionArn", "name"], machine),
            "sqs" => named(body, &["QueueUrl", "QueueName"], queue),
            "sns" => named(body, &["TopicArn", "TargetArn", "Name"], topic),
            "logs" => named(body, &["logGroupName"], |name| name),
            _ => String::new(),
        },
        Content::Form(pairs) => {
            let find = |names: &[&str]| names.iter().find_map(|name| value_of(pairs, name));
            let name = find(&["TopicArn", "TargetArn"]).map(topic);
            let name = name.or_else(|| find(&["QueueUrl", "QueueName"]).map(queue));
            name.unwrap_or_default().to_owned()
        }
        Content::Rest => String::new(),
    }
}

/// Entries of a batch, items of a transaction, keys of a batch read, events of a log; 0 for a
/// call that is no batch.
pub(crate) fn entries(content: &Content) -> usize {
    match content {
        Content::Json(body) => ["Entries", "TransactItems", "logEvents"]
            .into_iter()
            .filter_map(|name| body.get(name)?.as_array())
            .map(Vec::len)
            .chain(batches(body).map(|(_, asked)| batch_size(asked)))
            .sum(),
        Content::Form(pairs) => pairs
            .iter()
            .filter_map(|(name, _)| entry_number(name))
            .collect::<BTreeSet<_>>()
            .len(),
        Content::Rest => 0,
    }
}

/// Bytes of the messages of log events.
pub(crate) fn message_bytes(content: &Content) -> usize {
    let Content::Json(body) = content else {
        return 0;
    };
    let events = body.get("logEvents").and_then(Value::as_array);
    events
        .into_iter()
        .flatten()
        .filter_map(|event| event.get("message")?.as_str())
        .map(str::len)
        .sum()
}

/// The action of each item of a transaction, in its order.
pub(crate) fn actions(body: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let items = body.get("TransactItems").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .filter_map(|item| item.iter().next())
        .map(|(kind, action)| (kind.as_str(), action))
}

/// The table an action or a call names, without what may stand around it in an ARN.
pub(crate) fn table_name(action: &Value) -> Option<&str> {
    action.get("TableName")?.as_str().map(table)
}

fn tables(body: &Value) -> BTreeSet<&str> {
    let acted_on = actions(body).filter_map(|(_, action)| table_name(action));
    let batched = batches(body).map(|(name, _)| table(name));
    table_name(body)
        .into_iter()
        .chain(acted_on)
        .chain(batched)
        .collect()
}

fn batches(body: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let asked = body.get("RequestItems").and_then(Value::as_object);
    asked
        .into_iter()
        .flatten()
        .map(|(name, asked)| (name.as_str(), asked))
}

/// A batch write has a list for each table, a batch read an object with the list `Keys`.
fn batch_size(asked: &Value) -> usize {
    let list = asked.get("Keys").unwrap_or(asked);
    list.as_array().map_or(0, Vec::len)
}

fn named(body: &Value, fields: &[&str], shorten: fn(&str) -> &str) -> String {
    fields
        .iter()
        .find_map(|field| body.get(field)?.as_str())
        .map_or_else(String::new, |name| shorten(name).to_owned())
}

fn value_of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|(other, _)| other == name)?;
    Some(&pair.1)
}

/// `arn:aws:dynamodb:region:account:table/NAME/…`
fn table(name: &str) -> &str {
    let after = name.split_once(":table/").map_or(name, |(_, rest)| rest);
    after.split_once('/').map_or(after, |(table, _)| table)
}

/// `arn:aws:states:region:account:kind:NAME:…`, of a machine or one of its executions.
pub(crate) fn machine(name: &str) -> &str {
    name.split(':').nth(6).unwrap_or(name)
}

/// `arn:aws:sns:region:account:NAME:…`
fn topic(name: &str) -> &str {
    name.split(':').nth(5).unwrap_or(name)
}

/// `https://…/account/NAME`
fn queue(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The number in `PublishBatchRequestEntries.member.2.Id`; none outside of batches.
fn entry_number(name: &str) -> Option<u32> {
    let (list, rest) = name.split_once('.')?;
    if !list.contains("BatchRequestEntr") {
        return None;
    }
    rest.split('.').find_map(|part| part.parse().ok())
}
