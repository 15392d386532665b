//! What an error of the server, or of the way to it, is worth. The only place that looks inside.

use std::borrow::Cow;

use domain::ports::{Cause, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};

/// Classes of SQLSTATE that pass: connection, rolled back by others, out of resources, cancelled by a
/// time limit or by an operator, system.
const PASSING_CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
/// Single ones that pass: a database that takes no connections now; a lock not got in time; a replica
/// that is about to become the writer.
const PASSING: [&str; 3] = ["55000", "55P03", "25006"];
/// Those that pass once somebody has done their part: a table, a column, a role or a right that the
/// migration of this deployment has not made yet; a role that was not given its password yet.
const NOT_YET: [&str; 5] = ["42P01", "42703", "28000", "42501", "28P01"];

/// Away, slow, overloaded or not migrated yet: unavailable. All else: broken.
pub(crate) fn classify(error: Error) -> StoreError {
    let code = code(&error);
    let cause = Cause(match &error {
        Error::Database(told) => format!("{code}: {}", told.message()),
        other => other.to_string(),
    });
    match passes(&error) || NOT_YET.contains(&&*code) {
        true => StoreError::Unavailable(cause),
        false => StoreError::Broken(cause),
    }
}

/// Whether the same may succeed in a while, without anybody doing anything.
pub(crate) fn passes(error: &Error) -> bool {
    let code = code(error);
    match error {
        Error::Database(_) => {
            PASSING.contains(&&*code) || PASSING_CLASSES.iter().any(|class| code.starts_with(class))
        }
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Its SQLSTATE; nothing where the server did not say it.
fn code(error: &Error) -> Cow<'_, str> {
    let told = error.as_database_error();
    told.and_then(|told| told.code()).unwrap_or_default()
}

/// A column of text.
pub(crate) fn text<'r>(row: &'r PgRow, name: &str) -> Result<&'r str, StoreError> {
    row.try_get(name).map_err(classify)
}

/// What is stored, or was asked, makes no sense: asking again will not help.
pub(crate) fn broken(what: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(Cause(what.to_string()))
}
