//! What one route takes and answers.

use std::collections::BTreeMap;

use http_edge::Policy;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};
use testkit::must;

use crate::front_door::Door;

/// Makes the schema of a type, or the reference to it.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// What a parameter means, its JSON Schema, and whether it must be there.
type About = (&'static str, Value, bool);

/// A body, by its type and an example of it.
#[derive(Clone, Debug)]
pub struct Content {
    /// Such as `application/json`.
    pub media_type: &'static str,
    /// Its type.
    pub(super) shape: Shape,
    /// An example.
    pub example: Value,
}

impl Content {
    fn of<T: JsonSchema + Serialize>(example: &T) -> Self {
        Self {
            media_type: "application/json",
            shape: |schemas| schemas.subschema_for::<T>(),
            example: must(serde_json::to_value(example)),
        }
    }
}

/// An answer that is no refusal.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it means.
    pub means: &'static str,
    /// Its body, where it has one.
    pub content: Option<Content>,
}

/// Something of a request beside its path and its body.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `query` or `header`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub means: &'static str,
    /// Its JSON Schema.
    pub schema: Value,
    /// Whether a request without it is refused.
    pub required: bool,
}

/// The declaration of a route. What follows from who may use it and from its path is not declared.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Such as `GET /api/v1/orders/{id}`.
    pub route: &'static str,
    /// Its name in clients.
    pub id: &'static str,
    /// What it does, in a line.
    pub does: &'static str,
    /// Query and headers.
    pub parameters: Vec<Parameter>,
    /// What it takes.
    pub body: Option<Content>,
    /// What it answers where it does not refuse, by status.
    pub answers: BTreeMap<u16, Answer>,
    /// Headers of these answers, beside those that all have.
    pub headers: Vec<&'static str>,
    /// Types of problems that it answers, by status.
    pub refusals: BTreeMap<u16, Vec<&'static str>>,
    /// Whether keys are refused, whatever the policy says.
    pub in_person: bool,
    /// Whether whoever sends it signs it, and is not counted.
    pub is_webhook: bool,
}

/// A route and what it does.
pub(super) fn at(route: &'static str, id: &'static str, does: &'static str) -> Operation {
    Operation {
        route,
        id,
        does,
        parameters: Vec::new(),
        body: None,
        answers: BTreeMap::new(),
        headers: Vec::new(),
        refusals: BTreeMap::new(),
        in_person: false,
        is_webhook: false,
    }
}

impl Operation {
    /// It takes a body like this one, and checks what is in it.
    pub fn takes<T: JsonSchema + Serialize>(mut self, example: &T) -> Self {
        self.body = Some(Content::of(example));
        self.refuses(400, &["malformed-json", "unexpected-body"])
            .refuses(413, &["body-too-large"])
            .refuses(415, &["unsupported-media-type"])
            .refuses(422, &["invalid-body"])
    }

    /// It is sent by a third party, which signs the body in this header.
    pub fn signed(mut self, header: &'static str, example: Value) -> Self {
        self.is_webhook = true;
        self.body = Some(Content {
            media_type: "application/json",
            shape: |_| schemars::json_schema!({"type": "object"}),
            example,
        });
        let means = "`t=SECONDS,v1=HMAC`: HMAC-SHA-256 of the time, a full stop and the raw body";
        let signature = json!({"type": "string"});
        self.parameter("header", header, (means, signature, true))
            .refuses(400, &["bad-input", "signature-expired"])
            .refuses(401, &["signature-refused"])
            .refuses(413, &["body-too-large"])
    }

    /// It answers with a body like this one.
    pub fn answers<T: JsonSchema + Serialize>(
        mut self,
        status: u16,
        means: &'static str,
        example: &T,
    ) -> Self {
        let content = Some(Content::of(example));
        self.answers.insert(status, Answer { means, content });
        self
    }

    /// It answers with text of this type.
    pub fn answers_text(
        mut self,
        status: u16,
        means: &'static str,
        (media_type, example): (&'static str, &str),
    ) -> Self {
        let content = Some(Content {
            media_type,
            shape: |_| schemars::json_schema!({"type": "string"}),
            example: example.into(),
        });
        self.answers.insert(status, Answer { means, content });
        self
    }

    /// It answers without a body.
    pub fn answers_nothing(mut self, status: u16, means: &'static str) -> Self {
        let content = None;
        self.answers.insert(status, Answer { means, content });
        self
    }

    /// Its answers have these headers too.
    pub fn with(mut self, headers: &[&'static str]) -> Self {
        self.headers.extend(headers);
        self
    }

    /// It refuses with these types of problems.
    pub fn refuses(mut self, status: u16, slugs: &[&'static str]) -> Self {
        let known = self.refusals.entry(status).or_default();
        for slug in slugs {
            if !known.contains(slug) {
                known.push(slug);
            }
        }
        self
    }

    fn parameter(mut self, place: &'static str, name: &'static str, about: About) -> Self {
        let (means, schema, required) = about;
        self.parameters.push(Parameter {
            place,
            name,
            means,
            schema,
            required,
        });
        self
    }

    /// It can be narrowed down by this part of the query.
    pub fn asks(self, name: &'static str, means: &'static str, schema: Value) -> Self {
        self.parameter("query", name, (means, schema, false))
            .refuses(400, &["bad-request"])
    }

    /// It says what it is about by this part of the query.
    pub fn needs(self, name: &'static str, means: &'static str, schema: Value) -> Self {
        self.parameter("query", name, (means, schema, true))
            .refuses(400, &["bad-request"])
    }

    /// It is a list that is read page by page.
    pub fn pages(self) -> Self {
        let limit =
            json!({"type": "integer", "minimum": 1, "maximum": http_edge::MAX_PAGE, "default": 20});
        self.asks("limit", "how many of them a page has at most", limit)
            .asks(
                "cursor",
                "`next_cursor` of the page before, with the same filters",
                json!({"type": "string", "minLength": 1, "maxLength": 2_048}),
            )
    }

    /// It is done once per `Idempotency-Key`, which must be there.
    pub fn once(self) -> Self {
        self.keyed(
            "the same key and body again is answered as the first time",
            true,
        )
    }

    /// It is done once per `Idempotency-Key` where there is one, and waits for no other that is at
    /// work.
    pub fn once_if_asked(self) -> Self {
        let means = "with a key, the same key and body again is answered as the first time, for a week; without one it is done again";
        self.keyed(means, false)
            .refuses(409, &["idempotency-key-in-use"])
    }

    fn keyed(self, means: &'static str, required: bool) -> Self {
        let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$", "example": "my-first-order"});
        self.parameter("header", "Idempotency-Key", (means, key, required))
            .with(&["Idempotency-Replayed"])
            .refuses(400, &["idempotency-key"])
            .refuses(422, &["idempotency-key-reused"])
    }

    /// It changes what was seen, and says which version that was.
    pub fn if_match(self) -> Self {
        let tag = json!({"type": "string", "pattern": "^\"[0-9]{1,19}\"$", "example": "\"1\""});
        let means = "the `ETag` of what was read";
        self.parameter("header", "If-Match", (means, tag, true))
            .refuses(400, &["bad-request"])
            .refuses(412, &["precondition-failed"])
            .refuses(428, &["precondition-required"])
    }

    /// With what follows from its route: who may use it, what varies in its path, and what happens
    /// to everybody.
    pub(super) fn behind(mut self, door: &Door) -> Self {
        let policy = door.route.policy;
        if !self.is_webhook {
            self = self.refuses(429, &["too-many-requests"]);
        }
        if policy != Policy::Anybody {
            self = self.refuses(401, &["unauthorised"]);
        }
        self.in_person = matches!(policy, Policy::InPerson(_) | Policy::OwnerInPerson(_));
        if self.in_person || matches!(policy, Policy::Only(_)) {
            self = self.refuses(403, &["forbidden"]);
        }
        if door.route.path.contains('{') {
            self = self.refuses(400, &["bad-request"]);
            self = self.refuses(404, &["not-found"]);
        }
        self.refuses(500, &["internal"])
            .refuses(503, &["unavailable"])
    }
}
