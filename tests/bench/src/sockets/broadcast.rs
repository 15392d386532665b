//! One message to all sockets, again and again, and what their clients say of it.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::slices::PushSlices;
use super::talker::{PATIENCE, Talker, unexpected};
use crate::BenchError;
use crate::place::Place;

/// How many posts are under way.
const AT_ONCE: &str = "32";
/// A second copy of the last message comes within this, if there is one: posts are made anew after 200 ms.
const LATE: Duration = Duration::from_secs(1);
/// One of so many sockets is cut.
const CUT: usize = 5;
/// Of the posts to what is cut, the first may meet a gateway that does not know it yet.
const AFTER_THE_CUT: u64 = 2;

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

/// Our adapter alone, posting to the stand-in for API Gateway.
pub(super) async fn posts(
    place: &Place,
    sockets: usize,
    broadcasts: u64,
) -> Result<Row, BenchError> {
    let mut held = Held::open(place, sockets).await?;
    let posting = place.functions.join("posting");
    let mut posting = Talker::start(&posting, &[&held.stage, AT_ONCE])?;
    posting.say(&(held.ids.join(" ") + "\n")).await?;
    let name = "our posts alone, behind a gateway";
    broadcast(
        name,
        &mut posting,
        &mut held.clients,
        (sockets, 1..=broadcasts),
    )
    .await
}

/// The function that posts to a group, with the rows of sockets that it reads; and again from the moment on in
/// which a fifth of the sockets goes without a word. Fails when one of these stays in its row.
pub(super) async fn function(
    place: &Place,
    sockets: usize,
    broadcasts: u64,
) -> Result<[Row; 2], BenchError> {
    let mut held = Held::open(place, sockets).await?;
    let mut function = PushSlices::start(place, (&held.stage, &held.ids)).await?;
    let name = "push-slices, to a group, behind a gateway";
    let to_all = (sockets, 1..=broadcasts);
    let all = broadcast(name, &mut function, &mut held.clients, to_all).await?;

    let gone = sockets / CUT;
    held.clients.say(&format!("cut {gone}\n")).await?;
    held.clients.line().await?;
    let name = "the same, while a fifth of them goes";
    let to_the_rest = (sockets - gone, broadcasts + 1..=broadcasts + AFTER_THE_CUT);
    let rest = broadcast(name, &mut function, &mut held.clients, to_the_rest).await?;
    match function.known().await? {
        known if known == sockets - gone => Ok([all, rest]),
        known => Err(unexpected(format!(
            "{known} sockets are in rows, {gone} of {sockets} are gone"
        ))),
    }
}

/// The gateway, with all sockets open.
struct Held {
    /// Ends with this.
    _gateway: Talker,
    stage: String,
    clients: Talker,
    ids: Vec<String>,
}

impl Held {
    async fn open(place: &Place, sockets: usize) -> Result<Self, BenchError> {
        let mut gateway = Talker::start(&place.functions.join("gateway"), &[])?;
        let stage = gateway.line().await?;
        let clients = clients(place, &stage, sockets).await?;
        let listed = reqwest::get(format!("{stage}/@connections")).await;
        let ids: Vec<String> = match listed {
            Ok(listed) => listed.json().await.map_err(unexpected)?,
            Err(error) => return Err(unexpected(error)),
        };
        Ok(Self {
            _gateway: gateway,
            stage,
            clients,
            ids,
        })
    }
}

/// A peer that holds the sockets itself.
pub(super) async fn peer(
    place: &Place,
    command: &[String],
    sockets: usize,
    broadcasts: u64,
) -> Result<Row, BenchError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(unexpected("a peer without a command"));
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut server = Talker::start(Path::new(program), &arguments)?;
    let stage = server.line().await?;
    let mut clients = clients(place, &stage, sockets).await?;
    let name = "Node's ws, holding them itself";
    broadcast(name, &mut server, &mut clients, (sockets, 1..=broadcasts)).await
}

async fn clients(place: &Place, stage: &str, sockets: usize) -> Result<Talker, BenchError> {
    let url = stage.replacen("http", "ws", 1);
    let sockets = sockets.to_string();
    let mut clients = Talker::start(&place.functions.join("listening"), &[&url, &sockets])?;
    match clients.line().await?.as_str() {
        "open" => Ok(clients),
        other => Err(unexpected(format!("clients said {other}"))),
    }
}

/// Says one message to all sockets.
pub(super) trait Speak {
    /// The one with this number; answers when it is said.
    async fn speak(&mut self, number: u64, sockets: usize) -> Result<(), BenchError>;
}

impl Speak for Talker {
    async fn speak(&mut self, number: u64, sockets: usize) -> Result<(), BenchError> {
        self.say(&message(number)).await?;
        let sent = self.line().await?;
        match sent == sockets.to_string() {
            true => Ok(()),
            false => Err(unexpected(format!("sent {sent} of {sockets} messages"))),
        }
    }
}

async fn broadcast(
    name: &str,
    speaker: &mut impl Speak,
    clients: &mut Talker,
    (sockets, numbers): (usize, RangeInclusive<u64>),
) -> Result<Row, BenchError> {
    let (mut told, mut last) = (Vec::new(), 0);
    for number in numbers {
        clients.say(&format!("sent {number}\n")).await?;
        clients.line().await?;
        speaker.speak(number, sockets).await?;
        told.push(all_have(name, clients, number, sockets).await?);
        last = number;
    }
    // Once more: what came a second time may have come late.
    sleep(LATE).await;
    all_have(name, clients, last, sockets).await?;
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

/// Asks until every client has it; fails when one has this one, or one before it, twice.
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
        let twice: usize = told.broadcasts.iter().map(|it| it.twice).sum();
        let of_this = told.broadcasts.into_iter().find(|it| it.number == number);
        let have = of_this.as_ref().map_or(0, |it| it.have);
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

/// A line with a notification.
pub(super) fn message(number: u64) -> String {
    let message = json!({
        "type": "notification",
        "list": "own",
        "number": number,
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
