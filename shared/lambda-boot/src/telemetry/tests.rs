//! What a line of the log looks like.

use testkit::log::{KeptLog, log_here};
use tracing::field::Empty;

use super::*;

/// A function's log, kept in memory.
#[derive(Default)]
pub(crate) struct Kept(KeptLog);

impl Kept {
    /// The lines so far, without their times.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            assert!(line.as_object_mut().unwrap().remove("time").is_some());
            line
        };
        self.0.text().lines().map(parse).collect()
    }

    /// Makes this the log of the present thread.
    pub(crate) fn install(&self) -> tracing::subscriber::DefaultGuard {
        log_here(subscriber(
            "inventory",
            Targets::new().with_default(Level::INFO),
            self.0.clone(),
        ))
    }
}

#[test]
fn a_line_is_flat_and_carries_the_fields_of_its_spans() {
    let log = Kept::default();
    let guard = log.install();
    let outer = tracing::info_span!("outer", "order.id" = Empty, step = "reserve").entered();
    outer.record("order.id", "o-1");
    tracing::info_span!("inner", attempt = 2).in_scope(|| {
        tracing::warn!(duration_ms = 7, late = true, "slow");
    });
    tracing::debug!("below the level");
    drop(guard);
    let expected = serde_json::json!({
        "level": "WARN", "function": "inventory", "order.id": "o-1", "step": "reserve",
        "attempt": 2, "message": "slow", "duration_ms": 7, "late": true,
    });
    assert_eq!(log.lines(), [expected]);
}

#[test]
fn times_have_milliseconds() {
    let at: Timestamp = "2026-11-21T01:02:03.004567Z".parse().unwrap();
    assert_eq!(milliseconds(at), "2026-11-21T01:02:03.004Z");
}
