//! What the function is told by its environment.

use contracts::http::Secret;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// About whoever calls.
    pub callers: Callers,
    /// The key of cursors, in hexadecimal digits.
    pub cursor_key: Secret,
    /// Address of the database with the full history, with its password; none where there is no database.
    pub database: Option<Secret>,
    /// The key of mailed links, in hexadecimal digits.
    pub link_key: Secret,
    /// Where sockets are opened, `wss://…`.
    pub sockets: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let callers = Callers::read(&mut read);
        let cursor_key = read.text("CURSOR_KEY");
        let database = read.optional("DATABASE_URL").map(Secret);
        let link_key = read.text("LINK_KEY");
        let sockets = read.text("SOCKETS_URL");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                callers: callers?,
                cursor_key: Secret(cursor_key?),
                database,
                link_key: Secret(link_key?),
                sockets: sockets?,
            })
        })
    }
}
