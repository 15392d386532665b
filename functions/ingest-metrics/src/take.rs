//! Batches going in together, and by themselves where one of them cannot.

use std::future::Future;
use std::pin::Pin;

use domain::MetricBatch;
use domain::ports::{BatchTaken, Cause, StoreError, TakeMetrics, TakeMetricsError};
use jiff::Timestamp;

/// What became of a batch.
pub(crate) type Outcome = Result<BatchTaken, TakeMetricsError>;

/// Takes all of them in one transaction. Where it is refused because of one of them, the halves are tried by
/// themselves, until that one is alone: what is with it does not wait for it. Says of each what became of
/// it, in their sequence.
pub(crate) fn take<'a>(
    metrics: &'a (impl TakeMetrics + Sync),
    batches: &'a [MetricBatch],
    now: Timestamp,
) -> Pin<Box<dyn Future<Output = Vec<Outcome>> + Send + 'a>> {
    Box::pin(async move {
        if batches.is_empty() {
            return Vec::new();
        }
        match metrics.take_metrics(batches, now).await {
            Ok(taken) => of_each(taken, batches.len()),
            Err(error) if batches.len() > 1 && is_of_one(&error) => {
                let (some, others) = batches.split_at(batches.len() / 2);
                let mut outcomes = take(metrics, some, now).await;
                outcomes.extend(take(metrics, others, now).await);
                outcomes
            }
            Err(error) => vec![Err(error); batches.len()],
        }
    })
}

/// Whether fewer batches might be taken in.
const fn is_of_one(error: &TakeMetricsError) -> bool {
    match error {
        TakeMetricsError::Archived { .. } | TakeMetricsError::Store(StoreError::Broken(_)) => true,
        TakeMetricsError::Store(StoreError::Unavailable(_)) => false,
    }
}

fn of_each(taken: Vec<BatchTaken>, batches: usize) -> Vec<Outcome> {
    if taken.len() == batches {
        return taken.into_iter().map(Ok).collect();
    }
    let cause = Cause("not each batch was answered for".to_owned());
    vec![Err(StoreError::Broken(cause).into()); batches]
}
