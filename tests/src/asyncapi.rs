//! The AsyncAPI document (`docs/asyncapi.json`): what goes over the wire beside HTTP. Events and their
//! schemas are those of `contracts`, commands are drawn from their types with the bounds of HTTP.
//!
//! A channel more is an entry of `channels`.

mod sockets;

use std::fs;
use std::path::Path;

use contracts::commands::{
    COMMAND_TYPES, MAX_COMMAND_BYTES, MAX_COMMAND_ID, PLACE_ORDER, PlaceOrderFor, TellParcel,
};
use contracts::events::EventType;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use testkit::must;

use crate::openapi::{ID, bodies, generator};

const ABOUT: &str = "What Cartwright tells other services, and what they may ask of it, by queue: CloudEvents 1.0 in JSON, at least once. \
docs/guides/join-by-queue.md says how to join, docs/events.md when each event is raised. And what is said over sockets.";

/// One address, and what goes over it.
struct Channel {
    name: &'static str,
    title: &'static str,
    address: &'static str,
    about: String,
    server: &'static str,
    /// What stands for something in the address.
    parameters: Value,
    /// What the protocol wants to know besides.
    bindings: Value,
    operations: Vec<Operation>,
    messages: Vec<Message>,
}

/// What the shop does there.
struct Operation {
    name: &'static str,
    /// `send` or `receive`.
    action: &'static str,
    summary: &'static str,
    /// Which messages of the channel; all where none are named.
    messages: &'static [&'static str],
}

/// One kind of message.
struct Message {
    name: String,
    summary: String,
    /// What stands beside the body.
    headers: Option<Value>,
    payload: Value,
    examples: Vec<Value>,
}

fn channels(schemas: &mut SchemaGenerator) -> Vec<Channel> {
    vec![events(), commands(schemas), sockets::channel(schemas)]
}

fn events() -> Channel {
    Channel {
        name: "events",
        title: "Events",
        address: "{stack}-events.fifo",
        about: "An SNS FIFO topic; a queue of your own is subscribed to it with raw delivery (infra/subscribe.yaml). The \
message group is kind and subject: events of one aggregate come in the order of their sequence."
            .to_owned(),
        server: "sns",
        parameters: stack(),
        bindings: json!({}),
        operations: vec![Operation {
            name: "tellWhatHappened",
            action: "send",
            summary: "Tells what happened, at least once and in order per aggregate.",
            messages: &[],
        }],
        messages: EventType::ALL.iter().copied().map(event).collect(),
    }
}

fn stack() -> Value {
    json!({"stack": {"default": "cartwright", "description": "Name of the stack."}})
}

fn event(event_type: EventType) -> Message {
    let name = event_type.as_str();
    let kind = event_type.kind().name();
    let mut payload = read(&format!("schemas/{name}.json"));
    if let Some(schema) = payload.as_object_mut() {
        schema.remove("$schema");
    }
    Message {
        name: name.to_owned(),
        summary: format!("An event of the kind {kind}."),
        headers: Some(json!({
            "type": "object",
            "required": ["aggregate", "type"],
            "properties": {
                "aggregate": {"const": kind, "description": "What filter policies go by."},
                "type": {"const": name},
            },
        })),
        payload,
        examples: vec![read(&format!("fixtures/events/{name}.json"))],
    }
}

fn commands(schemas: &mut SchemaGenerator) -> Channel {
    let types = COMMAND_TYPES.iter();
    Channel {
        name: "commands",
        title: "Commands",
        address: "{stack}-take-commands",
        about: format!(
            "An SQS queue for those whom its policy lets in, of {MAX_COMMAND_BYTES} bytes a message at most. The same \
command again changes nothing; another one under the same source and id is refused. What is refused lies in dead letters with its reason."
        ),
        server: "sqs",
        parameters: stack(),
        bindings: json!({}),
        operations: vec![Operation {
            name: "takeCommands",
            action: "receive",
            summary: "Does what other services ask for, once for each source and id.",
            messages: &[],
        }],
        messages: types.map(|name| command(name, schemas)).collect(),
    }
}

fn command(name: &'static str, schemas: &mut SchemaGenerator) -> Message {
    let (summary, data) = if name == PLACE_ORDER {
        (
            "Places an order for a customer.",
            schemas.subschema_for::<PlaceOrderFor>(),
        )
    } else {
        ("Tells of a parcel.", schemas.subschema_for::<TellParcel>())
    };
    let id = json!({
        "type": "string", "pattern": "^[\\x21-\\x7e]+$", "minLength": 1, "maxLength": MAX_COMMAND_ID,
        "description": "Yours: the same for a repeat, another one for another command.",
    });
    let payload = json!({
        "title": name,
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": id,
            "source": {"type": "string", "pattern": ID, "maxLength": 64, "description": "Your service."},
            "type": {"const": name},
            "tenant": {"type": "string", "description": "Whose shop; where it is said, it must be the one that is asked."},
            "traceparent": {"type": "string"},
            "data": data,
        },
    });
    Message {
        name: name.to_owned(),
        summary: summary.to_owned(),
        headers: None,
        payload,
        examples: vec![read(&format!("fixtures/commands/{name}.json"))],
    }
}

/// A file of `contracts`.
fn read(path: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contracts");
    must(serde_json::from_str(&must(fs::read_to_string(
        folder.join(path),
    ))))
}

/// The whole document.
pub fn document() -> Value {
    let mut schemas = generator();
    let (mut told, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    for channel in channels(&mut schemas) {
        for operation in &channel.operations {
            operations.insert(operation.name.to_owned(), channel.does(operation));
        }
        told.insert(channel.name.to_owned(), channel.described());
        for message in channel.messages {
            messages.insert(message.name.clone(), message.described());
        }
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Cartwright",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"sns": server("sns"), "sqs": server("sqs"), "wss": sockets::server()},
        "channels": told,
        "operations": operations,
        "components": {"messages": messages, "schemas": bodies(schemas)},
    })
}

fn server(service: &str) -> Value {
    let region = json!({"default": "us-east-1", "description": "Where the stack is."});
    json!({
        "host": format!("{service}.{{region}}.amazonaws.com"),
        "protocol": service,
        "description": "Requests are signed by IAM (SigV4).",
        "variables": {"region": region},
    })
}

fn reference(place: &str, name: &str) -> Value {
    json!({"$ref": format!("#/{place}/{name}")})
}

impl Channel {
    fn described(&self) -> Value {
        let names = self.messages.iter().map(|message| message.name.as_str());
        let messages = names.map(|name| (name.to_owned(), reference("components/messages", name)));
        json!({
            "title": self.title,
            "address": self.address,
            "description": self.about,
            "servers": [reference("servers", self.server)],
            "parameters": self.parameters,
            "bindings": self.bindings,
            "messages": messages.collect::<Map<_, _>>(),
        })
    }

    fn does(&self, operation: &Operation) -> Value {
        let mut does = json!({
            "action": operation.action,
            "summary": operation.summary,
            "channel": reference("channels", self.name),
        });
        if !operation.messages.is_empty() {
            let place = format!("channels/{}/messages", self.name);
            let messages = operation.messages.iter();
            does["messages"] = messages.map(|name| reference(&place, name)).collect();
        }
        does
    }
}

impl Message {
    fn described(self) -> Value {
        let examples = self.examples.into_iter();
        let examples: Vec<_> = examples
            .map(|payload| json!({"payload": payload}))
            .collect();
        let mut told = json!({
            "name": self.name,
            "summary": self.summary,
            "payload": self.payload,
            "examples": examples,
        });
        if let Some(headers) = self.headers {
            told["headers"] = headers;
        }
        told
    }
}
