//! What follows an attempt at a task: on, again after a delay, to a catcher, or the end.

use std::time::Duration;

use serde_json::Value;

use super::turn::{Move, Turn};
use super::{Status, limits, quick};
use crate::asl::jitter::Jitter;
use crate::asl::machine::{Catcher, Retrier, Task};
use crate::asl::runner::TaskError;

/// How often each retrier of a state was used since the state was entered.
#[derive(Debug, Clone, Default)]
pub(super) struct Retries(Vec<u32>);

impl Retries {
    /// The number of the attempt that these retries led to.
    pub(super) fn attempt(&self) -> u32 {
        self.0.iter().sum::<u32>() + 1
    }

    /// Uses retrier `n` once more and says how often it was used before; none if it is used up.
    fn take(&mut self, n: usize, retrier: &Retrier) -> Option<u32> {
        if self.0.len() <= n {
            self.0.resize(n + 1, 0);
        }
        let used = self.0.get_mut(n)?;
        if u64::from(*used) >= retrier.max_attempts {
            return None;
        }
        *used += 1;
        Some(*used - 1)
    }
}

/// A task whose attempt was answered, and what decides where that leads.
pub(super) struct Recourse<'a> {
    pub(super) task: &'a Task,
    /// What the state was entered with.
    pub(super) data: &'a Value,
    pub(super) retries: &'a mut Retries,
    pub(super) jitter: &'a mut Jitter,
}

impl Recourse<'_> {
    /// Judges an attempt by the time it took and what it answered.
    pub(super) fn turn(mut self, took: Duration, result: Result<Value, TaskError>) -> Turn {
        let error = match result {
            Ok(output) => {
                let then = quick::go(&self.task.then, output);
                return Turn {
                    took,
                    delay: Duration::ZERO,
                    error: None,
                    then,
                };
            }
            Err(error) => error,
        };
        let (delay, then) = match self.retry(&error) {
            Some(delay) => (delay, Move::Again),
            None => (Duration::ZERO, caught(self.task, &error, self.data)),
        };
        Turn {
            took,
            delay,
            error: Some(error),
            then,
        }
    }

    /// The delay before the retry. The first retrier that matches decides, used up or not.
    fn retry(&mut self, error: &TaskError) -> Option<Duration> {
        let mut retriers = self.task.retry.iter().enumerate();
        let (n, retrier) = retriers.find(|(_, retrier)| error.matches(&retrier.error_equals))?;
        let used = self.retries.take(n, retrier)?;
        let longest = longest_delay(retrier, used);
        Some(if retrier.full_jitter {
            self.jitter.delay(longest)
        } else {
            longest
        })
    }
}

fn longest_delay(retrier: &Retrier, used: u32) -> Duration {
    let exponent = i32::try_from(used).unwrap_or(i32::MAX);
    let seconds = retrier.interval.as_secs_f64() * retrier.backoff_rate.powi(exponent);
    let delay = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    retrier
        .max_delay
        .map_or(delay, |longest| delay.min(longest))
}

fn caught(task: &Task, error: &TaskError, data: &Value) -> Move {
    let Some(catcher) = task
        .catch
        .iter()
        .find(|catcher| error.matches(&catcher.error_equals))
    else {
        return Move::End(Status::Failed(error.clone()));
    };
    match catch(catcher, error, data) {
        Ok(data) => Move::To(catcher.next.clone(), data),
        Err(error) => Move::End(Status::Failed(error)),
    }
}

/// A catcher puts the error into what the state was entered with, not into a partial result.
fn catch(catcher: &Catcher, error: &TaskError, data: &Value) -> Result<Value, TaskError> {
    let whole = catcher.result_path.place(data, error.output())?;
    limits::payload(&whole).map(|()| whole)
}
