//! Programs that are spoken to by lines: one in, one out.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::BenchError;

/// Until a program answers a line.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is spoken to by lines.
#[derive(Debug)]
pub(super) struct Talker {
    /// Killed when dropped.
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Talker {
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Result<Self, BenchError> {
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

    pub(super) async fn say(&mut self, line: &str) -> Result<(), BenchError> {
        self.input.write_all(line.as_bytes()).await?;
        Ok(self.input.flush().await?)
    }

    pub(super) async fn line(&mut self) -> Result<String, BenchError> {
        let line = timeout(PATIENCE, self.output.next_line()).await;
        let line = line.map_err(unexpected)??;
        line.ok_or_else(|| BenchError::Unexpected("a program ended".to_owned()))
    }
}

pub(super) fn unexpected(error: impl std::fmt::Display) -> BenchError {
    BenchError::Unexpected(error.to_string())
}
