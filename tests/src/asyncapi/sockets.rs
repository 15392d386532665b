//! Sockets, as `contracts::sockets` says them. `docs/realtime.md` says how a client goes about it.

use contracts::http::DashboardBody;
use contracts::sockets::{MAX_FRAME, SocketMessage, SocketRequest};
use domain::NewestCourses;
use schemars::SchemaGenerator;
use serde_json::{Value, json};
use testkit::must;

use super::{Channel, Message, Operation};

const REQUEST: &str = "SocketRequest";
const MESSAGE: &str = "SocketMessage";

pub(super) fn server() -> Value {
    json!({
        "host": "{api}.execute-api.{region}.amazonaws.com",
        "pathname": "/{stage}",
        "protocol": "wss",
        "description": "The address is in the answer of POST /api/v1/realtime/tickets.",
        "variables": {
            "api": {"description": "Id of the API."},
            "region": {"default": "us-east-1", "description": "Where the stack is."},
            "stage": {"description": "Of the API."},
        },
    })
}

pub(super) fn channel(schemas: &mut SchemaGenerator) -> Channel {
    let ticket = json!({"type": "string", "description": "Good once, for 30 seconds."});
    Channel {
        name: "sockets",
        title: "Sockets",
        address: "/",
        about: format!(
            "Frames of text, of {MAX_FRAME} bytes at most to the shop. Whoever opens a socket is told what comes into \
their own list, and, where they ask, of stock, of groups that they belong to and, to those who run the shop, of its figures. What is lost with a socket is had by resume. docs/realtime.md has the rules."
        ),
        server: "wss",
        parameters: json!({}),
        bindings: json!({"ws": {
            "method": "GET",
            "query": {"type": "object", "required": ["ticket"], "properties": {"ticket": ticket}},
            "bindingVersion": "0.1.0",
        }}),
        operations: vec![
            Operation {
                name: "hearSockets",
                action: "receive",
                summary: "Takes requests; each with an id of its own is answered with it.",
                messages: &[REQUEST],
            },
            Operation {
                name: "tellSockets",
                action: "send",
                summary: "Answers, and tells what is new.",
                messages: &[MESSAGE],
            },
        ],
        messages: vec![
            Message {
                name: REQUEST.to_owned(),
                summary: "What a client asks for.".to_owned(),
                headers: None,
                payload: schemas.subschema_for::<SocketRequest>().into(),
                examples: requests(),
            },
            Message {
                name: MESSAGE.to_owned(),
                summary: "What a client is told.".to_owned(),
                headers: None,
                payload: schemas.subschema_for::<SocketMessage>().into(),
                examples: messages(),
            },
        ],
    }
}

fn requests() -> Vec<Value> {
    vec![
        json!({"action": "subscribe", "to": ["stock:S-TEA"], "id": "1"}),
        json!({"action": "unsubscribe", "to": ["stock:S-TEA"], "id": "2"}),
        json!({"action": "subscribe", "to": ["dashboard"], "id": "1"}),
        json!({"action": "resume", "list": "own", "cursor": "CURSOR", "id": "3"}),
        json!({"action": "ping"}),
    ]
}

fn messages() -> Vec<Value> {
    let notification = json!({
        "number": 7, "id": "order/0198f2f0-0000-7000-8000-000000000001/2", "type": "order-confirmed",
        "title": "Your order is confirmed", "message": "Thank you.", "data": {"order_id": "0198f2f0-0000-7000-8000-000000000001"},
        "timestamp": "2026-07-20T09:30:00Z", "read": false, "deliveries": [],
    });
    let problem = json!({
        "type": "https://cartwright.example/problems/validation", "title": "The body is not valid", "status": 422,
    });
    let mut dashboard = DashboardBody::of(
        &[],
        &NewestCourses::default(),
        must("2026-07-20T09:30:00Z".parse()),
    );
    // Fifty-nine minutes more look like this one.
    dashboard.placed_per_minute.truncate(1);
    vec![
        json!({"type": "subscribed", "id": "1", "to": ["stock:S-TEA"]}),
        json!({"type": "unsubscribed", "id": "2", "to": ["stock:S-TEA"]}),
        json!({"type": "pong", "number": 7}),
        json!({"type": "error", "id": "4", "problem": problem}),
        json!({"type": "notification", "list": "own", "number": 7, "cursor": "CURSOR", "notification": notification}),
        json!({"type": "stock", "sku": "S-TEA", "available": 3, "sequence": 12}),
        json!({"type": "dashboard", "dashboard": dashboard}),
        json!({"type": "resumed", "id": "3", "list": "own", "number": 7, "cursor": "CURSOR", "more": false}),
        json!({"type": "closing", "reason": "signed-out"}),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in the document is what the shop reads and writes.
    #[test]
    fn every_sample_is_read_as_what_it_is_a_sample_of() {
        for sample in requests() {
            let read: SocketRequest = serde_json::from_value(sample.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), sample);
        }
        for sample in messages() {
            let read: SocketMessage = serde_json::from_value(sample.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), sample);
        }
    }
}
