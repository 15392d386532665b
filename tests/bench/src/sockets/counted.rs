//! Instructions of a post: of the adapter alone, over HTTP without TLS.

use std::process::Stdio;

use axum::Router;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::broadcast::message;
use crate::BenchError;
use crate::callgrind::{Callgrind, Profile};
use crate::place::Place;

/// Posts that are counted.
const COUNTED: usize = 200;
/// Posts before them, of a run that did less: with all its connections made.
const BEFORE: usize = 10;

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

/// One message to many sockets, as a notification of a group goes.
///
/// # Errors
/// When it cannot be counted.
pub async fn one_of_many(place: &Place, counter: &Callgrind) -> Result<Counted, BenchError> {
    let [less, more] = [BEFORE, BEFORE + COUNTED].map(|sockets| ids(sockets) + &message(0));
    counted(place, counter, "one message to many", [less, more]).await
}

/// Many messages to one socket, each another.
pub(super) async fn each_its_own(
    place: &Place,
    counter: &Callgrind,
) -> Result<Counted, BenchError> {
    let [less, more] = [BEFORE, BEFORE + COUNTED].map(|messages| {
        let messages = (0..messages).map(|number| message(number as u64));
        ids(1) + &messages.collect::<String>()
    });
    counted(place, counter, "each its own message", [less, more]).await
}

async fn counted(
    place: &Place,
    counter: &Callgrind,
    name: &'static str,
    [less, more]: [String; 2],
) -> Result<Counted, BenchError> {
    let less = profile(place, counter, &less).await?;
    let more = profile(place, counter, &more).await?;
    let one = more.since(&less).divided_by(COUNTED as u64);
    Ok(Counted {
        name,
        instructions: one.total(),
        own_instructions: one.own(),
    })
}

/// A line with ids, of the length of Amazon's.
fn ids(count: usize) -> String {
    let ids: Vec<String> = (0..count)
        .map(|number| format!("L0SM9cOFv{number:06}="))
        .collect();
    ids.join(" ") + "\n"
}

/// Lets the program post what it is told to, under the counter.
async fn profile(place: &Place, counter: &Callgrind, told: &str) -> Result<Profile, BenchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let stage = format!("http://{}/live", listener.local_addr()?);
    let routes = Router::new().fallback(|| async { StatusCode::OK });
    let server = tokio::spawn(async move { axum::serve(listener, routes).await });
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
