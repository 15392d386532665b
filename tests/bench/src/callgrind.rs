//! Instructions that a program executes, counted by valgrind's callgrind. The count is that of all
//! threads and libraries, from the first instruction of the process, without the kernel's.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::instance::{Instance, InstanceError, Program};

/// Beginnings of paths into crates of this repository that are part of functions.
const OURS: [&str; 25] = [
    "aws_calls::",
    "consumer::",
    "contracts::",
    "domain::",
    "dynamo_store::",
    "http_edge::",
    "https::",
    "intake::",
    "inventory::",
    "lambda_boot::",
    "mailer::",
    "messaging::",
    "notify::",
    "orders::",
    "orders_api::",
    "payments::",
    "place_order::",
    "providers::",
    "publish_events::",
    "push_updates::",
    "shipping::",
    "sockets::",
    "start_saga::",
    "sweep::",
    "workflow::",
];

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
        let instance = Instance::start(&program.under(&self.runner)).await?;
        instance.stop().await?;
        Ok(self.profile()?.total())
    }

    /// The counter and its arguments; the program follows.
    pub fn runner(&self) -> &[OsString] {
        &self.runner
    }

    /// What the last program executed that has ended.
    ///
    /// # Errors
    /// When there is no count.
    pub fn profile(&self) -> Result<Profile, InstanceError> {
        let failed = |source| InstanceError::Start {
            program: "callgrind".to_owned(),
            source,
        };
        let text = std::fs::read(&self.output).map_err(failed)?;
        // The next program's count must not be this one's.
        std::fs::remove_file(&self.output).map_err(failed)?;
        let profile = Profile::parse(&String::from_utf8_lossy(&text));
        match profile.total() {
            0 => Err(failed(std::io::Error::other("it counted nothing"))),
            _ => Ok(profile),
        }
    }
}

/// Instructions by function of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile(BTreeMap<String, u64>);

impl Profile {
    /// Reads a file of callgrind (<https://valgrind.org/docs/manual/cl-format.html>): the costs
    /// of a function follow its `fn=` line, one line for each place in it; those of what it calls
    /// stand behind a `calls=` line and count there, not here. A name is written out once, with a
    /// number that stands for it from then on.
    fn parse(file: &str) -> Self {
        let mut profile = Self::default();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        let mut function = "";
        let mut lines = file.lines();
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("fn=").or(line.strip_prefix("cfn=")) {
                let (number, text) = name.split_once(' ').unwrap_or((name, ""));
                if !text.is_empty() {
                    names.insert(number, text);
                }
                if line.starts_with("fn=") {
                    function = names.get(number).copied().unwrap_or(number);
                }
            } else if line.starts_with("calls=") {
                lines.next();
            } else if line.starts_with(['+', '-', '*'])
                || line.starts_with(|c: char| c.is_ascii_digit())
            {
                let cost = line.split_whitespace().nth(1);
                let cost: u64 = cost.and_then(|cost| cost.parse().ok()).unwrap_or_default();
                *profile.0.entry(function.to_owned()).or_default() += cost;
            }
        }
        profile
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Those in functions of crates of this repository.
    pub fn own(&self) -> u64 {
        let ours = self.0.iter().filter(|(name, _)| is_ours(name));
        ours.map(|(_, cost)| cost).sum()
    }

    /// What this one has more than a run that did less.
    #[must_use]
    pub fn since(&self, less: &Self) -> Self {
        let more = |(name, cost): (&String, &u64)| {
            let before = less.0.get(name).copied().unwrap_or_default();
            (name.clone(), cost.saturating_sub(before))
        };
        Self(self.0.iter().map(more).collect())
    }

    /// An equal part of each.
    #[must_use]
    pub fn divided_by(&self, parts: u64) -> Self {
        let part = |(name, cost): (&String, &u64)| {
            (name.clone(), cost.checked_div(parts).unwrap_or_default())
        };
        Self(self.0.iter().map(part).collect())
    }
}

/// Whether a function's path names one of our crates. A library's function that was compiled for
/// one of our types names it too, and counts as ours.
fn is_ours(name: &str) -> bool {
    let begins_a_path = |at: usize| {
        let before = name.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
    };
    OURS.iter()
        .any(|ours| name.match_indices(ours).any(|(at, _)| begins_a_path(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "version: 1\nevents: Ir\nfn=(1) place_order::place::place\n10 7\n+2 3\n\
        cfn=(2) memcpy\ncalls=1 0\n+1 500\n* 1\nfn=(2)\n0 500\n\
        fn=(3) <T as core::fmt::Debug>::fmt::<contracts::Body>\n1 2\nsummary: 513\n";

    #[test]
    fn costs_count_where_they_arise_and_names_are_written_once() {
        let profile = Profile::parse(FILE);
        let place = profile.0.get("place_order::place::place");
        assert_eq!(
            (profile.total(), place, profile.own()),
            (513, Some(&11), 13)
        );
    }

    #[test]
    fn a_crate_is_ours_by_its_own_name_only() {
        assert!(is_ours("<domain::Order as core::clone::Clone>::clone"));
        assert!(!is_ours("subdomain::parse"));
        assert!(!is_ours("http::domain::parse"));
    }

    #[test]
    fn the_difference_of_two_runs_is_what_the_second_did_more() {
        let (less, more) = (
            Profile::parse(FILE),
            Profile::parse(&FILE.replace("10 7", "10 27")),
        );
        assert_eq!(more.since(&less).divided_by(2).total(), 10);
    }
}
