//! I13: who is dead is not called more often than somebody wanted to.

use super::{Findings, Violation, World};

/// Calls of a third party while it was dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Whom.
    pub party: String,
    /// So many were wanted.
    pub offered: u64,
    /// So many reached it, over all processes.
    pub made: u64,
}

/// Calls to a dead dependency ≤ 1.1 × offered.
pub(super) fn load(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I13");
    for Calls {
        party,
        offered,
        made,
    } in &world.calls
    {
        findings.check(made * 10 <= offered * 11, || {
            format!("{party} was dead and was called {made} times for {offered}")
        });
    }
    findings.found
}
