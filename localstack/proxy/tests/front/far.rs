//! What stands behind the proxy: answers what the test says, shows what came, and can be made
//! to wait.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::front::{Attempt, LIMIT};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) struct Far {
    pub(crate) address: SocketAddr,
    state: Arc<Desk>,
}

struct Desk {
    seen: watch::Sender<Vec<Seen>>,
    answers: Mutex<VecDeque<Response>>,
    /// Whether requests are answered, or wait.
    open: watch::Sender<bool>,
}

impl Desk {
    fn answers(&self) -> MutexGuard<'_, VecDeque<Response>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Far {
    pub(crate) async fn start() -> Attempt<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Desk {
            seen: watch::Sender::new(Vec::new()),
            answers: Mutex::default(),
            open: watch::Sender::new(true),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, state })
    }

    /// The next answer that is given. Without one it is 200 and an empty object.
    pub(crate) fn will_answer(&self, status: u16, body: &Value) {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        self.will_send((status, body.to_string()).into_response());
    }

    pub(crate) fn will_send(&self, response: Response) {
        self.state.answers().push_back(response);
    }

    /// From now on requests wait for [`Far::let_go`].
    pub(crate) fn hold(&self) {
        self.state.open.send_replace(false);
    }

    pub(crate) fn let_go(&self) {
        self.state.open.send_replace(true);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.borrow().clone()
    }

    /// Ready once this many requests have arrived.
    pub(crate) async fn arrivals(&self, count: usize) -> Attempt<()> {
        let mut seen = self.state.seen.subscribe();
        timeout(LIMIT, seen.wait_for(|seen| seen.len() >= count)).await??;
        Ok(())
    }
}

async fn answer(State(desk): State<Arc<Desk>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let seen = Seen {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap_or_default(),
    };
    desk.seen.send_modify(|all| all.push(seen));
    let mut open = desk.open.subscribe();
    if open.wait_for(|open| *open).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let canned = desk.answers().pop_front();
    canned.unwrap_or_else(|| "{}".into_response())
}
