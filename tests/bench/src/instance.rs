//! One running instance of a function: its program, started as Lambda would.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use thiserror::Error;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::runtime_api::{FunctionError, RuntimeApi};

/// Until a program has asked for its first event, or answered one: long enough for one that runs
/// under an instruction counter.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why a figure could not be taken.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// The program, or what runs it, did not start.
    #[error("{program} cannot be started")]
    Start {
        /// What was started.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended, or said that it cannot start, or took too long.
    #[error("{0} did not ask for an event")]
    NotReady(String),
    /// It took too long, or ended.
    #[error("{0} did not answer")]
    NoAnswer(String),
    /// It answered with an error.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// It answered something that is not JSON.
    #[error("{0} answered something that is not JSON")]
    NotJson(String, #[source] serde_json::Error),
}

/// A program to be measured.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it is called in the figures.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Its environment; nothing else of ours is passed on.
    pub environment: BTreeMap<String, String>,
}

impl Program {
    /// The same, run by another program.
    #[must_use]
    pub fn under(&self, runner: &[OsString]) -> Self {
        let command = runner.iter().chain(&self.command).cloned().collect();
        Self {
            command,
            ..self.clone()
        }
    }
}

/// A running program. Killed when dropped.
#[derive(Debug)]
pub struct Instance {
    name: String,
    api: RuntimeApi,
    child: Child,
    /// From spawning the process to its first request for an event.
    pub first_next: Duration,
    answers: u64,
}

impl Instance {
    /// Starts the program and waits until it asks for its first event.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start(program: &Program) -> Result<Self, InstanceError> {
        let cannot_start = |source| InstanceError::Start {
            program: program.name.clone(),
            source,
        };
        let api = RuntimeApi::start().await.map_err(cannot_start)?;
        let mut words = program.command.iter();
        let mut command = Command::new(words.next().unwrap_or(&OsString::new()));
        command
            .args(words)
            .env_clear()
            .envs(&program.environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", &program.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(cannot_start)?;
        let mut instance = Self {
            name: program.name.clone(),
            api,
            child,
            first_next: Duration::ZERO,
            answers: 0,
        };
        let asked = instance.until_ready().await?;
        instance.first_next = asked.duration_since(started);
        Ok(instance)
    }

    async fn until_ready(&mut self) -> Result<Instant, InstanceError> {
        let asked = tokio::select! {
            asked = timeout(PATIENCE, self.api.first_next()) => asked.ok().flatten(),
            _ = self.child.wait() => None,
        };
        asked.ok_or_else(|| InstanceError::NotReady(self.name.clone()))
    }

    /// Hands over an event; answers with what the function answered, and after what time.
    ///
    /// # Errors
    /// When it failed, ended, or answered no JSON.
    pub async fn invoke(&mut self, event: &Value) -> Result<(Value, Duration), InstanceError> {
        let asked = Instant::now();
        let answer = timeout(PATIENCE, self.api.invoke(event)).await;
        let took = asked.elapsed();
        let Ok(Ok(answer)) = answer else {
            return Err(InstanceError::NoAnswer(self.name.clone()));
        };
        self.answers += 1;
        let value = serde_json::from_str(&answer?)
            .map_err(|error| InstanceError::NotJson(self.name.clone(), error))?;
        Ok((value, took))
    }

    /// Most memory that was resident at once, in bytes, where the system says so
    /// (`VmHWM` of `/proc/<pid>/status`, `proc(5)`).
    pub fn peak_resident_bytes(&self) -> Option<u64> {
        let status = PathBuf::from(format!("/proc/{}/status", self.child.id()?));
        let text = std::fs::read_to_string(status).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Waits until the function asks for its next event, then asks the process to end, and waits
    /// until it has.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn stop(mut self) -> Result<(), InstanceError> {
        let late = |_| InstanceError::NotReady(self.name.clone());
        timeout(PATIENCE, self.api.asked_again(self.answers))
            .await
            .map_err(late)?;
        let failed = |source| InstanceError::Start {
            program: "kill".to_owned(),
            source,
        };
        if let Some(id) = self.child.id() {
            let mut kill = Command::new("kill");
            kill.arg(id.to_string()).status().await.map_err(failed)?;
        }
        let ended = timeout(PATIENCE, self.child.wait()).await.map_err(late)?;
        ended.map_err(failed)?;
        Ok(())
    }
}
