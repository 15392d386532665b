//! Every protocol's way of saying what is asked of whom.

use axum::body::Bytes;
use http::Request;
use serde_json::json;

use super::Subject;
use crate::work;

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKID/20260801/eu-west-1/SERVICE/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00";

struct Said {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Said {
    fn json(target: &str, body: &serde_json::Value) -> Self {
        Self {
            path: "/",
            headers: vec![("x-amz-target", target.to_owned())],
            body: body.to_string(),
        }
    }

    fn form(service: &str, body: &str) -> Self {
        let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
        let said = Self {
            path: "/",
            headers: vec![("content-type", kind)],
            body: body.to_owned(),
        };
        said.signed_for(service)
    }

    fn rest(path: &'static str) -> Self {
        Self {
            path,
            headers: Vec::new(),
            body: "{}".to_owned(),
        }
    }

    fn signed_for(self, service: &str) -> Self {
        self.with("authorization", SIGNED.replace("SERVICE", service))
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn subject(self) -> Subject {
        let mut request = Request::post(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Subject::of(&parts, &Bytes::from(self.body))
    }

    fn named(self) -> [String; 3] {
        let subject = self.subject();
        [subject.service, subject.operation, subject.resource]
    }

    fn entries(self) -> usize {
        work::entries(&self.subject().content)
    }
}

#[test]
fn a_target_names_service_and_operation_and_the_body_the_resource() {
    let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:t-saga";
    let execution = "arn:aws:states:eu-west-1:000000000000:execution:t-saga:o-1";
    let stream = "arn:aws:dynamodb:eu-west-1:000000000000:table/t-Orders/stream/2026";
    let cases = [
        (
            "DynamoDB_20120810.PutItem",
            json!({"TableName": "t-Orders"}),
            "dynamodb",
            "t-Orders",
        ),
        (
            "DynamoDB_20120810.Query",
            json!({"TableName": "arn:aws:dynamodb:eu-west-1:000000000000:table/t-Orders"}),
            "dynamodb",
            "t-Orders",
        ),
        (
            "DynamoDBStreams_20120810.DescribeStream",
            json!({"StreamArn": stream}),
            "dynamodb-streams",
            "t-Orders",
        ),
        (
            "AWSStepFunctions.StartExecution",
            json!({"stateMachineArn": machine}),
            "states",
            "t-saga",
        ),
        (
            "AWSStepFunctions.StopExecution",
            json!({"executionArn": execution}),
            "states",
            "t-saga",
        ),
        (
            "AmazonSQS.SendMessage",
            json!({"QueueUrl": "http://127.0.0.1:4566/000000000000/t-mail"}),
            "sqs",
            "t-mail",
        ),
        (
            "AmazonSNS.Publish",
            json!({"TopicArn": "arn:aws:sns:eu-west-1:000000000000:t-events"}),
            "sns",
            "t-events",
        ),
        (
            "Logs_20140328.PutLogEvents",
            json!({"logGroupName": "/aws/x"}),
            "logs",
            "/aws/x",
        ),
    ];
    for (target, body, service, resource) in cases {
        let (_, operation) = target.split_once('.').unwrap();
        let named = Said::json(target, &body).named();
        assert_eq!(named, [service, operation, resource]);
    }
}

#[test]
fn tables_of_a_transaction_or_batch_are_named_once_each() {
    let items = json!([
        {"Put": {"TableName": "B"}}, {"Update": {"TableName": "A"}},
        {"ConditionCheck": {"TableName": "B"}}
    ]);
    let transaction = json!({"TransactItems": items});
    let said = || Said::json("DynamoDB_20120810.TransactWriteItems", &transaction);
    assert_eq!(said().named()[2], "A+B");
    assert_eq!(said().entries(), 3);
    let batch = json!({"RequestItems": {"B": {"Keys": [{}, {}]}, "A": {"Keys": [{}]}}});
    let said = || Said::json("DynamoDB_20120810.BatchGetItem", &batch);
    assert_eq!(said().named()[2], "A+B");
    assert_eq!(said().entries(), 3);
    let writes = json!({"RequestItems": {"A": [{"PutRequest": {}}, {"PutRequest": {}}]}});
    assert_eq!(
        Said::json("DynamoDB_20120810.BatchWriteItem", &writes).entries(),
        2
    );
}

#[test]
fn an_unknown_target_leaves_the_service_to_the_signature() {
    let events = || Said::json("AWSEvents.PutEvents", &json!({"Entries": [{}, {}]}));
    assert_eq!(events().signed_for("events").named()[0], "events");
    assert_eq!(events().named()[0], "AWSEvents");
    assert_eq!(events().entries(), 2);
}

#[test]
fn a_form_names_its_action_and_its_batch_is_counted() {
    let body = "Action=PublishBatch&Version=2010-03-31\
                &TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A000000000000%3At-events\
                &PublishBatchRequestEntries.member.1.Id=a\
                &PublishBatchRequestEntries.member.1.Message=x\
                &PublishBatchRequestEntries.member.2.Id=b\
                &PublishBatchRequestEntries.member.2.MessageAttributes.entry.7.Name=n";
    let said = || Said::form("sns", body);
    assert_eq!(said().named(), ["sns", "PublishBatch", "t-events"]);
    assert_eq!(said().entries(), 2);
    let body = "Action=SendMessageBatch&QueueUrl=http%3A%2F%2Fx%2F000000000000%2Ft-mail\
                &SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.2.Id=b";
    let said = || Said::form("sqs", body);
    assert_eq!(said().named(), ["sqs", "SendMessageBatch", "t-mail"]);
    assert_eq!(said().entries(), 2);
    assert_eq!(
        Said::form("sts", "Action=GetCallerIdentity").named()[1],
        "GetCallerIdentity"
    );
}

#[test]
fn without_target_and_action_method_and_path_say_it() {
    let mail = Said::rest("/v2/email/outbound-emails");
    assert_eq!(mail.signed_for("ses").named(), ["ses", "SendEmail", ""]);
    let other = Said::rest("/2015-03-31/functions?x=1").signed_for("lambda");
    assert_eq!(other.named(), ["lambda", "POST /2015-03-31/functions", ""]);
    assert_eq!(Said::rest("/x").named(), ["", "POST /x", ""]);
}

#[test]
fn the_caller_is_the_application_name_of_its_sdk() {
    let agent = "aws-sdk-rust/1.3 ua/2.1 os/linux lang/rust#1.95 app/place-order m/E,b";
    let caller = |said: Said| said.subject().caller;
    assert_eq!(
        caller(Said::rest("/").with("user-agent", agent)),
        "place-order"
    );
    assert_eq!(
        caller(Said::rest("/").with("x-amz-user-agent", agent)),
        "place-order"
    );
    let plain = "aws-sdk-rust/1.3 os/linux";
    let said = Said::rest("/").with("x-amz-user-agent", plain);
    assert_eq!(caller(said.with("user-agent", agent)), "place-order");
    assert_eq!(caller(Said::rest("/").with("user-agent", plain)), "");
}

#[test]
fn log_events_and_their_bytes_are_counted() {
    let events = json!([{"message": "four"}, {"message": "é"}]);
    let body = json!({"logGroupName": "g", "logEvents": events});
    let content = Said::json("Logs_20140328.PutLogEvents", &body)
        .subject()
        .content;
    assert_eq!(
        (work::entries(&content), work::message_bytes(&content)),
        (2, 6)
    );
}
