//! Thousands of clients in one process: they open a socket each, hear, and tell what they heard.
//!
//! Says `open` once all sockets are. Told by a line of its input that a broadcast is `sent NUMBER` it
//! says `noted`; told to `cut COUNT` it lets so many sockets go without a closing frame, and says
//! `noted`; asked by any other it says what was heard so far of each broadcast by those still there:
//! how many have it, how many have it more than once, and how long after it was noted. Broadcasts are
//! JSON with a `number` or a `sequence`.

mod heard;

use std::error::Error;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::heard::Heard;

/// Of each socket, in bytes; the library's own 128 KB would be 640 MB for 5,000.
const BUFFER: usize = 4 * 1024;
/// How many handshakes may be under way.
const AT_ONCE: usize = 64;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens sockets and tells what they hear.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where.
    url: String,
    /// How many.
    sockets: usize,
    /// How many a second, at most.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    raise_limit();
    let sockets = open_all(&arguments).await?;
    let heard = Arc::new(Mutex::new(Heard::new(sockets.len())));
    let sockets = sockets.into_iter().enumerate();
    let begin = |(number, socket)| tokio::spawn(listen(number, socket, Arc::clone(&heard)));
    let listeners: Vec<JoinHandle<()>> = sockets.map(begin).collect();
    say("open")?;
    let mut questions = lines();
    while let Some(line) = questions.recv().await {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        match line.split_once(' ') {
            Some(("sent", number)) => heard.is_sent(number.parse()?, Instant::now()),
            Some(("cut", count)) => {
                let count = count.parse()?;
                listeners.iter().take(count).for_each(JoinHandle::abort);
                heard.left(count);
            }
            _ => {
                say(&serde_json::to_string(&heard.told())?)?;
                continue;
            }
        }
        say("noted")?;
    }
    Ok(())
}

async fn open_all(arguments: &Arguments) -> Result<Vec<Socket>, tungstenite::Error> {
    let begun = Instant::now();
    let gap = Duration::from_secs(1) / arguments.rate.max(1);
    let one = |number: usize| async move {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        sleep_until(begun + gap.saturating_mul(number)).await;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER);
        let opened = connect_async_with_config(&arguments.url, Some(config), true).await;
        let (socket, _) = opened?;
        Ok(socket)
    };
    let all = stream::iter((0..arguments.sockets).map(one));
    all.buffer_unordered(AT_ONCE).try_collect().await
}

async fn listen(number: usize, mut socket: Socket, heard: Arc<Mutex<Heard>>) {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            let at = Instant::now();
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.take(number, &text, at);
        }
    }
    heard.lock().unwrap_or_else(PoisonError::into_inner).cut();
}

/// Lines of the input, read by a thread of their own.
fn lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// As many open files as this process may have: each socket is one.
fn raise_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        eprintln!("there will be no more open files than usual: {error}");
    }
}
