//! A running proxy, and in typed form everything that its control surface does.

use std::error::Error;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

use crate::app::App;
use crate::clock::Clock;
use crate::control;
use crate::faults::{Faults, Rule, Standing};
use crate::gate::Gate;
use crate::ledger::{Calls, Ledger};
use crate::pass::pass;
use crate::physics::Physics;
use crate::refused::Refused;
use crate::trace::Sum;
use crate::upstream::Upstream;

/// How long open calls may keep a stopping proxy alive.
const GRACE: Duration = Duration::from_secs(2);

/// How to run a proxy.
#[derive(Debug, Clone)]
pub struct Options {
    /// On 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// `http://host:port` of what stands behind it.
    pub upstream: String,
    /// Decides which calls a fault with a share strikes.
    pub seed: u64,
    /// Names of the key attributes of all tables.
    pub keys: Vec<String>,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            upstream: "http://127.0.0.1:4566".to_owned(),
            seed: 1,
            keys: vec!["pk".to_owned(), "sk".to_owned()],
            clock: Clock::machine(),
        }
    }
}

/// Why a proxy cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The upstream is something else.
    #[error("the upstream '{upstream}' is not of the form http://host:port")]
    Upstream {
        /// What was given.
        upstream: String,
    },
    /// The port cannot be had, mostly because another program has it.
    #[error("cannot listen on port {port}")]
    Port {
        /// On 127.0.0.1.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The listener failed, or the signals cannot be listened for.
    #[error("the listener failed")]
    Listen(#[from] io::Error),
    /// The server stopped by itself.
    #[error("the server broke")]
    Broken(#[from] JoinError),
}

/// A proxy that runs as a task of the present tokio runtime until it is stopped or dropped.
#[derive(Debug)]
pub struct Proxy {
    app: Arc<App>,
    address: SocketAddr,
    seed: u64,
    stop: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
}

impl Proxy {
    /// Starts one on a free port.
    pub async fn start(upstream: &str, seed: u64) -> Result<Self, StartError> {
        Self::start_with(Options {
            upstream: upstream.to_owned(),
            seed,
            ..Options::default()
        })
        .await
    }

    /// Starts one. It accepts connections once this returns.
    pub async fn start_with(options: Options) -> Result<Self, StartError> {
        let upstream = options.upstream;
        let upstream = Upstream::new(&upstream).ok_or(StartError::Upstream { upstream })?;
        let port = options.port;
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(|source| StartError::Port { port, source })?;
        let address = listener.local_addr()?;
        let app = Arc::new(App {
            clock: options.clock,
            upstream,
            ledger: Ledger::default(),
            gate: Gate::new(options.keys),
            faults: Faults::new(options.seed),
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&app), stopped));
        Ok(Self {
            app,
            address,
            seed: options.seed,
            stop,
            server,
        })
    }

    /// Where it listens: the endpoint to give to an SDK.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it passes calls on to.
    pub fn upstream(&self) -> String {
        self.app.upstream.url()
    }

    /// What its random choices follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The ledger: the last 200,000 calls.
    pub fn calls(&self) -> Calls {
        self.app.ledger.calls()
    }

    /// All calls, summed by caller, service, operation and resource, in that order.
    pub fn trace(&self) -> Vec<Sum> {
        self.app.ledger.trace()
    }

    /// Empties the ledger and the sums.
    pub fn forget(&self) {
        self.app.ledger.forget();
    }

    /// The physics that are on.
    pub fn physics(&self) -> Physics {
        Physics::clone(&self.app.gate.physics())
    }

    /// Replaces the physics. Every item may take a full second's worth of units again.
    pub fn set_physics(&self, physics: Physics) -> Result<(), Refused> {
        self.app.gate.set(physics)
    }

    /// The faults that are on, with how often each struck.
    pub fn faults(&self) -> Vec<Standing> {
        self.app.faults.list()
    }

    /// Replaces the faults. The first rule that strikes a call decides.
    pub fn set_faults(&self, rules: Vec<Rule>) -> Result<(), Refused> {
        self.app.faults.replace(rules, self.app.clock.now())
    }

    /// Switches all faults off.
    pub fn heal(&self) {
        self.app.faults.heal();
    }

    /// Lets open calls end for two seconds, then ends.
    pub async fn stop(self) -> Result<(), StartError> {
        self.stop.send_replace(true);
        Ok(self.server.await??)
    }
}

async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let router = Router::new()
        .nest("/_proxy", control::routes())
        .fallback(pass)
        .with_state(app);
    let listener = listener.tap_io(|stream| {
        // Without it small answers wait 40 ms for an acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("aws-proxy: a connection stays slow: {error}");
        }
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(told(stopped.clone()));
    let patience = async move {
        told(stopped).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => ended,
        () = patience => Ok(()),
    }
}

/// Ready when the proxy is stopped; a proxy that was dropped is.
async fn told(mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}

impl StartError {
    /// The error and what led to it, on one line.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}
