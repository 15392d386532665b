//! A log kept in memory.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::Subscriber;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default};
use tracing_subscriber::fmt::MakeWriter;

use crate::{lock, must};

/// What was logged. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct KeptLog(Arc<Mutex<Vec<u8>>>);

impl KeptLog {
    /// All of it so far.
    pub fn text(&self) -> String {
        must(String::from_utf8(lock(&self.0).clone()))
    }
}

impl io::Write for KeptLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for KeptLog {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Makes this the log of the present thread until the guard is dropped.
///
/// While there is only one log, whether a line is wanted is asked on the thread that comes by it
/// first, and remembered for all. So the threads without a log of their own get one too.
pub fn log_here(log: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| must(set_global_default(tracing_subscriber::registry())));
    set_default(log)
}
