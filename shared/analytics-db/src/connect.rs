//! The connection: few, made when they are needed, and none that waits for long.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use thiserror::Error;

/// A function works on one request at a time. The second connection is for while the first is on its way
/// back: the library then asks the server whether it is well, and waits for that without a limit.
const CONNECTIONS: u32 = 2;
/// Longest wait for a connection. A caller is told to come again before the gateway gives up.
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);
/// Longest statement, kept by the server, in milliseconds. For a server that keeps nothing any more there
/// is [`crate::ask::ANSWERED_WITHIN`].
const STATEMENT_MS: &str = "3000";
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
}

impl AnalyticsDb {
    /// The database at an address such as `postgresql://user:password@host:5432/database`. Nothing
    /// is sent yet. TLS is used where the server offers it; `?sslmode=verify-full` demands it, of a
    /// server whose certificate is signed by one of Mozilla's roots, or of `sslrootcert`.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn connect(url: &str) -> Result<Self, InvalidUrl> {
        if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(InvalidUrl(None));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| InvalidUrl(Some(error)))?;
        let options = options
            .application_name(NAME)
            .options([("statement_timeout", STATEMENT_MS)]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECTED_WITHIN)
            .connect_lazy_with(options);
        Ok(Self { pool })
    }
}

// The options have the password.
impl fmt::Debug for AnalyticsDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnalyticsDb(..)")
    }
}
