//! Waiting for something to become true: with a limit, never by sleeping and hoping.

use std::future::Future;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks again until there is an answer.
///
/// # Panics
/// When there is none within the limit.
pub async fn until<T, F>(what: &str, limit: Duration, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    match within(limit, &mut look).await {
        Some(found) => found,
        None => panic!("{what}: not within {limit:?}"),
    }
}

/// As [`until`], for what may also not happen.
pub async fn within<T, F>(limit: Duration, mut look: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return Some(found);
        }
        if begun.elapsed() > limit {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
