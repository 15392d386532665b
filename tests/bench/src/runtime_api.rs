//! A Lambda Runtime API for one instance of one function: hands it events and takes its answers.
//!
//! The protocol is that of the custom runtimes' page of the AWS Lambda developer guide
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): `GET …/invocation/next`
//! blocks until there is an event, `POST …/invocation/{id}/response` or `…/error` answers it, and
//! `POST …/init/error` gives up before the first event.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// What one invocation may take; the deadline that the function is told.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a function failed with.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the function failed: {0}")]
pub struct FunctionError(
    /// The error document that it posted.
    pub String,
);

/// What the instance has done so far.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// How often it asked for an event.
    times: u64,
    /// When it first did.
    first: Option<Instant>,
    /// Whether it said that it cannot start.
    gave_up: bool,
}

struct Invocation {
    id: u64,
    event: String,
}

type Answer = Result<String, FunctionError>;

#[derive(Debug)]
struct Desk {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    asked: watch::Sender<Asked>,
}

impl Desk {
    fn answer(&self, id: u64, answer: Answer) -> StatusCode {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.remove(&id).map(|caller| caller.send(answer)) {
            Some(_) => StatusCode::ACCEPTED,
            None => StatusCode::FORBIDDEN,
        }
    }
}

/// The API; gone when dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Invocation>,
    next_id: u64,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    /// Listens on a port of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (events, queue) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            events: tokio::sync::Mutex::new(queue),
            waiting: Mutex::default(),
            asked: watch::Sender::new(Asked::default()),
        });
        let routes = routes(Arc::clone(&desk));
        let server = tokio::spawn(async move {
            let nodelay = axum::serve::ListenerExt::tap_io(listener, |stream| {
                if let Err(error) = stream.set_nodelay(true) {
                    eprintln!("a connection keeps its delays: {error}");
                }
            });
            if let Err(error) = axum::serve(nodelay, routes).await {
                eprintln!("the runtime API ended: {error}");
            }
        });
        Ok(Self {
            address,
            events,
            next_id: 0,
            desk,
            server,
        })
    }

    /// Value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the instance has asked for its first event, and answers when that was; `None`
    /// when it said that it cannot start.
    pub async fn first_next(&self) -> Option<Instant> {
        let mut asked = self.desk.asked.subscribe();
        let seen = asked
            .wait_for(|asked| asked.first.is_some() || asked.gave_up)
            .await;
        seen.ok().and_then(|asked| asked.first)
    }

    /// Waits until the instance asks for an event again after this many answers.
    pub async fn asked_again(&self, answers: u64) {
        let mut asked = self.desk.asked.subscribe();
        // The sender lives as long as this.
        if let Err(closed) = asked.wait_for(|asked| asked.times > answers).await {
            eprintln!("the runtime API ended: {closed}");
        }
    }

    /// Hands over an event, and answers with a way to the answer.
    pub fn invoke(&mut self, event: &Value) -> oneshot::Receiver<Answer> {
        let id = self.next_id;
        self.next_id += 1;
        let (sender, answer) = oneshot::channel();
        let mut waiting = self
            .desk
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.insert(id, sender);
        let event = event.to_string();
        if self.events.send(Invocation { id, event }).is_err() {
            waiting.remove(&id);
        }
        answer
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(desk)
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    desk.asked.send_modify(|asked| {
        asked.times += 1;
        asked.first.get_or_insert_with(Instant::now);
    });
    match desk.events.lock().await.recv().await {
        Some(invocation) => (headers_of(invocation.id), invocation.event).into_response(),
        None => StatusCode::GONE.into_response(),
    }
}

fn headers_of(id: u64) -> HeaderMap {
    #[expect(
        clippy::disallowed_methods,
        reason = "the deadline is a time of the clock"
    )]
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let deadline = (now + TIME_LIMIT).as_millis();
    let text = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:bench";
    HeaderMap::from_iter([
        (
            HeaderName::from_static("lambda-runtime-aws-request-id"),
            text(id.to_string()),
        ),
        (
            HeaderName::from_static("lambda-runtime-deadline-ms"),
            text(deadline.to_string()),
        ),
        (
            HeaderName::from_static("lambda-runtime-invoked-function-arn"),
            text(arn.to_owned()),
        ),
        (
            HeaderName::from_static("lambda-runtime-trace-id"),
            text("Root=1-bench;Sampled=0".to_owned()),
        ),
    ])
}

async fn response(State(desk): State<Arc<Desk>>, Path(id): Path<u64>, body: String) -> StatusCode {
    desk.answer(id, Ok(body))
}

async fn error(State(desk): State<Arc<Desk>>, Path(id): Path<u64>, body: String) -> StatusCode {
    desk.answer(id, Err(FunctionError(body)))
}

async fn init_error(State(desk): State<Arc<Desk>>, body: String) -> StatusCode {
    eprintln!("the function cannot start: {body}");
    desk.asked.send_modify(|asked| asked.gave_up = true);
    StatusCode::ACCEPTED
}
