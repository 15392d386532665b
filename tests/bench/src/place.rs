//! Where the programs are, and what is around them while they are measured.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use aws_proxy::Proxy;
use http_edge::Role;
use http_edge::token::{Claims, SigningKey};
use tokio::net::TcpListener;

use crate::BenchError;
use crate::backend::Backend;
use crate::callgrind::Callgrind;
use crate::functions::{AUDIENCE, ISSUER, Settings, program};
use crate::instance::Program;

/// Seed of the proxy; nothing that is measured here depends on chance.
const SEED: u64 = 1;

/// Where the programs are.
#[derive(Debug)]
pub struct Place {
    /// Folder of the built functions.
    pub functions: PathBuf,
    /// Folder of their packages.
    pub packages: PathBuf,
    /// Names and commands of the peers, from the root of the repository.
    pub peers: BTreeMap<String, Vec<String>>,
    /// Counts instructions, where the machine can.
    pub callgrind: Option<Callgrind>,
    /// What the machine says of itself.
    pub machine: String,
    /// The private key of [`Place::key`], in PEM.
    pub pem: String,
    /// Signs the tokens of all runs, so that one run's requests are good in another.
    pub key: SigningKey,
}

/// What the programs call while they are measured. One for each run, so that none meets what
/// another wrote.
#[derive(Debug)]
pub struct Surroundings {
    /// Tables, and whatever else takes what is sent.
    pub backend: Backend,
    /// Between the programs and the backend.
    pub proxy: Proxy,
    /// What the programs read from their environment.
    pub settings: Settings,
}

impl Place {
    /// New ones, with empty tables and no provider remembering anything.
    ///
    /// # Errors
    /// When a port or a key cannot be had.
    pub async fn surroundings(&self) -> Result<Surroundings, BenchError> {
        let backend = Backend::start().await?;
        let proxy = Proxy::start(&backend.url, SEED).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let providers = format!("http://{}", listener.local_addr()?);
        let stand_ins = provider_stand_ins::serve(listener, provider_stand_ins::Options::default());
        tokio::spawn(stand_ins);
        let settings = Settings {
            aws: proxy.url(),
            providers,
            jwks: self.key.jwks()?,
            pem: self.pem.clone(),
        };
        Ok(Surroundings {
            backend,
            proxy,
            settings,
        })
    }

    /// A function of ours.
    pub fn function(&self, name: &str, around: &Surroundings) -> Program {
        program(&self.functions, name, &around.settings)
    }

    /// What ours are compared with.
    pub fn peers(&self, around: &Surroundings) -> Vec<Program> {
        let peer = |(name, command): (&String, &Vec<String>)| Program {
            name: name.clone(),
            command: command.iter().map(OsString::from).collect(),
            environment: around.settings.environment(),
        };
        self.peers.iter().map(peer).collect()
    }

    /// A customer's token, good for an hour.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self) -> Result<String, BenchError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "functions under measurement read the clock"
        )]
        let now = jiff::Timestamp::now().as_second();
        Ok(self.key.mint(&Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: "bench".to_owned(),
            tenant: "main".to_owned(),
            roles: vec![Role::Customer],
            email: Some("bench@example.org".to_owned()),
            sid: None,
            iat: now,
            nbf: None,
            exp: now + 3600,
        })?)
    }

    /// Size of a function's package.
    pub fn package_bytes(&self, name: &str) -> Option<u64> {
        let file = self.packages.join(format!("{name}.zip"));
        std::fs::metadata(file).ok().map(|file| file.len())
    }

    /// Says what is being done; on a terminal on one line that the next overwrites.
    pub fn progress(&self, what: impl std::fmt::Display) {
        let mut err = std::io::stderr().lock();
        let said = if err.is_terminal() {
            write!(err, "\r\x1b[2K{what}").and_then(|()| err.flush())
        } else {
            writeln!(err, "{what}")
        };
        // Nobody may be listening.
        drop(said);
    }
}

impl Surroundings {
    /// Calls of an API; opening a connection ahead is none.
    pub fn api_calls(&self) -> u64 {
        let sums = self.proxy.trace();
        let calls = sums.iter().filter(|sum| !sum.service.is_empty());
        calls.map(|sum| sum.calls).sum()
    }
}
