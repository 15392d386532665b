//! What a line of the log looks like.

use std::io;
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::Empty;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// A log kept in memory.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// The lines so far, without their times.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let bytes = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let text = String::from_utf8(bytes).unwrap();
        let parse = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            assert!(line.as_object_mut().unwrap().remove("time").is_some());
            line
        };
        text.lines().map(parse).collect()
    }

    /// Makes this the log of the present thread.
    pub(crate) fn install(&self) -> tracing::subscriber::DefaultGuard {
        listen_everywhere();
        let log = subscriber("inventory", EnvFilter::new("info"), self.clone());
        tracing::subscriber::set_default(log)
    }
}

/// While there is only one log, whether a line is wanted is asked on the thread that comes by it
/// first, and remembered for all. So a thread without a log of its own needs one too.
fn listen_everywhere() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap()
    });
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Kept {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
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
