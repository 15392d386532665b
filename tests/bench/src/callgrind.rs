//! Instructions that a program executes, counted by valgrind's callgrind. The count is that of all
//! threads and libraries, from the first instruction of the process, without the kernel's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::instance::{Instance, InstanceError, Program};

/// A counter, where the machine has one.
#[derive(Clone, Debug)]
pub struct Callgrind {
    runner: Vec<OsString>,
    output: PathBuf,
}

impl Callgrind {
    /// The counter at this path, if it runs. Its files go into the folder.
    pub fn find(valgrind: &Path, folder: &Path) -> Option<Self> {
        let output = folder.join("callgrind.out");
        let asked = Command::new(valgrind).arg("--version").output().ok()?;
        if !asked.status.success() {
            return None;
        }
        let mut runner: Vec<OsString> =
            vec![valgrind.into(), "--tool=callgrind".into(), "-q".into()];
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(&output);
        runner.push(file);
        Some(Self { runner, output })
    }

    /// Instructions from the start of the process to its first request for an event.
    ///
    /// # Errors
    /// When the program fails, or there is no count.
    pub async fn start(&self, program: &Program) -> Result<u64, InstanceError> {
        self.run(program, &[]).await
    }

    /// All instructions of a run that answers these events and then ends.
    async fn run(&self, program: &Program, events: &[Value]) -> Result<u64, InstanceError> {
        let mut instance = Instance::start(&program.under(&self.runner)).await?;
        for event in events {
            instance.invoke(event).await?;
        }
        instance.stop().await?;
        let failed = |source| InstanceError::Start {
            program: "callgrind".to_owned(),
            source,
        };
        let text = std::fs::read_to_string(&self.output).map_err(failed)?;
        total(&text).ok_or_else(|| failed(std::io::Error::other("its file has no total")))
    }
}

/// The total of a callgrind file
/// (<https://valgrind.org/docs/manual/cl-format.html>: `totals:` or `summary:`).
fn total(file: &str) -> Option<u64> {
    let line = file.lines().rev().find_map(|line| {
        let rest = line.strip_prefix("totals:");
        rest.or_else(|| line.strip_prefix("summary:"))
    })?;
    line.split_whitespace().next()?.parse().ok()
}
