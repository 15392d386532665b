//! Instructions of a post over HTTP without TLS: of the adapter alone, and of the whole function.

use std::process::Stdio;

use axum::Router;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::broadcast::{Speak, message};
use super::function::PushUpdates;
use crate::BenchError;
use crate::callgrind::{Callgrind, Profile};
use crate::place::Place;

/// Posts that are counted.
const COUNTED: usize = 200;
/// Posts before them, of a run that did less: with all its connections made.
const BEFORE: usize = 10;
/// The same of the function, which has 32 posts under way.
const BEFORE_BY_FUNCTION: usize = 50;

/// What one post takes.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    /// Which.
    pub name: &'static str,
    /// All of it, without the kernel.
    pub instructions: u64,
    /// Those in crates of this repository.
    pub own_instructions: u64,
}

impl Counted {
    fn new(name: &'static str, less: &Profile, more: &Profile) -> Self {
        let one = more.since(less).divided_by(COUNTED as u64);
        Self {
            name,
            instructions: one.total(),
            own_instructions: one.own(),
        }
    }
}

/// One message to many sockets, as a notification of a group goes.
///
/// # Errors
/// When it cannot be counted.
pub async fn one_of_many(place: &Place, counter: &Callgrind) -> Result<Counted, BenchError> {
    let told = |sockets| ids(sockets).join(" ") + "\n" + &message(0);
    let less = posting(place, counter, &told(BEFORE)).await?;
    let more = posting(place, counter, &told(BEFORE + COUNTED)).await?;
    Ok(Counted::new("one message to many", &less, &more))
}

/// Many messages to one socket, each another.
pub(super) async fn each_its_own(
    place: &Place,
    counter: &Callgrind,
) -> Result<Counted, BenchError> {
    let told = |messages: usize| {
        let messages = (0..messages).map(|number| message(number as u64));
        ids(1).join(" ") + "\n" + &messages.collect::<String>()
    };
    let less = posting(place, counter, &told(BEFORE)).await?;
    let more = posting(place, counter, &told(BEFORE + COUNTED)).await?;
    Ok(Counted::new("each its own message", &less, &more))
}

/// One message to many sockets by the function: the row that they are read from, and the posts.
pub(super) async fn by_function(place: &Place, counter: &Callgrind) -> Result<Counted, BenchError> {
    let less = function(place, counter, BEFORE_BY_FUNCTION).await?;
    let more = function(place, counter, BEFORE_BY_FUNCTION + COUNTED).await?;
    let name = "one message to many, by push-updates";
    Ok(Counted::new(name, &less, &more))
}

/// Ids of the length of Amazon's.
fn ids(count: usize) -> Vec<String> {
    let id = |number| format!("L0SM9cOFv{number:06}=");
    (0..count).map(id).collect()
}

/// Answers every post with 200: its address, and itself.
async fn gateway() -> Result<(String, JoinHandle<std::io::Result<()>>), BenchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let stage = format!("http://{}/live", listener.local_addr()?);
    let routes = Router::new().fallback(|| async { StatusCode::OK });
    let server = tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok((stage, server))
}

/// Lets the program post what it is told to, under the counter.
async fn posting(place: &Place, counter: &Callgrind, told: &str) -> Result<Profile, BenchError> {
    let (stage, server) = gateway().await?;
    let mut words = counter.runner().iter();
    let mut child = Command::new(words.next().map_or_else(Default::default, Clone::clone))
        .args(words)
        .arg(place.functions.join("posting"))
        .args([stage.as_str(), "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(told.as_bytes()).await?;
    }
    let ended = child.wait().await?;
    server.abort();
    if !ended.success() {
        return Err(BenchError::Unexpected(format!("posting ended: {ended}")));
    }
    Ok(counter.profile()?)
}

/// Lets the function tell so many sockets one thing, under the counter.
async fn function(
    place: &Place,
    counter: &Callgrind,
    sockets: usize,
) -> Result<Profile, BenchError> {
    let (stage, server) = gateway().await?;
    let mut function = PushUpdates::start(place, (&stage, &ids(sockets)), counter.runner()).await?;
    function.speak(1, sockets).await?;
    function.stop().await?;
    server.abort();
    Ok(counter.profile()?)
}
