//! Puts the document together.

use std::collections::BTreeMap;

use http_edge::Policy;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use testkit::must_have;

use super::operation::{Answer, Content, Operation, Parameter};
use super::{bounds, operations, schemas};
use crate::front_door::{Door, doors};

const ABOUT: &str = "An order backend. Money is integer minor units and a currency, times are RFC 3339 in UTC. \
Refusals are problem JSON (RFC 9457): match on `type`. What is not yours is answered as what is not there. \
Any route may answer 429, 500 and 503. docs/api.md has the conventions, docs/errors.md the types of problems.";

/// The whole document. Routes are in the order of their declarations.
pub fn document() -> Value {
    let mut schemas = schemas::generator();
    let doors = doors();
    let (mut paths, mut refusals) = (Map::new(), BTreeMap::new());
    for operation in operations() {
        let door = doors.iter().find(|door| door.name() == operation.route);
        let door = must_have(door);
        let operation = operation.behind(door);
        for (status, slugs) in &operation.refusals {
            let name = name_of(*status, slugs);
            refusals
                .entry(name)
                .or_insert_with(|| refused(*status, slugs));
        }
        let told = described(operation, door, &mut schemas);
        let methods = paths.entry(door.route.path).or_insert_with(|| json!({}));
        methods[door.route.method.as_str().to_ascii_lowercase()] = told;
    }
    let mut bodies = schemas::finished(schemas);
    bodies.insert("Problem".to_owned(), problem());
    let base = json!({"api": {
        "default": "http://127.0.0.1:4566",
        "description": "`API_URL` in .local/env; on AWS the output `ApiUrl` of the stack",
    }});
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cartwright",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "{api}", "variables": base}],
        "paths": paths,
        "components": {
            "schemas": bodies,
            "responses": refusals,
            "headers": headers(),
            "securitySchemes": {
                "accessToken": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token of `/api/v1/auth/login`. API keys are taken here too.",
                },
                "apiKey": {
                    "type": "apiKey", "in": "header", "name": "X-Api-Key",
                    "description": "An API key of `/api/v1/api-keys`.",
                },
            },
        },
    })
}

fn described(operation: Operation, door: &Door, schemas: &mut SchemaGenerator) -> Value {
    let mut told = json!({
        "operationId": operation.id,
        "summary": operation.does,
        "description": who(&operation, door),
        "tags": [door.function],
        "security": security(&operation, door),
    });
    let own = operation.parameters.iter().map(parameter);
    let parameters: Vec<_> = in_path(door.route.path).into_iter().chain(own).collect();
    if !parameters.is_empty() {
        told["parameters"] = parameters.into();
    }
    if let Some(body) = &operation.body {
        told["requestBody"] = json!({"required": true, "content": content_of(body, schemas)});
    }
    let mut responses = BTreeMap::new();
    for (status, answer) in &operation.answers {
        responses.insert(*status, answered(answer, &operation, schemas));
    }
    for (status, slugs) in &operation.refusals {
        let place = format!("#/components/responses/{}", name_of(*status, slugs));
        responses.insert(*status, json!({"$ref": place}));
    }
    let named = responses.into_iter();
    let named = named.map(|(status, response)| (status.to_string(), response));
    told["responses"] = named.collect::<Map<_, _>>().into();
    told
}

/// Who may use a route, in words.
fn who(operation: &Operation, door: &Door) -> String {
    let named = |roles: &[http_edge::Role]| {
        let names = roles.iter().map(|role| role.name());
        names.collect::<Vec<_>>().join(", ")
    };
    let who = match door.route.policy {
        Policy::Anybody if operation.is_webhook => "For whoever signs it".to_owned(),
        Policy::Anybody if door.route.way_in => "For anybody; a way in".to_owned(),
        Policy::Anybody => "For anybody".to_owned(),
        Policy::Owner([]) | Policy::OwnerInPerson([]) => "For what is one's own".to_owned(),
        Policy::Owner(roles) | Policy::OwnerInPerson(roles) => {
            format!("For what is one's own; for anybody's: {}", named(roles))
        }
        Policy::Only(roles) | Policy::InPerson(roles) => format!("For {}", named(roles)),
    };
    match operation.in_person {
        true => format!("{who}; by no API key."),
        false => format!("{who}."),
    }
}

fn security(operation: &Operation, door: &Door) -> Value {
    // It has no access to the keys.
    let takes_keys = door.function != "auth-api" && !operation.in_person;
    match door.route.policy {
        Policy::Anybody => json!([]),
        _ if takes_keys => json!([{"accessToken": []}, {"apiKey": []}]),
        _ => json!([{"accessToken": []}]),
    }
}

/// What varies in a path.
fn in_path(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let schema = match path {
        _ if path.contains("/orders/") || path.contains("/api-keys/") => {
            json!({"type": "string", "format": "uuid"})
        }
        _ => json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": bounds::ID}),
    };
    let told = |name| json!({"in": "path", "name": name, "required": true, "schema": schema});
    names.map(told).collect()
}

fn parameter(of: &Parameter) -> Value {
    json!({
        "in": of.place,
        "name": of.name,
        "description": of.means,
        "required": of.required,
        "schema": of.schema,
    })
}

fn content_of(content: &Content, schemas: &mut SchemaGenerator) -> Value {
    let schema = (content.shape)(schemas);
    json!({(content.media_type): {"schema": schema, "example": content.example}})
}

fn answered(answer: &Answer, operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut told = json!({"description": answer.means});
    let limits: &[_] = match operation.is_webhook {
        true => &["X-Request-Id"],
        false => &["X-Request-Id", "RateLimit-Policy", "RateLimit"],
    };
    told["headers"] = with_headers(limits.iter().chain(&operation.headers));
    if let Some(content) = &answer.content {
        told["content"] = content_of(content, schemas);
    }
    told
}

fn with_headers<'a>(names: impl Iterator<Item = &'a &'static str>) -> Value {
    let reference = |name| json!({"$ref": format!("#/components/headers/{name}")});
    let headers = names.map(|name| ((*name).to_owned(), reference(name)));
    headers.collect::<Map<_, _>>().into()
}

/// Where a refusal is kept that many routes answer.
fn name_of(status: u16, slugs: &[&str]) -> String {
    format!("{status}.{}", slugs.join("."))
}

fn refused(status: u16, slugs: &[&str]) -> Value {
    let types: Vec<_> = slugs.iter().map(|slug| type_of(slug)).collect();
    let named: Vec<_> = slugs.iter().map(|slug| format!("`{slug}`")).collect();
    let schema = json!({
        "$ref": "#/components/schemas/Problem",
        "properties": {"type": {"enum": types}, "status": {"const": status}},
    });
    let mut content = json!({"application/problem+json": {"schema": schema}});
    let mut told = json!({"description": named.join(", ")});
    let headers: &[_] = match status {
        401 => &["WWW-Authenticate"],
        429 => &["Retry-After", "RateLimit-Policy", "RateLimit"],
        503 => &["Retry-After"],
        _ => &[],
    };
    if !headers.is_empty() {
        told["headers"] = with_headers(headers.iter());
    }
    if status >= 500 {
        // API Gateway's own, when the function gave no answer.
        let message = json!({"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]});
        content["application/json"] = json!({"schema": message});
    }
    told["content"] = content;
    told
}

fn type_of(slug: &str) -> String {
    format!("https://cartwright.example/problems/{slug}")
}

/// The one form of refusals.
fn problem() -> Value {
    json!({
        "description": "A refusal (RFC 9457). Some types have members of their own.",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Stable; match on it."},
            "title": {"type": "string", "description": "The same for all problems of the type."},
            "status": {"type": "integer", "description": "The status of the response."},
            "detail": {"type": "string", "description": "What is special about this case."},
            "errors": {
                "description": "What is wrong with the body.",
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "description": "JSON pointer into the body."},
                        "detail": {"type": "string"},
                    },
                },
            },
        },
        "example": {
            "type": type_of("invalid-body"),
            "title": "Invalid body",
            "status": 422,
            "detail": "/lines/0/quantity: a whole number from 1 to 1000",
            "errors": [{"pointer": "/lines/0/quantity", "detail": "a whole number from 1 to 1000"}],
        },
    })
}

fn headers() -> Value {
    let header = |description: &str, required: bool, schema: Value| json!({"description": description, "required": required, "schema": schema});
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let seconds = json!({"type": "integer", "minimum": 1});
    json!({
        "Content-Disposition": header("What a file of it is called.", true, text("^attachment; filename=\"[a-z0-9.-]+\"$")),
        "ETag": header("The version of what is shown.", true, text("^\"[0-9]+\"$")),
        "Idempotency-Replayed": header("An earlier request got this answer first.", false, json!({"const": "true"})),
        "Location": header("Where it is.", true, text("^/api/v1/")),
        "RateLimit": header("What is left of the limit.", false, text("^\"[a-z]+\";r=[0-9]+;t=[0-9]+$")),
        "RateLimit-Policy": header("The limit that counted the request.", true, text("^\"[a-z]+\";q=[0-9]+;w=[0-9]+$")),
        "Retry-After": header("When to come again, in seconds.", true, seconds),
        "WWW-Authenticate": header("What is asked for.", true, json!({"enum": ["Bearer", "Signature"]})),
        "X-Request-Id": header("The id of the request, as in the log.", true, text("^[A-Za-z0-9._-]{1,64}$")),
    })
}
