//! The forms of answers that no service gave.

use serde_json::{Value, json};

use super::{Reason, cancelled, internal_error, throttled};
use crate::outcome::Answer;
use crate::subject::{Content, Subject};

fn subject(service: &str, operation: &str, content: Content) -> Subject {
    Subject {
        service: service.to_owned(),
        operation: operation.to_owned(),
        resource: String::new(),
        caller: String::new(),
        content,
    }
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn a_cancelled_transaction_has_a_reason_for_each_item_in_order() {
    let answer = cancelled(&[Some(Reason::Conflict), None]);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(
        body(&answer),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "CancellationReasons": [
                {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
                {"Code": "None"}
            ],
            "Message": "Transaction cancelled, please refer cancellation reasons for specific \
                        reasons [TransactionConflict, None]"
        })
    );
}

#[test]
fn each_service_throttles_in_its_own_words() {
    let none = || Content::Json(json!({}));
    let put = throttled(&subject("dynamodb", "PutItem", none()));
    let kind = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
    assert_eq!(
        (put.status.as_u16(), &body(&put)["__type"]),
        (400, &Value::from(kind))
    );
    let items = Content::Json(json!({"TransactItems": [{"Put": {}}, {"Update": {}}]}));
    let transaction = throttled(&subject("dynamodb", "TransactWriteItems", items));
    let reasons = body(&transaction)["CancellationReasons"].clone();
    assert_eq!(
        (&reasons[0]["Code"], &reasons[1]["Code"]),
        (&json!("ThrottlingError"), &json!("ThrottlingError"))
    );
    let queue = throttled(&subject("sqs", "SendMessage", none()));
    assert_eq!(
        body(&queue)["__type"],
        "com.amazonaws.sqs#ThrottlingException"
    );
    let states = throttled(&subject("states", "StartExecution", none()));
    assert_eq!(body(&states)["__type"], "ThrottlingException");
    let topic = throttled(&subject("sns", "Publish", Content::Form(Vec::new())));
    let text = String::from_utf8(topic.body.to_vec()).unwrap();
    assert!(
        text.contains("<Type>Sender</Type><Code>ThrottlingException</Code>"),
        "{text}"
    );
    let mail = throttled(&subject("ses", "SendEmail", Content::Rest));
    assert_eq!(
        (mail.status.as_u16(), &mail.headers["x-amzn-errortype"]),
        (429, &"TooManyRequestsException".parse().unwrap())
    );
}

#[test]
fn a_broken_service_says_so_in_its_protocol() {
    let json = internal_error(&subject("dynamodb", "PutItem", Content::Json(json!({}))));
    let kind = "com.amazonaws.dynamodb.v20120810#InternalServerError";
    assert_eq!(
        (json.status.as_u16(), &body(&json)["__type"]),
        (500, &Value::from(kind))
    );
    let form = internal_error(&subject("sns", "Publish", Content::Form(Vec::new())));
    let text = String::from_utf8(form.body.to_vec()).unwrap();
    assert!(
        text.contains("<Type>Receiver</Type><Code>InternalServerError</Code>"),
        "{text}"
    );
    let rest = internal_error(&subject("ses", "SendEmail", Content::Rest));
    assert_eq!(rest.headers["x-amzn-errortype"], "InternalServerError");
}
