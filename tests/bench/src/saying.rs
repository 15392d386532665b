//! Programs that measure one thing and say it as JSON.

use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

use crate::BenchError;

/// What a program says of itself.
///
/// # Errors
/// When it ends otherwise, or says something else.
pub(crate) async fn said<T: for<'a> Deserialize<'a>>(
    program: &mut Command,
) -> Result<T, BenchError> {
    let output = program.stderr(Stdio::inherit()).output().await?;
    if !output.status.success() {
        let ended = format!("{program:?} ended: {}", output.status);
        return Err(BenchError::Unexpected(ended));
    }
    let what = format!("what {program:?} said");
    serde_json::from_slice(&output.stdout).map_err(|error| BenchError::Json(what, error))
}
