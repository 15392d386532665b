//! One message to all sockets, again and again, and what their clients say of it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::BenchError;
use crate::place::Place;

/// Until a program answers a line.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many posts are under way.
const AT_ONCE: &str = "32";

/// How one program reached all sockets: medians of its broadcasts.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Which.
    pub name: String,
    /// Half of the sockets had it no later.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// All.
    pub max_ms: f64,
}

/// A program that is spoken to by lines.
#[derive(Debug)]
struct Talker {
    /// Killed when dropped.
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// What the clients say.
#[derive(Debug, Deserialize)]
struct Told {
    cut: usize,
    broadcasts: Vec<ToldOf>,
}

#[derive(Debug, Deserialize)]
struct ToldOf {
    number: u64,
    have: usize,
    twice: usize,
    p50_us: u64,
    p99_us: u64,
    max_us: u64,
}

/// Our adapter, posting to the stand-in for API Gateway.
pub(super) async fn ours(
    place: &Place,
    sockets: usize,
    broadcasts: u64,
) -> Result<Row, BenchError> {
    let mut gateway = Talker::start(&place.functions.join("gateway"), &[])?;
    let stage = gateway.line().await?;
    let mut clients = clients(place, &stage, sockets).await?;
    let listed = reqwest::get(format!("{stage}/@connections")).await;
    let ids: Vec<String> = match listed {
        Ok(listed) => listed.json().await.map_err(unexpected)?,
        Err(error) => return Err(unexpected(error)),
    };
    let mut posting = Talker::start(&place.functions.join("posting"), &[&stage, AT_ONCE])?;
    posting.say(&(ids.join(" ") + "\n")).await?;
    let name = "our posts, behind a gateway";
    broadcast(name, &mut posting, &mut clients, (sockets, broadcasts)).await
}

/// A peer that holds the sockets itself.
pub(super) async fn peer(
    place: &Place,
    command: &[String],
    sockets: usize,
    broadcasts: u64,
) -> Result<Row, BenchError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(BenchError::Unexpected(
            "a peer without a command".to_owned(),
        ));
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut server = Talker::start(Path::new(program), &arguments)?;
    let stage = server.line().await?;
    let mut clients = clients(place, &stage, sockets).await?;
    let name = "Node's ws, holding them itself";
    broadcast(name, &mut server, &mut clients, (sockets, broadcasts)).await
}

async fn clients(place: &Place, stage: &str, sockets: usize) -> Result<Talker, BenchError> {
    let url = stage.replacen("http", "ws", 1);
    let sockets = sockets.to_string();
    let mut clients = Talker::start(&place.functions.join("listening"), &[&url, &sockets])?;
    match clients.line().await?.as_str() {
        "open" => Ok(clients),
        other => Err(BenchError::Unexpected(format!("clients said {other}"))),
    }
}

async fn broadcast(
    name: &str,
    speaker: &mut Talker,
    clients: &mut Talker,
    (sockets, broadcasts): (usize, u64),
) -> Result<Row, BenchError> {
    let mut told = Vec::new();
    for number in 0..broadcasts {
        speaker.say(&message(number)).await?;
        let sent = speaker.line().await?;
        if sent != sockets.to_string() {
            let said = format!("{name} sent {sent} of {sockets} messages");
            return Err(BenchError::Unexpected(said));
        }
        told.push(all_have(name, clients, number, sockets).await?);
    }
    let median = |of: fn(&ToldOf) -> u64| {
        let mut all: Vec<u64> = told.iter().map(of).collect();
        all.sort_unstable();
        let middle = all.get(all.len() / 2).copied().unwrap_or_default();
        Duration::from_micros(middle).as_secs_f64() * 1e3
    };
    Ok(Row {
        name: name.to_owned(),
        p50_ms: median(|it| it.p50_us),
        p99_ms: median(|it| it.p99_us),
        max_ms: median(|it| it.max_us),
    })
}

/// Asks until every client has it; fails when one has it twice.
async fn all_have(
    name: &str,
    clients: &mut Talker,
    number: u64,
    sockets: usize,
) -> Result<ToldOf, BenchError> {
    let limit = Instant::now() + PATIENCE;
    loop {
        clients.say("?\n").await?;
        let line = clients.line().await?;
        let told: Told = serde_json::from_str(&line)
            .map_err(|error| BenchError::Json("what clients said".to_owned(), error))?;
        let cut = told.cut;
        let of_this = told.broadcasts.into_iter().find(|it| it.number == number);
        let (have, twice) = of_this.as_ref().map_or((0, 0), |it| (it.have, it.twice));
        match of_this {
            Some(told) if have == sockets && twice == 0 && cut == 0 => return Ok(told),
            _ if twice == 0 && cut == 0 && Instant::now() < limit => {}
            _ => {
                let said = format!(
                    "{name}: message {number} came to {have} of {sockets} sockets, \
                     {twice} times twice; {cut} were cut"
                );
                return Err(BenchError::Unexpected(said));
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
}

impl Talker {
    fn start(program: &Path, arguments: &[&str]) -> Result<Self, BenchError> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(BenchError::Unexpected(format!("{program:?} is mute")));
        };
        Ok(Self {
            _child: child,
            input,
            output: BufReader::new(output).lines(),
        })
    }

    async fn say(&mut self, line: &str) -> Result<(), BenchError> {
        self.input.write_all(line.as_bytes()).await?;
        Ok(self.input.flush().await?)
    }

    async fn line(&mut self) -> Result<String, BenchError> {
        let line = timeout(PATIENCE, self.output.next_line()).await;
        let line = line.map_err(unexpected)??;
        line.ok_or_else(|| BenchError::Unexpected("a program ended".to_owned()))
    }
}

fn unexpected(error: impl std::fmt::Display) -> BenchError {
    BenchError::Unexpected(error.to_string())
}

/// A line with a notification, and when it was sent.
pub(super) fn message(number: u64) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "two processes share this clock only"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let sent_us = u64::try_from(now.unwrap_or_default().as_micros()).unwrap_or_default();
    let message = json!({
        "type": "notification",
        "list": "own",
        "number": number,
        "sent_us": sent_us,
        "cursor": "0".repeat(64),
        "notification": {
            "id": "0190163d-8694-8a0c-8a0c-8694163d0190",
            "type": "order.confirmed",
            "title": "Your order is confirmed",
            "message": "We have your payment and are packing what you ordered.",
            "data": {"order_id": "0190163d-8694-8a0c-8a0c-8694163d0190"},
        },
    });
    format!("{message}\n")
}
