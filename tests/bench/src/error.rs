//! Why there are no figures.

use thiserror::Error;

use crate::backend::BackendError;
use crate::instance::InstanceError;

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum BenchError {
    /// There is nothing to call.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// There is nothing in between.
    #[error("the proxy did not start")]
    Proxy(#[from] aws_proxy::StartError),
    /// A program failed.
    #[error(transparent)]
    Instance(#[from] InstanceError),
    /// There is no token.
    #[error("no token can be made")]
    Token(#[from] http_edge::token::SignError),
    /// A port or a file cannot be had.
    #[error("the machine refused")]
    Io(#[from] std::io::Error),
    /// The store refused what every measurement begins with.
    #[error("the shop cannot be set up")]
    Store(#[from] domain::ports::StoreError),
    /// What was measured is not what was meant.
    #[error("{0}")]
    Unexpected(String),
    /// A file is not what it should be.
    #[error("{0} cannot be read")]
    Json(String, #[source] serde_json::Error),
}
