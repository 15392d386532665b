//! What the structural tests ask about a machine without running it.

use std::collections::BTreeSet;

use super::machine::{Machine, State, StateKind, Task, Then};

/// A guard that a task lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The Task state.
    pub state: String,
    /// `TimeoutSeconds`, `Retry` or `Catch`.
    pub lacks: &'static str,
}

impl Machine {
    /// The names of all states, sorted.
    pub fn state_names(&self) -> impl Iterator<Item = &str> {
        self.states.keys().map(String::as_str)
    }

    /// The state of this name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.get(name)
    }

    /// Each Task state's name and task, sorted by name.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, &Task)> {
        self.states
            .iter()
            .filter_map(|(name, state)| match &state.kind {
                StateKind::Task(task) => Some((name.as_str(), task.as_ref())),
                _ => None,
            })
    }

    /// The `Resource` of each task, once.
    #[must_use]
    pub fn resources(&self) -> BTreeSet<&str> {
        self.tasks()
            .map(|(_, task)| task.resource.as_str())
            .collect()
    }

    /// Every error name in a `Retry`.
    #[must_use]
    pub fn retried_errors(&self) -> BTreeSet<&str> {
        let retriers = self.tasks().flat_map(|(_, task)| &task.retry);
        retriers
            .flat_map(|retrier| &retrier.error_equals)
            .map(String::as_str)
            .collect()
    }

    /// Every error name in a `Catch`.
    #[must_use]
    pub fn caught_errors(&self) -> BTreeSet<&str> {
        let catchers = self.tasks().flat_map(|(_, task)| &task.catch);
        catchers
            .flat_map(|catcher| &catcher.error_equals)
            .map(String::as_str)
            .collect()
    }

    /// Where the state may go, catchers included, in the order of the file; a target may be there
    /// more than once.
    #[must_use]
    pub fn successors(&self, name: &str) -> Vec<&str> {
        self.states.get(name).map(successors).unwrap_or_default()
    }

    /// Every state that can be entered from `StartAt`, itself included.
    #[must_use]
    pub fn reachable(&self) -> BTreeSet<&str> {
        self.reachable_from(&self.start_at)
    }

    /// Every state that can be entered once `name` is, itself included.
    #[must_use]
    pub fn reachable_from<'m>(&'m self, name: &'m str) -> BTreeSet<&'m str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(self.successors(name));
            }
        }
        seen
    }

    /// Every state that can never be entered.
    #[must_use]
    pub fn unreachable(&self) -> BTreeSet<&str> {
        let reachable = self.reachable();
        self.state_names()
            .filter(|name| !reachable.contains(name))
            .collect()
    }

    /// The guards (time limit, retry, catch) that tasks lack.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        self.tasks()
            .flat_map(|(name, task)| gaps(name, task))
            .collect()
    }
}

fn successors(state: &State) -> Vec<&str> {
    match &state.kind {
        StateKind::Task(task) => next(&task.then)
            .chain(task.catch.iter().map(|catcher| catcher.next.as_str()))
            .collect(),
        StateKind::Choice(choice) => choice
            .rules
            .iter()
            .map(|(_, next)| next)
            .chain(&choice.default)
            .map(String::as_str)
            .collect(),
        StateKind::Wait(wait) => next(&wait.then).collect(),
        StateKind::Pass(pass) => next(&pass.then).collect(),
        StateKind::Succeed | StateKind::Fail(_) => Vec::new(),
    }
}

fn next(then: &Then) -> impl Iterator<Item = &str> {
    match then {
        Then::Next(name) => Some(name.as_str()),
        Then::End => None,
    }
    .into_iter()
}

fn gaps(name: &str, task: &Task) -> impl Iterator<Item = Gap> {
    let guards = [
        ("TimeoutSeconds", task.timeout.is_some()),
        ("Retry", !task.retry.is_empty()),
        ("Catch", !task.catch.is_empty()),
    ];
    let state = name.to_owned();
    let missing = guards.into_iter().filter(|(_, there)| !there);
    missing.map(move |(lacks, _)| Gap {
        state: state.clone(),
        lacks,
    })
}
