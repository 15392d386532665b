//! What the function is told by its environment.

use contracts::http::Secret;
use domain::TenantId;
use lambda_boot::{ConfigError, Env, StreamFailure};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// The stage of the WebSocket API, `https://…`.
    pub sockets: String,
    /// The queue of slices.
    pub slices: String,
    /// The queue of dashboards.
    pub dashboards: String,
    /// The shop that the stock is of.
    pub tenant: TenantId,
    /// The key of cursors, in hexadecimal digits.
    pub cursor_key: Secret,
    /// How a failed record is told.
    pub failure: StreamFailure,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let sockets = read.text("SOCKETS_STAGE");
        let slices = read.text("SLICES_QUEUE");
        let dashboards = read.text("DASHBOARDS_QUEUE");
        let tenant = read.parsed("HOME_TENANT");
        let cursor_key = read.text("CURSOR_KEY");
        let failure = read.parsed("STREAM_FAILURE");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                sockets: sockets?,
                slices: slices?,
                dashboards: dashboards?,
                tenant: tenant?,
                cursor_key: Secret(cursor_key?),
                failure: failure?,
            })
        })
    }
}
