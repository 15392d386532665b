//! A stand-in for a WebSocket API of API Gateway that holds thousands of sockets, which the emulator
//! does not: the handshake asks the authorizer and `$connect`, what clients say goes to `$default`,
//! what ends to `$disconnect`, and `@connections` posts, closes and tells. Functions are reached by
//! Lambda's own call (`POST /2015-03-31/functions/{name}/invocations`), so that they may run
//! anywhere. Shares no crate with the product.
//!
//! Beyond Amazon's: `GET /{stage}/@connections` lists the ids of what is open.
//!
//! Not played: limits of rate and size, the ends after 10 minutes of silence and 2 hours, route
//! selection (all goes to `$default`), signatures.

mod connections;
mod events;
mod functions;
mod manage;
mod socket;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};
use axum::serve::ListenerExt;
use clap::Parser;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::connections::Connections;
pub use crate::functions::Functions;

/// Plays the WebSocket API of API Gateway.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "gateway")]
pub struct Arguments {
    /// Port of 127.0.0.1 to listen on; 0 for any.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Where Lambda's calls are taken, such as http://127.0.0.1:4566.
    #[arg(long)]
    pub lambda: Option<String>,
    /// The function that lets clients in. Everybody without one.
    #[arg(long, requires = "lambda")]
    pub authorizer: Option<String>,
    /// The function that is told of `$connect`, `$disconnect` and `$default`.
    #[arg(long, requires = "lambda")]
    pub function: Option<String>,
}

/// Why it does not run.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// No port, or nobody reads what it says.
    #[error("the machine refused")]
    Io(#[from] std::io::Error),
    /// No way to call functions.
    #[error("functions cannot be called")]
    Functions(#[from] reqwest::Error),
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) connections: Connections,
    pub(crate) functions: Functions,
}

/// Listens, says the address on standard output, and serves until the process ends.
///
/// # Errors
/// When it cannot listen.
pub async fn run(arguments: Arguments) -> Result<(), GatewayError> {
    raise_limit();
    let (listener, address) = listen(arguments.port).await?;
    writeln!(std::io::stdout(), "http://{address}/live")?;
    serve(listener, Functions::new(&arguments)?).await?;
    Ok(())
}

async fn listen(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves on a listener that is there: sockets at `/{stage}`, calls below `/{stage}/@connections`.
///
/// # Errors
/// When it can listen no more.
pub async fn serve(listener: TcpListener, functions: Functions) -> std::io::Result<()> {
    let shared = Arc::new(Shared {
        connections: Connections::default(),
        functions,
    });
    let routes = Router::new()
        .route("/{stage}", any(socket::open))
        .route("/{stage}/@connections", get(manage::list))
        .route(
            "/{stage}/@connections/{id}",
            post(manage::post).get(manage::tell).delete(manage::close),
        )
        .with_state(shared);
    let nodelay = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("a connection keeps its delays: {error}");
        }
    });
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(nodelay, service).await
}

/// As many open files as this process may have: each socket is one.
pub fn raise_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        eprintln!("there will be no more open files than usual: {error}");
    }
}

#[cfg(test)]
mod tests;
