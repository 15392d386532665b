//! Provider time: the machine's, or one that a test moves by hand, so that a day of key
//! retention or a late effect takes no real time.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// Where the stand-ins take their time from. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    Machine,
    Manual(watch::Receiver<i64>),
}

/// Moves a manual [`Clock`] and every copy of it.
#[derive(Debug)]
pub struct Hand(watch::Sender<i64>);

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self::default()
    }

    /// A clock that stands still at the machine's present time until its hand moves it.
    pub fn manual() -> (Self, Hand) {
        let (sender, receiver) = watch::channel(Self::machine().now());
        (Self(Source::Manual(receiver)), Hand(sender))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the stand-ins' time comes from"
    )]
    pub(crate) fn now(&self) -> i64 {
        match &self.0 {
            Source::Machine => Timestamp::now().as_millisecond(),
            Source::Manual(time) => *time.borrow(),
        }
    }

    pub(crate) async fn until(&self, due: i64) {
        match &self.0 {
            Source::Machine => {
                let left = u64::try_from(due.saturating_sub(self.now())).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(left)).await;
            }
            Source::Manual(time) => {
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
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.send_modify(|now| *now = now.saturating_add(by));
    }
}
