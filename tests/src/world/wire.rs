//! The way from a function to whatever it calls. Each call takes virtual time, lets everybody
//! else go on meanwhile, and is where faults strike.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use breaker::{PutError, ShareError, Time};
use contracts::events::PublishError;
use domain::ports::{
    Cause, HoldError, KeepError, MailError, ProviderError, SaveError, StartError, StoreError,
};
use jiff::Timestamp;
use serde_json::Value;

use super::fault::{Fault, Faults, Site, Visit};
use super::kernel::{Kernel, Pace, Slot, after};
use crate::asl::TaskError;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a function may run; then it answers that it does not know.
const BUDGET: Duration = Duration::from_millis(14_500);

/// What an invocation answers.
pub(crate) type Answer = Result<Value, TaskError>;

/// One invocation's way to the outside.
#[derive(Clone, Debug)]
pub struct Wire {
    kernel: Kernel,
    faults: Faults,
    pace: Pace,
    visit: Visit,
    began: Timestamp,
    patience: Duration,
    budget: Duration,
    calls: Arc<AtomicU32>,
    answer: Slot<Answer>,
}

/// An error that can stand for a call that was not answered.
pub trait Unanswered: Send {
    /// Certain that nothing happened.
    fn refused() -> Self;
    /// Nobody knows.
    fn lost() -> Self;
}

impl Wire {
    pub(super) fn new(
        (kernel, faults): (&Kernel, &Faults),
        pace: Pace,
        visit: Visit,
        answer: &Slot<Answer>,
    ) -> Self {
        Self {
            kernel: kernel.clone(),
            faults: faults.clone(),
            pace,
            visit,
            began: kernel.now(),
            patience: PATIENCE,
            budget: BUDGET,
            calls: Arc::new(AtomicU32::new(0)),
            answer: answer.clone(),
        }
    }

    /// Of a function whose clients wait so long for an answer, and that may run so long.
    #[must_use]
    pub fn limited(self, patience: Duration, budget: Duration) -> Self {
        Self {
            budget,
            ..self.patient(patience)
        }
    }

    /// The same, for another process of the invocation.
    pub(super) fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// What another process of the invocation answers; none where that one died.
    pub(super) async fn answer_of(&self, other: &Slot<Answer>) -> Answer {
        let end = after(self.began, self.budget);
        let answer = self.pace.wait(other, end).await;
        answer.unwrap_or_else(|| Err(TaskError::lambda("Runtime.ExitError", "")))
    }

    /// Of a client that waits so long for an answer.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Makes one call.
    ///
    /// # Errors
    /// Whatever it answers; [`Unanswered`] where a fault strikes.
    pub async fn call<T, E>(
        &self,
        port: &'static str,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Unanswered + 'static,
    {
        let site = Site {
            state: self.visit.state.clone(),
            nth: self.calls.fetch_add(1, Ordering::SeqCst),
            port,
        };
        self.take(1, 60).await;
        let fault = self.faults.of_call(&self.visit, &site, &self.kernel);
        self.note(&site, fault.as_ref());
        let outcome = match fault {
            None => work.await,
            Some(fault) => self.suffer(fault, work).await,
        };
        self.take(1, 60).await;
        outcome
    }

    async fn suffer<T, E>(
        &self,
        fault: Fault,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Unanswered + 'static,
    {
        match fault {
            Fault::FailBefore => Err(E::refused()),
            Fault::LostBefore => self.no_answer().await,
            Fault::AppliedButTimeout => {
                drop(work.await);
                self.no_answer().await
            }
            Fault::DelayThenApply(late) => {
                self.kernel.spawn(|pace| async move {
                    pace.sleep(late).await;
                    drop(work.await);
                });
                self.no_answer().await
            }
            Fault::KillBefore => self.die().await,
            Fault::KillAfter => {
                drop(work.await);
                self.die().await
            }
            Fault::Freeze(time) => {
                self.pace.sleep(time).await;
                work.await
            }
            Fault::Duplicate(_) | Fault::Answer(_) | Fault::AnswerAfter(_) | Fault::Abort => {
                work.await
            }
        }
    }

    async fn no_answer<T, E: Unanswered>(&self) -> Result<T, E> {
        let end = after(self.began, self.budget);
        let patience = after(self.kernel.now(), self.patience);
        self.pace.sleep_until(patience.min(end)).await;
        if patience > end {
            self.end("Unavailable").await;
        }
        Err(E::lost())
    }

    async fn die(&self) -> ! {
        self.end("Runtime.ExitError").await
    }

    /// Answers an error and never goes on.
    async fn end(&self, error: &str) -> ! {
        self.answer.answer(Err(TaskError::lambda(error, "")));
        self.pace.die().await
    }

    /// Lets some milliseconds pass.
    async fn take(&self, least: u64, most: u64) {
        let time = self.kernel.between(least, most);
        self.pace.sleep(time).await;
    }

    fn note(&self, site: &Site, fault: Option<&Fault>) {
        let Visit {
            subject, number, ..
        } = &self.visit;
        let at = self.kernel.now();
        let (state, port) = (&site.state, site.port);
        let line = match fault {
            None => format!("{at} {subject} {state}.{number} {port}"),
            Some(fault) => format!("{at} {subject} {state}.{number} {port} <- {fault:?}"),
        };
        self.faults.note(line);
    }
}

/// A function's own clock, and its pauses.
impl Time for Wire {
    fn now(&self) -> Timestamp {
        self.kernel.now()
    }

    async fn sleep(&self, pause: Duration) {
        self.pace.sleep(pause).await;
    }
}

fn cause() -> Cause {
    Cause("a fault that the test set".to_owned())
}

impl Unanswered for StoreError {
    fn refused() -> Self {
        Self::Unavailable(cause())
    }
    fn lost() -> Self {
        Self::Unavailable(cause())
    }
}

impl<A: std::fmt::Debug + Send> Unanswered for SaveError<A> {
    fn refused() -> Self {
        Self::Store(StoreError::refused())
    }
    fn lost() -> Self {
        Self::Store(StoreError::lost())
    }
}

impl Unanswered for KeepError {
    fn refused() -> Self {
        Self::Store(StoreError::refused())
    }
    fn lost() -> Self {
        Self::Store(StoreError::lost())
    }
}

impl Unanswered for HoldError {
    fn refused() -> Self {
        Self::Store(StoreError::refused())
    }
    fn lost() -> Self {
        Self::Store(StoreError::lost())
    }
}

impl Unanswered for ProviderError {
    fn refused() -> Self {
        Self::Down(cause())
    }
    fn lost() -> Self {
        Self::Unknown(cause())
    }
}

impl Unanswered for ShareError {
    fn refused() -> Self {
        Self(Box::new(StoreError::refused()))
    }
    fn lost() -> Self {
        Self(Box::new(StoreError::lost()))
    }
}

impl Unanswered for PutError {
    fn refused() -> Self {
        Self::Share(ShareError::refused())
    }
    fn lost() -> Self {
        Self::Share(ShareError::lost())
    }
}

impl Unanswered for StartError {
    fn refused() -> Self {
        Self::Unavailable(cause())
    }
    fn lost() -> Self {
        Self::Unavailable(cause())
    }
}

impl Unanswered for MailError {
    fn refused() -> Self {
        Self::NotSent(cause())
    }
    fn lost() -> Self {
        Self::Unknown(cause())
    }
}

impl Unanswered for PublishError {
    fn refused() -> Self {
        Self::Unavailable(cause())
    }
    fn lost() -> Self {
        Self::Unavailable(cause())
    }
}

impl Unanswered for TaskError {
    fn refused() -> Self {
        Self::new("StepFunctions.ThrottlingException", "")
    }
    fn lost() -> Self {
        Self::new("StepFunctions.SdkClientException", "")
    }
}
