//! Transactions that met others: which answers say so, and how long to let others go first.

use std::time::Duration;

use aws_sdk_dynamodb::types::CancellationReason;
use sha2::{Digest, Sha256};

/// How often a transaction is sent that keeps meeting others.
pub(crate) const MAX_TRIES: u32 = 10;
/// First wait after a transaction met another one; doubled each time.
const FIRST_PAUSE_MS: u64 = 50;

/// A condition of this write did not hold.
pub(crate) fn failed_condition(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// This write met another, or a limit: the same may go through later.
pub(crate) fn passes(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}

/// Lets others go first.
pub(crate) async fn step_aside(token: &str, tried: u32) {
    tokio::time::sleep(pause_before(token, tried)).await;
}

/// A wait of up to 50, 100, 200 … ms. Which part of it follows from the change and the try: others
/// wait for another time, so that those who met do not meet again.
pub(crate) fn pause_before(token: &str, tried: u32) -> Duration {
    let longest = FIRST_PAUSE_MS << tried.saturating_sub(1).min(5);
    let digest = Sha256::digest(format!("{token} {tried}"));
    let spread = digest.iter().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    Duration::from_millis(spread % longest + 1)
}
