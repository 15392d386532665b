//! The proxy's time: the machine's, or one that a test moves by hand, so that a delay or a second's
//! worth of units takes no real time.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Where the proxy takes its time from: how long it has been running.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Machine(Instant),
    Manual(watch::Receiver<Duration>),
}

/// Moves a manual [`Clock`] and every copy of it.
#[derive(Debug)]
pub struct Hand(watch::Sender<Duration>);

impl Default for Clock {
    fn default() -> Self {
        Self::machine()
    }
}

impl Clock {
    /// The machine's clock, from now on.
    pub fn machine() -> Self {
        Self(Source::Machine(Instant::now()))
    }

    /// A clock that stands still until its hand moves it.
    pub fn manual() -> (Self, Hand) {
        let (sender, receiver) = watch::channel(Duration::ZERO);
        (Self(Source::Manual(receiver)), Hand(sender))
    }

    pub(crate) fn now(&self) -> Duration {
        match &self.0 {
            Source::Machine(start) => start.elapsed(),
            Source::Manual(time) => *time.borrow(),
        }
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        match &self.0 {
            Source::Machine(_) => tokio::time::sleep(duration).await,
            Source::Manual(time) => {
                let due = self.now().saturating_add(duration);
                let mut time = time.clone();
                if time.wait_for(|now| *now >= due).await.is_err() {
                    // The hand is gone: time stands still for ever.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

impl Hand {
    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = now.saturating_add(by));
    }
}
