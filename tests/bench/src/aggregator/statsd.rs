//! Etsy's `statsd`, which is spoken to by datagrams: what it takes of the processor for each metric that it
//! says to have received. What is lost on the way does not count, for it or against it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UdpSocket};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::BenchError;

/// As much as a datagram takes without being cut on the way.
const DATAGRAM: usize = 1_400;
/// How long it is sent to, once it is warm.
const MEASURED: Duration = Duration::from_secs(4);
/// How long it is sent to before.
const WARM: Duration = Duration::from_secs(2);
/// Longer than all of this, so that it does nothing but receive.
const FLUSHED_MS: u64 = 600_000;
/// Datagrams between two pauses.
const BURST: usize = 50;
/// Until it answers.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Line<'a> {
    event_type: &'a str,
    value: f64,
}

/// Metrics a second of its processor time.
pub(super) async fn rate(command: &[String], lines: &Path, out: &Path) -> Result<f64, BenchError> {
    let datagrams = datagrams(&std::fs::read_to_string(lines)?)?;
    let (port, management) = (free_port().await?, free_port().await?);
    let config = out.join("statsd.js");
    let settings = format!(
        "{{ port: {port}, mgmt_port: {management}, address: '127.0.0.1', mgmt_address: '127.0.0.1', \
         backends: [], flushInterval: {FLUSHED_MS} }}"
    );
    std::fs::write(&config, settings)?;
    let Some((program, arguments)) = command.split_first() else {
        return Err(BenchError::Unexpected(
            "statsd without a command".to_owned(),
        ));
    };
    let statsd = Command::new(program)
        .args(arguments)
        .arg(&config)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let sender = UdpSocket::bind(("127.0.0.1", 0)).await?;
    sender.connect(("127.0.0.1", port)).await?;
    received(management).await?;
    send(&sender, &datagrams, WARM).await;
    let (before, began) = (received(management).await?, spent(&statsd)?);
    send(&sender, &datagrams, MEASURED).await;
    let (after, ended) = (received(management).await?, spent(&statsd)?);
    let took = ended.saturating_sub(began).as_secs_f64();
    match after > before && took > 0.0 {
        true => Ok((after - before) / took),
        false => Err(BenchError::Unexpected("statsd received nothing".to_owned())),
    }
}

/// A timer by type for each line, as many in a datagram as it takes.
fn datagrams(lines: &str) -> Result<Vec<String>, BenchError> {
    let mut all = vec![String::new()];
    for line in lines.lines() {
        let line: Line<'_> = serde_json::from_str(line)
            .map_err(|error| BenchError::Json("a line".to_owned(), error))?;
        if all.last().is_none_or(|last| last.len() + 40 > DATAGRAM) {
            all.push(String::new());
        }
        if let Some(last) = all.last_mut() {
            let gap = if last.is_empty() { "" } else { "\n" };
            last.push_str(&format!("{gap}{}:{}|ms", line.event_type, line.value));
        }
    }
    Ok(all)
}

async fn send(to: &UdpSocket, datagrams: &[String], during: Duration) {
    let end = Instant::now() + during;
    let mut all = datagrams.iter().cycle();
    while Instant::now() < end {
        for datagram in all.by_ref().take(BURST) {
            // Whatever is not taken is not counted.
            drop(to.send(datagram.as_bytes()).await);
        }
        sleep(Duration::from_millis(1)).await;
    }
}

/// How many metrics it has received since it began.
async fn received(management: u16) -> Result<f64, BenchError> {
    let ask = async {
        loop {
            if let Ok(mut statsd) = TcpStream::connect(("127.0.0.1", management)).await {
                // It takes whatever comes at once for one command.
                statsd.write_all(b"counters").await?;
                let mut said = String::new();
                let mut lines = BufReader::new(statsd).lines();
                while let Some(line) = lines.next_line().await?.filter(|line| line != "END") {
                    said.push_str(&line);
                    said.push('\n');
                }
                return Ok::<_, std::io::Error>(said);
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let late = |_| BenchError::Unexpected("statsd does not answer".to_owned());
    let said = timeout(PATIENCE, ask).await.map_err(late)??;
    let counter = said
        .lines()
        .find(|line| line.contains("statsd.metrics_received"));
    let number = counter.and_then(|line| line.split_once(':'));
    let number = number.map(|(_, number)| number.trim().trim_end_matches(','));
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| BenchError::Unexpected(format!("statsd said {said}")))
}

/// Processor time of a program and of the system for it.
fn spent(program: &Child) -> Result<Duration, BenchError> {
    let unknown = || BenchError::Unexpected("statsd has ended".to_owned());
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", program.id().ok_or_else(unknown)?))?;
    // Behind the name in brackets: the 14th and the 15th of all, in hundredths of a second.
    let (_, rest) = stat.rsplit_once(')').ok_or_else(unknown)?;
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

async fn free_port() -> Result<u16, BenchError> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?.port())
}
