//! A clock that jumps to the next moment at which somebody wants to go on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Time;

/// Time begins with it.
#[derive(Debug, Default)]
pub(crate) struct Virtual {
    age: Cell<Duration>,
    sleepers: RefCell<BTreeMap<Duration, Vec<Waker>>>,
}

impl Virtual {
    pub(crate) fn age(&self) -> Duration {
        self.age.get()
    }

    pub(crate) fn jump(&self, to: Duration) {
        self.age.set(to);
    }

    pub(crate) async fn until(&self, age: Duration) {
        std::future::poll_fn(|context| {
            if self.age() >= age {
                return Poll::Ready(());
            }
            let mut sleepers = self.sleepers.borrow_mut();
            let waker = context.waker().clone();
            sleepers.entry(age).or_default().push(waker);
            Poll::Pending
        })
        .await;
    }

    /// Runs to the end, however long it takes.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                return result;
            }
            let next = self.sleepers.borrow_mut().pop_first();
            let (age, sleepers) = next.expect("nobody sleeps, and nobody goes on");
            self.age.set(age.max(self.age()));
            sleepers.into_iter().for_each(Waker::wake);
        }
    }
}

/// Of one thread; the trait is for more.
impl Time for Virtual {
    fn now(&self) -> Timestamp {
        let age = SignedDuration::try_from(self.age()).unwrap();
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(250_000) + age
    }

    async fn sleep(&self, pause: Duration) {
        self.until(self.age() + pause).await;
    }
}
