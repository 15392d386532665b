//! Answers that instances share, so that what one has made none makes again.

use std::future::Future;
use std::time::Duration;

use super::StoreError;

/// Keeps answers for all instances. It may forget any of them at any time: what is gone is made again.
pub trait ShareAnswers {
    /// The answer of a name; nothing where none is kept.
    fn answer(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Keeps an answer for so long, in place of one that was kept.
    fn keep_answer(
        &self,
        name: &str,
        answer: &[u8],
        kept: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether the caller is the one who makes the answer of a name: nobody else is for so long.
    fn claim_answer(
        &self,
        name: &str,
        held: Duration,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
