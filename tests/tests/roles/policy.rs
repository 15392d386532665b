//! Policies with one permission taken out.

use serde_json::{Value, json};
use tests::emulator::aws::{policy_of, put_policy, role_of};
use tests::emulator::stack::Stack;

/// What the emulator does not ask the role for, and why. On AWS these are needed.
const NOT_ENFORCED: [(&str, &str); 9] = [
    ("logs:CreateLogStream", "the emulator writes the log itself"),
    ("logs:PutLogEvents", "the emulator writes the log itself"),
    (
        "dynamodb:DescribeStream",
        "the emulator reads streams itself",
    ),
    ("dynamodb:GetRecords", "the emulator reads streams itself"),
    (
        "dynamodb:GetShardIterator",
        "the emulator reads streams itself",
    ),
    ("dynamodb:ListStreams", "the emulator reads streams itself"),
    ("sqs:ReceiveMessage", "the emulator reads queues itself"),
    (
        "sqs:DeleteMessage",
        "the emulator deletes what was worked on itself",
    ),
    ("sqs:GetQueueAttributes", "the emulator reads queues itself"),
];
/// What a function needs too seldom for its job to show it: action, part of the statement, and why.
const NOT_IN_THE_JOB: [(&str, &str, &str); 5] = [
    (
        "dynamodb:PutItem",
        "BREAKER#",
        "a breaker is written only when a third party is in trouble, and does without the table",
    ),
    (
        "dynamodb:GetItem",
        "OperationsTable",
        "a limit is read only when little of it is left",
    ),
    (
        "execute-api:ManageConnections",
        "/DELETE/",
        "a socket is closed when a session ends: shown by `emulator/sockets`",
    ),
    (
        "sqs:SendMessage",
        "-run-jobs",
        "a job that nobody was woken for is found within a minute",
    ),
    (
        "sqs:SendMessage",
        "Failures",
        "failure targets of sources are filled by the emulator itself",
    ),
];
/// One action on one resource.
#[derive(Clone, Debug)]
struct Permission {
    action: String,
    resource: String,
    statement: Value,
}

fn one_or_many(value: &Value) -> Vec<String> {
    let texts = value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()]);
    let text = |it: &Value| it.as_str().map(str::to_owned);
    texts.iter().filter_map(text).collect()
}

/// The policy as single permissions.
fn permissions(document: &Value) -> Vec<Permission> {
    let statements = document["Statement"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut single = Vec::new();
    for statement in statements {
        for action in one_or_many(&statement["Action"]) {
            for resource in one_or_many(&statement["Resource"]) {
                let mut alone = statement.clone();
                alone["Action"] = json!(action);
                alone["Resource"] = json!(resource);
                let action = action.clone();
                single.push(Permission {
                    action,
                    resource,
                    statement: alone,
                });
            }
        }
    }
    single
}

fn document_of<'a>(permissions: impl Iterator<Item = &'a Permission>) -> Value {
    let statements: Vec<&Value> = permissions.map(|it| &it.statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn reason_not_tried(permission: &Permission) -> Option<&'static str> {
    let Permission {
        action, statement, ..
    } = permission;
    let statement = statement.to_string();
    let not_enforced = NOT_ENFORCED.iter().find(|(name, _)| name == action);
    let mut seldom = NOT_IN_THE_JOB.iter();
    let seldom = seldom.find(|(name, part, _)| name == action && statement.contains(part));
    not_enforced
        .map(|(_, reason)| *reason)
        .or(seldom.map(|(_, _, reason)| *reason))
}

/// Tries of a job with its whole role: what meets the write of somebody else is taken in when it comes again.
const TRIES: u32 = 3;

async fn done(job: &impl AsyncFn() -> Result<(), String>) -> Result<(), String> {
    for _ in 1..TRIES {
        match job().await {
            Ok(()) => return Ok(()),
            Err(failed) => println!("once more, after {failed}"),
        }
    }
    job().await
}

/// Takes one permission after the other out of the role of a function, and counts on the job to
/// fail each time.
///
/// # Panics
/// With what is not needed; or when the job fails with everything in place.
pub(crate) async fn each_is_needed(
    stack: &Stack,
    function: &str,
    job: impl AsyncFn() -> Result<(), String>,
) {
    let role = role_of(stack, function).await;
    let (name, document) = policy_of(stack, &role).await;
    assert_eq!(done(&job).await, Ok(()), "{function} with its whole role");
    let all = permissions(&document);
    let mut not_needed = Vec::new();
    for (place, permission) in all.iter().enumerate() {
        let what = format!("{} on {}", permission.action, permission.resource);
        if let Some(reason) = reason_not_tried(permission) {
            println!("{function}: {what} not tried: {reason}");
            continue;
        }
        let others = all.iter().enumerate().filter(|(other, _)| *other != place);
        put_policy(stack, &role, &name, &document_of(others.map(|(_, it)| it))).await;
        let outcome = job().await;
        put_policy(stack, &role, &name, &document).await;
        match outcome {
            Err(failed) => println!("{function} without {what}: {failed}"),
            Ok(()) => not_needed.push(what),
        }
    }
    assert_eq!(
        done(&job).await,
        Ok(()),
        "{function} with its whole role again"
    );
    assert!(
        not_needed.is_empty(),
        "{function} does its job without {not_needed:?}"
    );
}

/// Takes one action away for as long as the work lasts.
pub(crate) async fn without<T>(
    stack: &Stack,
    function: &str,
    action: &str,
    work: impl AsyncFnOnce() -> T,
) -> T {
    let role = role_of(stack, function).await;
    let (name, document) = policy_of(stack, &role).await;
    let all = permissions(&document);
    let others = all.iter().filter(|it| it.action != action);
    put_policy(stack, &role, &name, &document_of(others)).await;
    let done = work().await;
    put_policy(stack, &role, &name, &document).await;
    done
}
