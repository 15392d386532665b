//! The calls that API Gateway takes for an open socket
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>).
//! Its own client spends four times the instructions on each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_calls::{Answer, Body, Calls, ConnectError, SendError, Service};
use aws_types::SdkConfig;
use domain::SocketId;
use domain::ports::{Cause, PostError, PostToSockets};
use http::{Method, Request, StatusCode};
use https::Roots;
use jiff::Timestamp;

const EXECUTE_API: Service = Service {
    signing_name: "execute-api",
    label: "execute-api",
    paths_as_they_are: false,
    longest_answer: 16 * 1024,
};
/// From the start of a post to its answer: it is to be seen now or read later.
const TOTAL: Duration = Duration::from_secs(1);

/// The stage of a WebSocket API that holds the sockets.
#[derive(Clone, Debug)]
pub struct Gateway<N> {
    calls: Calls,
    /// Address of the stage, without a slash at its end.
    stage: String,
    /// What was posted last, which the next socket often gets too.
    last: Arc<Mutex<Option<Body>>>,
    now: N,
}

impl Gateway<()> {
    /// The stage with this address, such as
    /// `https://{api}.execute-api.{region}.amazonaws.com/{stage}`; on a local stack, which has one
    /// address for all of AWS, it is found below that. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, stage: &str) -> Result<Self, ConnectError> {
        let calls = Calls::connect(config, roots, EXECUTE_API)?;
        let local = config.endpoint_url().and_then(|local| below(local, stage));
        Ok(Self {
            calls,
            stage: local.unwrap_or_else(|| stage.trim_end_matches('/').to_owned()),
            last: Arc::default(),
            now: (),
        })
    }

    /// By this clock, whose time signs calls.
    pub fn at<N: Fn() -> Timestamp>(self, now: N) -> Gateway<N> {
        Gateway {
            calls: self.calls,
            stage: self.stage,
            last: self.last,
            now,
        }
    }
}

/// Where the emulator has the stage of an API; nothing for an address that is not Amazon's.
fn below(local: &str, stage: &str) -> Option<String> {
    let (_, address) = stage.split_once("://")?;
    let (host, stage) = address.trim_end_matches('/').split_once('/')?;
    let (api, _) = host.split_once(".execute-api.")?;
    let local = local.trim_end_matches('/');
    Some(format!("{local}/_aws/execute-api/{api}/{stage}"))
}

impl<N: Fn() -> Timestamp> Gateway<N> {
    async fn call(&self, method: Method, socket: &SocketId, body: Body) -> Result<(), PostError> {
        let mut address = String::with_capacity(self.stage.len() + 64);
        address.extend([self.stage.as_str(), "/@connections/"]);
        push_encoded(&mut address, socket);
        let request = Request::builder().method(method).uri(address).body(body);
        let request = request.map_err(|error| PostError::Refused(Cause(error.to_string())))?;
        let answer = self.calls.send_once(request, TOTAL, (self.now)()).await;
        match answer {
            Ok(answer) => meaning(&answer),
            Err(SendError::Broken(cause)) => Err(PostError::Refused(cause)),
            Err(SendError::NotReached(cause)) => Err(PostError::NotPosted(cause)),
            Err(SendError::NoAnswer(cause)) => Err(PostError::Unknown(cause)),
        }
    }

    /// One message often goes to many sockets: its hash is taken once.
    fn body(&self, message: &str) -> Body {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(body) if body.is(message) => body.clone(),
            _ => last.insert(Body::new(message.to_owned())).clone(),
        }
    }
}

impl<N: Fn() -> Timestamp + Sync> PostToSockets for Gateway<N> {
    async fn post(&self, socket: &SocketId, message: &str) -> Result<(), PostError> {
        let body = self.body(message);
        self.call(Method::POST, socket, body).await
    }

    async fn close(&self, socket: &SocketId) -> Result<(), PostError> {
        let nothing = self.body("");
        self.call(Method::DELETE, socket, nothing).await
    }
}

/// The three characters of base64 that mean something in a path.
fn push_encoded(address: &mut String, socket: &SocketId) {
    for character in socket.as_str().chars() {
        match character {
            '+' => address.push_str("%2B"),
            '/' => address.push_str("%2F"),
            '=' => address.push_str("%3D"),
            plain => address.push(plain),
        }
    }
}

/// What an answer means. Its body may say what was posted, and is never shown.
fn meaning(answer: &Answer) -> Result<(), PostError> {
    let status = answer.status;
    let cause = || Cause(status.to_string());
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::GONE => Err(PostError::Gone),
        StatusCode::TOO_MANY_REQUESTS => Err(PostError::NotPosted(cause())),
        _ if status.is_server_error() => Err(PostError::Unknown(cause())),
        _ => Err(PostError::Refused(cause())),
    }
}
