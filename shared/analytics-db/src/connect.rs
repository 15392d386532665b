//! The connection: few, made when they are needed, and none that waits for long.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use thiserror::Error;

use crate::ask::ANSWERED_WITHIN;

/// A function works on one request at a time. The second connection is for while the first is on its way
/// back: the library then asks the server whether it is well, and waits for that without a limit.
const CONNECTIONS: u32 = 2;
/// Longest wait for a connection. A caller is told to come again before the gateway gives up.
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);
/// What the server is to keep for each connection; times in milliseconds, of keepalives in seconds. The
/// longest statement; for a server that keeps nothing any more there is [`crate::ask::ANSWERED_WITHIN`].
/// The longest idleness: a function that is frozen, or gone, closes nothing itself. And when the server
/// begins to ask whether the other end is there.
const SETTINGS: [(&str, &str); 3] = [
    ("statement_timeout", "3000"),
    ("idle_session_timeout", "300000"),
    ("tcp_keepalives_idle", "60"),
];
/// The same for whoever moves months of rows: nobody waits for its answer.
const PATIENT_SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "60000"),
    // Others want the same locks.
    ("lock_timeout", "2000"),
    ("idle_session_timeout", "300000"),
    ("tcp_keepalives_idle", "60"),
];
/// Longer than [`PATIENT_SETTINGS`] lets the server work on a statement.
const PATIENTLY_ANSWERED_WITHIN: Duration = Duration::from_secs(65);
/// Half a million rows without payloads.
const PAGES: i32 = 4_096;
/// What the server's own lists show.
const NAME: &str = "cartwright";

/// How its address begins. The library takes any other for the same.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What is no address of a database.
#[derive(Debug, Error)]
#[error("not an address like postgresql://user:password@host:5432/database")]
pub struct InvalidUrl(#[source] Option<sqlx::Error>);

/// The database. Clones share its connections.
#[derive(Clone)]
pub struct AnalyticsDb {
    pub(crate) pool: PgPool,
    /// Longest wait for the answer to a statement, or to all of a transaction.
    pub(crate) answered_within: Duration,
    /// How many pages of a table are archived at a time.
    pub(crate) pages: i32,
}

impl AnalyticsDb {
    /// The database at an address such as `postgresql://user:password@host:5432/database`. Nothing
    /// is sent yet. TLS is used where the server offers it; `?sslmode=verify-full` demands it, of a
    /// server whose certificate is signed by one of Mozilla's roots, or of `sslrootcert`.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn connect(url: &str) -> Result<Self, InvalidUrl> {
        Self::with(url, &SETTINGS, ANSWERED_WITHIN)
    }

    /// The same for work that nobody waits for, on many rows at once.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn connect_patiently(url: &str) -> Result<Self, InvalidUrl> {
        Self::with(url, &PATIENT_SETTINGS, PATIENTLY_ANSWERED_WITHIN)
    }

    /// The same, archiving so many pages of a table at a time, of 8 KiB each; 4,096 else. More are larger
    /// files and more memory. A month that is being archived stays as it began.
    #[must_use]
    pub fn in_parts_of(self, pages: u16) -> Self {
        let pages = i32::from(pages.max(1));
        Self { pages, ..self }
    }

    fn with(
        url: &str,
        settings: &[(&str, &str)],
        answered_within: Duration,
    ) -> Result<Self, InvalidUrl> {
        if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(InvalidUrl(None));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| InvalidUrl(Some(error)))?;
        let options = options
            .application_name(NAME)
            .options(settings.iter().copied());
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECTED_WITHIN)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            answered_within,
            pages: PAGES,
        })
    }
}

// The options have the password.
impl fmt::Debug for AnalyticsDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnalyticsDb(..)")
    }
}

#[cfg(test)]
mod tests {
    use testkit::must;

    use super::*;

    /// The server of the other tests takes them.
    #[tokio::test]
    async fn a_connection_asks_for_its_limits_beside_what_the_address_says() {
        let url = "postgresql://nobody@127.0.0.1/none?options=-c%20search_path%3Dshop";
        let database = must(AnalyticsDb::connect(url));
        let asked = database
            .pool
            .connect_options()
            .get_options()
            .map(str::to_owned);
        let limits =
            "-c statement_timeout=3000 -c idle_session_timeout=300000 -c tcp_keepalives_idle=60";
        assert_eq!(asked, Some(format!("-c search_path=shop {limits}")));
    }
}
