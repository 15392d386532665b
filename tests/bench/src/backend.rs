//! What the functions call: DynamoDB in process, and just enough of SNS, Step Functions and SES to
//! take what they send. The local stack is not needed, so a figure does not depend on it.

use std::fmt;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use dynamo_store::schema::TABLES;
use dynoxide::Database;
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
        let forward = Forward {
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
        Ok(Self { url, database })
    }

    /// Puts an item, in DynamoDB's JSON form.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn put(&self, table: &str, item: &Value) -> Result<(), BackendError> {
        let request = json!({"TableName": table, "Item": item});
        let request = serde_json::from_value(request).map_err(database_error)?;
        self.database.put_item(request).map_err(database_error)?;
        Ok(())
    }
}

fn database_error(error: impl std::fmt::Display) -> BackendError {
    BackendError::Database(error.to_string())
}

#[derive(Clone, Debug)]
struct Forward {
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
        Some(target) if target.ends_with(".StartExecution") => started(),
        _ if method == Method::POST && uri.path().ends_with("/outbound-emails") => {
            axum::Json(json!({"MessageId": "bench"})).into_response()
        }
        _ if method == Method::POST => published(&body),
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
}

fn started() -> Response {
    let arn = "arn:aws:states:us-east-1:000000000000:express:order-saga:bench:1";
    axum::Json(json!({"executionArn": arn, "startDate": 1.0})).into_response()
}

/// Takes every entry of a batch.
fn published(body: &[u8]) -> Response {
    let form = String::from_utf8_lossy(body);
    let ids = form.split('&').filter_map(|pair| pair.split_once(".Id="));
    let taken: String = ids
        .map(|(_, id)| format!("<member><Id>{id}</Id><MessageId>m</MessageId></member>"))
        .collect();
    format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <PublishBatchResult><Successful>{taken}</Successful><Failed></Failed>\
         </PublishBatchResult></PublishBatchResponse>"
    )
    .into_response()
}
