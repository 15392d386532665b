//! A third party for tests: answers every request as told and notes what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::Limits;

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Answer(u16, String),
    Hang,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Default)]
struct World {
    acts: VecDeque<Act>,
    asked: Vec<Asked>,
}

impl Stub {
    /// Answers with each of these in turn; what is asked beyond them is answered 418.
    pub(crate) async fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let acts = acts.into_iter().collect();
        let world = Arc::new(Mutex::new(World {
            acts,
            ..World::default()
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, world }
    }

    pub(crate) async fn json(status: u16, body: &Value) -> Self {
        Self::new([Act::Answer(status, body.to_string())]).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1/", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.world.lock().unwrap().asked.clone()
    }
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        method,
        uri: uri.to_string(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let act = {
        let mut world = world.lock().unwrap();
        world.asked.push(asked);
        world.acts.pop_front()
    };
    match act {
        Some(Act::Answer(status, body)) => {
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        Some(Act::Hang) => std::future::pending().await,
        None => StatusCode::IM_A_TEAPOT.into_response(),
    }
}

/// Where nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Takes a request and ends the connection without an answer.
pub(crate) async fn hanging_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut byte = [0];
            stream.read_exact(&mut byte).await.unwrap();
        }
    });
    format!("http://{address}")
}

/// Limits that let a test end soon.
pub(crate) fn impatient() -> Limits {
    Limits {
        total: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// The stand-ins of the local stack, with an empty book in memory.
pub(crate) async fn stand_ins() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = provider_stand_ins::Options::default();
    tokio::spawn(provider_stand_ins::serve(listener, options));
    format!("http://{address}")
}
