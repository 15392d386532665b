//! What the functions call: DynamoDB in process, and just enough of SNS, Step Functions and SES to
//! take what they send. The local stack is not needed, so a figure does not depend on it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use dynamo_store::schema::TABLES;
use dynoxide::Database;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::TcpListener;

/// Why there is nothing to call.
#[derive(Debug, Error)]
pub enum BackendError {
    /// No port could be had.
    #[error("the backend cannot listen")]
    Listen(#[from] std::io::Error),
    /// The database refused a table or an item.
    #[error("the backend's database: {0}")]
    Database(String),
}

/// A running backend. Serves until the process ends.
#[derive(Clone)]
pub struct Backend {
    /// Endpoint for everything.
    pub url: String,
    database: Database,
    sent: Arc<Mutex<Sent>>,
}

/// What was sent to others than DynamoDB, until somebody takes it.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Inputs of executions.
    pub started: Vec<Value>,
    /// Messages of the topic.
    pub published: Vec<Published>,
}

/// A message of the topic.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// Its body.
    pub message: String,
    /// Its group: the aggregate.
    pub group: String,
}

/// The records of a table's stream, oldest first.
#[derive(Clone, Debug)]
pub struct StreamReader {
    table: &'static str,
    iterator: String,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Backend {
    /// Starts with all tables of the schema, empty.
    ///
    /// # Errors
    /// When no port can be had, or the database refuses a table.
    pub async fn start() -> Result<Self, BackendError> {
        let database = Database::memory().map_err(database_error)?;
        for schema in TABLES {
            let request =
                serde_json::from_value(schema.create_request()).map_err(database_error)?;
            database.create_table(request).map_err(database_error)?;
        }
        let tables = TcpListener::bind(("127.0.0.1", 0)).await?;
        let sent = Arc::<Mutex<Sent>>::default();
        let forward = Forward {
            sent: Arc::clone(&sent),
            dynamodb: format!("http://{}", tables.local_addr()?),
            client: reqwest::Client::new(),
        };
        tokio::spawn(dynoxide::server::serve_on(tables, database.clone()));
        let front = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", front.local_addr()?);
        let routes = Router::new().fallback(answer).with_state(forward);
        tokio::spawn(async move {
            if let Err(error) = axum::serve(front, routes).await {
                eprintln!("the backend ended: {error}");
            }
        });
        Ok(Self {
            url,
            database,
            sent,
        })
    }

    /// Takes what was sent since the last time.
    pub fn take_sent(&self) -> Sent {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the streams of all tables that have one, from here on.
    ///
    /// # Errors
    /// When the database has no such stream.
    pub fn streams(&self) -> Result<Vec<StreamReader>, BackendError> {
        let streamed = TABLES.iter().filter(|schema| schema.streamed);
        streamed.map(|schema| self.stream(schema.name)).collect()
    }

    fn stream(&self, table: &'static str) -> Result<StreamReader, BackendError> {
        let streams = self
            .database
            .list_streams(input(&json!({"TableName": table}))?);
        let arn = json!(streams.map_err(database_error)?)["Streams"][0]["StreamArn"].clone();
        let stream = self
            .database
            .describe_stream(input(&json!({"StreamArn": arn}))?);
        let stream = json!(stream.map_err(database_error)?);
        let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
        let iterator = self.database.get_shard_iterator(input(&json!({
            "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST",
        }))?);
        let iterator = json!(iterator.map_err(database_error)?)["ShardIterator"].clone();
        let iterator = iterator.as_str().unwrap_or_default().to_owned();
        Ok(StreamReader { table, iterator })
    }

    /// The next records, each as Lambda would hand it on alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn next_records(&self, stream: &mut StreamReader) -> Result<Vec<Value>, BackendError> {
        let request = input(&json!({"ShardIterator": stream.iterator}))?;
        let answer = json!(self.database.get_records(request).map_err(database_error)?);
        if let Some(next) = answer["NextShardIterator"].as_str() {
            next.clone_into(&mut stream.iterator);
        }
        let records = answer["Records"].as_array().cloned().unwrap_or_default();
        let arn = format!(
            "arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/1",
            stream.table
        );
        let alone = |record: Value| {
            let mut event = json!({"Records": [record]});
            if let Some(record) = event
                .pointer_mut("/Records/0")
                .and_then(Value::as_object_mut)
            {
                record.insert("eventSourceARN".to_owned(), json!(arn));
            }
            event
        };
        Ok(records.into_iter().map(alone).collect())
    }

    /// Puts an item, in DynamoDB's JSON form.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn put(&self, table: &str, item: &Value) -> Result<(), BackendError> {
        let request = input(&json!({"TableName": table, "Item": item}))?;
        self.database.put_item(request).map_err(database_error)?;
        Ok(())
    }
}

fn input<T: DeserializeOwned>(request: &Value) -> Result<T, BackendError> {
    T::deserialize(request).map_err(database_error)
}

fn database_error(error: impl std::fmt::Display) -> BackendError {
    BackendError::Database(error.to_string())
}

#[derive(Clone, Debug)]
struct Forward {
    sent: Arc<Mutex<Sent>>,
    dynamodb: String,
    client: reqwest::Client,
}

async fn answer(
    State(forward): State<Forward>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    match target {
        Some(target) if target.starts_with("DynamoDB") => forward.ask(headers.clone(), body).await,
        Some(target) if target.ends_with(".StartExecution") => forward.started(&body),
        _ if method == Method::POST && uri.path().ends_with("/outbound-emails") => {
            axum::Json(json!({"MessageId": "bench"})).into_response()
        }
        _ if method == Method::POST => forward.published(&body),
        _ => StatusCode::OK.into_response(),
    }
}

impl Forward {
    async fn ask(&self, headers: HeaderMap, body: Bytes) -> Response {
        let asked = self.client.post(&self.dynamodb).headers(headers).body(body);
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        };
        let status = answer.status();
        let headers = [("content-type", "application/x-amz-json-1.0")];
        match answer.bytes().await {
            Ok(body) => (status, headers, body).into_response(),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    fn keep(&self, keep: impl FnOnce(&mut Sent)) {
        keep(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn started(&self, body: &[u8]) -> Response {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let input = request["input"].as_str().unwrap_or_default();
        self.keep(|sent| {
            sent.started
                .push(serde_json::from_str(input).unwrap_or_default())
        });
        let arn = "arn:aws:states:us-east-1:000000000000:express:order-saga:bench:1";
        axum::Json(json!({"executionArn": arn, "startDate": 1.0})).into_response()
    }

    /// Takes every entry of a batch.
    fn published(&self, body: &[u8]) -> Response {
        let mut entries: BTreeMap<String, Published> = BTreeMap::new();
        let mut taken = String::new();
        for (name, value) in form_urlencoded::parse(body) {
            let Some((entry, field)) = name.rsplit_once('.') else {
                continue;
            };
            let message = entries.entry(entry.to_owned()).or_default();
            match field {
                "Message" => message.message = value.into_owned(),
                "MessageGroupId" => message.group = value.into_owned(),
                "Id" => taken.push_str(&format!(
                    "<member><Id>{value}</Id><MessageId>m</MessageId></member>"
                )),
                _ => {}
            }
        }
        let messages = entries
            .into_values()
            .filter(|entry| !entry.message.is_empty());
        self.keep(|sent| sent.published.extend(messages));
        format!(
            "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
             <PublishBatchResult><Successful>{taken}</Successful><Failed></Failed>\
             </PublishBatchResult></PublishBatchResponse>"
        )
        .into_response()
    }
}
