//! `bench edge`: what a warm request takes before and after the work of its route: ids, tokens and
//! keys, limits, the form of the answer and the line in the log.

use std::fmt;

use domain::ports::KeepApiKeys;
use domain::{ApiKey, ApiKeyId, ApiKeySecret, CustomerId, Role, TenantId};
use dynamo_store::AccountsTable;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::BenchError;
use crate::callgrind::{Callgrind, Profile};
use crate::instance::Instance;
use crate::journey::{aws, post_order};
use crate::place::{Place, Surroundings};
use crate::table::{Column, Table, count};

/// Requests of which the instructions are counted.
const COUNTED: usize = 11;
/// Requests of which the calls are: some limits are asked once for many requests.
const CALLED: usize = 201;
/// A path that a route has, and that names nothing: what is left is the edge.
const NOTHING: &str = "/api/v1/orders/none";

/// What one kind of request takes.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Which.
    pub name: String,
    /// The status of its answer; nothing for what is no request.
    pub status: Option<u64>,
    /// Instructions of a warm one; none where they were not counted.
    pub instructions: Option<u64>,
    /// Those of them in crates of this repository.
    pub own_instructions: Option<u64>,
    /// Calls of AWS in a warm one, on average.
    pub aws_calls: f64,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Edge {
    /// What ran it.
    pub machine: String,
    /// One for each kind.
    pub rows: Vec<Request>,
}

/// What is sent, and to which function.
struct Kind {
    name: &'static str,
    function: &'static str,
    event: Value,
}

/// Sends each kind of request many times.
///
/// # Errors
/// When a function fails.
pub async fn run(place: &Place) -> Result<Edge, BenchError> {
    let mut rows = Vec::new();
    for kind in kinds(place)? {
        place.progress(format!("requests: {}", kind.name));
        rows.push(row(place, &kind).await?);
    }
    Ok(Edge {
        machine: place.machine.clone(),
        rows,
    })
}

fn key() -> ApiKeySecret {
    let [id, random] = [1, 2].map(Uuid::from_u128);
    ApiKeySecret::new(ApiKeyId(id), [random; 3])
}

/// `GET` of a path with these credentials.
fn get(path: &str, authorization: Option<&str>) -> Value {
    let mut event = post_order("", "edge", &Value::Null);
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event["requestContext"]["http"]["method"] = json!("GET");
    event["body"] = Value::Null;
    if let Some(headers) = event["headers"].as_object_mut() {
        headers.remove("content-type");
        headers.remove("idempotency-key");
        headers.remove("authorization");
        if let Some(text) = authorization {
            headers.insert("authorization".to_owned(), json!(format!("Bearer {text}")));
        }
    }
    event
}

fn kinds(place: &Place) -> Result<Vec<Kind>, BenchError> {
    let good = place.token()?;
    // More in front of the claims, under the same signature: only the signature tells.
    let forged = good.replacen('.', ".e30", 1);
    let of_orders = |name, event| Kind {
        name,
        function: "orders-api",
        event,
    };
    let runtime = Kind {
        name: "no request: an empty batch",
        function: "publish-events",
        event: json!({"Records": []}),
    };
    Ok(vec![
        runtime,
        of_orders("no route", get("/none", None)),
        of_orders("no token", get(NOTHING, None)),
        of_orders("a forged token", get(NOTHING, Some(&forged))),
        of_orders("a good token", get(NOTHING, Some(&good))),
        of_orders("an API key", get(NOTHING, Some(&key().text()))),
    ])
}

async fn row(place: &Place, kind: &Kind) -> Result<Request, BenchError> {
    let around = around(place).await?;
    let mut instance = Instance::start(&place.function(kind.function, &around)).await?;
    let (first, _) = instance.invoke(&kind.event).await?;
    around.proxy.forget();
    for _ in 1..CALLED {
        instance.invoke(&kind.event).await?;
    }
    instance.stop().await?;
    let counted = match &place.callgrind {
        Some(counter) => Some(warm(place, counter, kind).await?),
        None => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let aws_calls = around.api_calls() as f64 / (CALLED - 1) as f64;
    Ok(Request {
        name: kind.name.to_owned(),
        status: first["statusCode"].as_u64(),
        instructions: counted.as_ref().map(Profile::total),
        own_instructions: counted.as_ref().map(Profile::own),
        aws_calls,
    })
}

/// What is around, with one API key in it.
async fn around(place: &Place) -> Result<Surroundings, BenchError> {
    let unexpected = |error: &dyn fmt::Display| BenchError::Unexpected(error.to_string());
    let around = place.surroundings().await?;
    let secret = key();
    let key = ApiKey {
        id: secret.id(),
        tenant: TenantId::parse("main").map_err(|error| unexpected(&error))?,
        name: "bench".to_owned(),
        roles: vec![Role::Support],
        hash: secret.hash(),
        created_by: CustomerId::parse("bench").map_err(|error| unexpected(&error))?,
        created_at: Timestamp::UNIX_EPOCH,
        revoked_at: None,
        version: 0,
    };
    let accounts = AccountsTable::connect(&aws(&around), "Accounts");
    let saved = accounts.save_api_key(key).await;
    saved.map_err(|error| unexpected(&error))?;
    Ok(around)
}

async fn warm(place: &Place, counter: &Callgrind, kind: &Kind) -> Result<Profile, BenchError> {
    let one = profile(place, counter, kind, 1).await?;
    let all = profile(place, counter, kind, COUNTED).await?;
    Ok(all.since(&one).divided_by(COUNTED as u64 - 1))
}

async fn profile(
    place: &Place,
    counter: &Callgrind,
    kind: &Kind,
    requests: usize,
) -> Result<Profile, BenchError> {
    let around = around(place).await?;
    let program = place.function(kind.function, &around);
    let mut instance = Instance::start(&program.under(counter.runner())).await?;
    for _ in 0..requests {
        instance.invoke(&kind.event).await?;
    }
    instance.stop().await?;
    Ok(counter.profile()?)
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("request"),
            Column::right("status"),
            Column::right("instructions"),
            Column::right("ours"),
            Column::right("AWS calls"),
        ]);
        for row in &self.rows {
            table.row([
                row.name.clone(),
                count(row.status),
                count(row.instructions),
                count(row.own_instructions),
                format!("{:.3}", row.aws_calls),
            ]);
        }
        write!(f, "{table}")
    }
}
