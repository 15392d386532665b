//! The few calls to services for which the workspace has no client: Lambda, SQS, SNS, IAM,
//! CloudFormation.
//!
//! The emulator knows its root user by the key id and does not check that user's signature.

use std::time::Duration;

use contracts::events::Envelope;
use serde_json::{Value, json};
use testkit::{must, must_have};

use super::stack::Stack;
use super::wait::until;

/// How long logs may take to be read.
const READ: Duration = Duration::from_secs(10);
/// How long a small stack may take to stand.
const DEPLOYED: Duration = Duration::from_secs(60);

/// What a function answered that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType`: one of `contracts::ErrorName`.
    pub name: String,
    /// `errorMessage`.
    pub message: String,
}

/// A received message.
#[derive(Clone, Debug)]
pub struct Message {
    /// To delete it.
    pub handle: String,
    /// The event.
    pub event: Envelope,
}

fn request(stack: &Stack, service: &str, path: &str) -> reqwest::RequestBuilder {
    request_of(stack, reqwest::Method::POST, service, path)
}

fn request_of(
    stack: &Stack,
    method: reqwest::Method,
    service: &str,
    path: &str,
) -> reqwest::RequestBuilder {
    let url = format!("{}{path}", stack.get("AWS_ENDPOINT_URL"));
    let credential = format!("test/20200101/us-east-1/{service}/aws4_request");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
    let request = stack.http.request(method, url);
    request.header("authorization", authorization)
}

async fn body_of(sent: reqwest::RequestBuilder, what: &str) -> String {
    let answer = must(sent.send().await);
    let status = answer.status();
    let body = must(answer.text().await);
    assert!(status.is_success(), "{what}: {status} {body}");
    body
}

/// Runs a function with this event and waits for its answer.
///
/// # Errors
/// What the function failed with.
pub async fn invoke(stack: &Stack, folder: &str, event: &Value) -> Result<Value, FunctionError> {
    let name = stack.function(folder);
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let sent = request(stack, "lambda", &path).json(event).send().await;
    let answer = must(sent);
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = must(answer.text().await);
    assert!(status.is_success(), "invoke {name}: {status} {body}");
    let value: Value = must(serde_json::from_str(&body));
    if !headers.contains_key("x-amz-function-error") {
        return Ok(value);
    }
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    Err(FunctionError {
        name: text("errorType"),
        message: text("errorMessage"),
    })
}

/// A call of a service that speaks JSON.
pub async fn json_call(stack: &Stack, service: &str, target: &str, input: &Value) -> Value {
    let sent = request(stack, service, "/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .body(input.to_string());
    let body = body_of(sent, target).await;
    serde_json::from_str(&body).unwrap_or_default()
}

/// Asks the logs. The emulator fails now and then while a function begins a group of its own.
async fn read_logs(stack: &Stack, operation: &str, input: &Value) -> Value {
    let asked = async || {
        let sent = request(stack, "logs", "/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Logs_20140328.{operation}"))
            .body(input.to_string());
        let answer = must(sent.send().await);
        let read = answer.status().is_success();
        let body = must(answer.text().await);
        read.then(|| serde_json::from_str(&body).unwrap_or_default())
    };
    until("the logs are read", READ, asked).await
}

/// What was written to a log group since then (milliseconds since 1970): of a function also the
/// emulator's own lines about its invocations.
pub async fn log_lines(stack: &Stack, group: &str, since_ms: i64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut input = json!({"logGroupName": group, "startTime": since_ms});
        if next.is_string() {
            input["nextToken"] = next;
        }
        let page = read_logs(stack, "FilterLogEvents", &input).await;
        let events = page["events"].as_array().cloned().unwrap_or_default();
        let text = |event: &Value| event["message"].as_str().map(|text| text.trim().to_owned());
        lines.extend(events.iter().filter_map(text));
        next = page["nextToken"].clone();
        if next.is_null() {
            return lines;
        }
    }
}

/// The log groups of all functions that were ever invoked.
pub async fn log_groups(stack: &Stack) -> Vec<String> {
    let prefix = format!("/aws/lambda/{}-", stack.get("CARTWRIGHT_STACK"));
    let input = json!({"logGroupNamePrefix": prefix});
    let found = read_logs(stack, "DescribeLogGroups", &input).await;
    let groups = found["logGroups"].as_array().cloned().unwrap_or_default();
    let name = |group: &Value| group["logGroupName"].as_str().map(str::to_owned);
    groups.iter().filter_map(name).collect()
}

async fn sqs(stack: &Stack, action: &str, input: &Value) -> Value {
    json_call(stack, "sqs", &format!("AmazonSQS.{action}"), input).await
}

/// Makes a FIFO queue that the topic may fill, and answers its URL and ARN.
pub async fn make_queue(stack: &Stack, name: &str) -> (String, String) {
    let input = json!({"QueueName": name, "Attributes": {"FifoQueue": "true"}});
    let made = sqs(stack, "CreateQueue", &input).await;
    let url = must_have(made["QueueUrl"].as_str()).to_owned();
    let input = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let known = sqs(stack, "GetQueueAttributes", &input).await;
    let arn = must_have(known["Attributes"]["QueueArn"].as_str()).to_owned();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }]});
    let attributes = json!({"Policy": policy.to_string()});
    let input = json!({"QueueUrl": url, "Attributes": attributes});
    sqs(stack, "SetQueueAttributes", &input).await;
    (url, arn)
}

/// Sets for how long a message of a queue is hidden once it was received, in seconds.
pub async fn hide_for(stack: &Stack, queue: &str, seconds: u32) {
    let attributes = json!({"VisibilityTimeout": seconds.to_string()});
    let input = json!({"QueueUrl": queue, "Attributes": attributes});
    sqs(stack, "SetQueueAttributes", &input).await;
}

/// Has a function read its queue, or not.
///
/// # Panics
/// When it reads none.
pub async fn set_consumer(stack: &Stack, folder: &str, on: bool) {
    let path = "/2015-03-31/event-source-mappings/";
    let named = format!("{path}?FunctionName={}", stack.function(folder));
    let listed = request_of(stack, reqwest::Method::GET, "lambda", &named);
    let listed: Value = must(serde_json::from_str(&body_of(listed, "mappings").await));
    let mappings = must_have(listed["EventSourceMappings"].as_array());
    assert!(!mappings.is_empty(), "{folder} reads no queue");
    for mapping in mappings {
        let one = format!("{path}{}", must_have(mapping["UUID"].as_str()));
        let change = request_of(stack, reqwest::Method::PUT, "lambda", &one);
        body_of(change.json(&json!({"Enabled": on})), "mapping").await;
    }
}

/// Puts an event into a queue, as the topic does.
pub async fn send(stack: &Stack, queue: &str, event: &Envelope, dedupe: &str) {
    let input = json!({
        "QueueUrl": queue,
        "MessageBody": must(serde_json::to_string(event)),
        "MessageGroupId": event.group(),
        "MessageDeduplicationId": dedupe,
    });
    sqs(stack, "SendMessage", &input).await;
}

/// Puts a text into a queue that keeps no order.
pub async fn send_text(stack: &Stack, queue: &str, text: &str) {
    let input = json!({"QueueUrl": queue, "MessageBody": text});
    sqs(stack, "SendMessage", &input).await;
}

/// Up to ten events of a queue.
pub async fn receive(stack: &Stack, queue: &str) -> Vec<Message> {
    let input = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
    let received = sqs(stack, "ReceiveMessage", &input).await;
    let messages = received["Messages"].as_array().cloned().unwrap_or_default();
    let message = |message: &Value| Message {
        handle: must_have(message["ReceiptHandle"].as_str()).to_owned(),
        event: must(Envelope::parse(must_have(message["Body"].as_str()))),
    };
    messages.iter().map(message).collect()
}

/// What lies in the queues of messages that nobody could take in. It stays there.
pub async fn dead_letters(stack: &Stack) -> Vec<String> {
    let listed = sqs(stack, "ListQueues", &json!({})).await;
    let queues = listed["QueueUrls"].as_array().cloned().unwrap_or_default();
    let is_last = |queue: &&Value| {
        let url = queue.as_str().unwrap_or_default();
        url.contains("DeadLetters") || url.contains("Failures")
    };
    let last: Vec<_> = queues.iter().filter(is_last).collect();
    assert!(!last.is_empty(), "no queue of dead letters: {queues:?}");
    let mut bodies = Vec::new();
    for queue in last {
        let input = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0});
        let received = sqs(stack, "ReceiveMessage", &input).await;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        let body = |message: &Value| message["Body"].as_str().map(str::to_owned);
        bodies.extend(messages.iter().filter_map(body));
    }
    bodies
}

/// Deletes what was received.
pub async fn delete(stack: &Stack, queue: &str, messages: &[Message]) {
    let entry = |(number, message): (usize, &Message)| json!({"Id": number.to_string(), "ReceiptHandle": message.handle});
    let entries: Vec<Value> = messages.iter().enumerate().map(entry).collect();
    let input = json!({"QueueUrl": queue, "Entries": entries});
    sqs(stack, "DeleteMessageBatch", &input).await;
}

async fn query(stack: &Stack, service: &str, action: &str, input: &[(&str, &str)]) -> String {
    let mut form = vec![("Action", action)];
    form.extend(input);
    body_of(request(stack, service, "/").form(&form), action).await
}

/// Has a queue receive everything that the topic gets, in the order of publication.
pub async fn subscribe(stack: &Stack, queue_arn: &str) {
    let input = [
        ("TopicArn", stack.get("EVENTS_TOPIC_ARN")),
        ("Protocol", "sqs"),
        ("Endpoint", queue_arn),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", "true"),
    ];
    query(stack, "sns", "Subscribe", &input).await;
}

/// The texts between `<tag>` and `</tag>`.
fn texts(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let parts = xml.split(&open).skip(1);
    let text = |part: &str| part.split(&close).next().unwrap_or_default().to_owned();
    parts.map(text).collect()
}

/// Name of the role that a function runs as.
pub async fn role_of(stack: &Stack, folder: &str) -> String {
    let name = stack.function(folder);
    let url = stack.get("AWS_ENDPOINT_URL");
    let url = format!("{url}/2015-03-31/functions/{name}/configuration");
    let credential = "test/20200101/us-east-1/lambda/aws4_request";
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
    let sent = stack.http.get(url).header("authorization", authorization);
    let known: Value = must(serde_json::from_str(&body_of(sent, &name).await));
    let role = must_have(known["Role"].as_str());
    must_have(role.rsplit('/').next()).to_owned()
}

/// Name and document of a role's only inline policy.
pub async fn policy_of(stack: &Stack, role: &str) -> (String, Value) {
    let listed = query(stack, "iam", "ListRolePolicies", &[("RoleName", role)]).await;
    let names = texts(&listed, "member");
    assert_eq!(names.len(), 1, "policies of {role}: {names:?}");
    let name = must_have(names.into_iter().next());
    let input = [("RoleName", role), ("PolicyName", name.as_str())];
    let policy = query(stack, "iam", "GetRolePolicy", &input).await;
    let document = must_have(texts(&policy, "PolicyDocument").into_iter().next());
    (
        name,
        must(serde_json::from_str(&percent_decoded(&document))),
    )
}

/// Replaces a role's inline policy.
pub async fn put_policy(stack: &Stack, role: &str, name: &str, document: &Value) {
    let document = document.to_string();
    let input = [
        ("RoleName", role),
        ("PolicyName", name),
        ("PolicyDocument", document.as_str()),
    ];
    query(stack, "iam", "PutRolePolicy", &input).await;
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(must(u8::from_str_radix(code, 16)));
        bytes.extend_from_slice(rest.as_bytes());
    }
    must(String::from_utf8(bytes))
}

/// The event of a queue with these events in it.
pub fn queue_event(events: &[Envelope]) -> Value {
    let record = |event: &Envelope| {
        json!({
            "messageId": event.id,
            "receiptHandle": event.id,
            "body": must(serde_json::to_string(event)),
            "attributes": {"MessageGroupId": event.group()},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:notify.fifo",
            "awsRegion": "us-east-1",
        })
    };
    json!({"Records": events.iter().map(record).collect::<Vec<_>>()})
}

/// The same of a queue that keeps no order, with these texts.
pub fn queue_event_of(texts: &[String]) -> Value {
    let record = |(number, text): (usize, &String)| {
        json!({
            "messageId": format!("message-{number}"),
            "receiptHandle": number.to_string(),
            "body": text,
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        })
    };
    let records: Vec<_> = texts.iter().enumerate().map(record).collect();
    json!({ "Records": records })
}

/// Makes a stack of its own from a template, and waits until it stands.
pub async fn make_stack(stack: &Stack, name: &str, template: &str, parameters: &[(&str, &str)]) {
    let named = |(at, (key, value)): (usize, &(&str, &str))| {
        let place = format!("Parameters.member.{}", at + 1);
        let key = (format!("{place}.ParameterKey"), (*key).to_owned());
        [
            key,
            (format!("{place}.ParameterValue"), (*value).to_owned()),
        ]
    };
    let parameters: Vec<_> = parameters.iter().enumerate().flat_map(named).collect();
    let mut input = vec![("StackName", name), ("TemplateBody", template)];
    input.extend(parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    query(stack, "cloudformation", "CreateStack", &input).await;
    let stands = || async {
        let input = [("StackName", name)];
        let told = query(stack, "cloudformation", "DescribeStacks", &input).await;
        let status = texts(&told, "StackStatus").pop().unwrap_or_default();
        assert!(!status.contains("ROLLBACK"), "{told}");
        (status == "CREATE_COMPLETE").then_some(())
    };
    until("the stack stands", DEPLOYED, stands).await;
}

/// The id of a resource of a stack.
pub async fn resource_id(stack: &Stack, name: &str, resource: &str) -> String {
    let input = [("StackName", name), ("LogicalResourceId", resource)];
    let told = query(stack, "cloudformation", "DescribeStackResource", &input).await;
    must_have(texts(&told, "PhysicalResourceId").pop())
}

/// Removes such a stack.
pub async fn remove_stack(stack: &Stack, name: &str) {
    query(
        stack,
        "cloudformation",
        "DeleteStack",
        &[("StackName", name)],
    )
    .await;
}
