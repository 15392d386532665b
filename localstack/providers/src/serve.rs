//! Puts the routers together and runs them on a listener.

use std::future::{Future, IntoFuture, pending};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::book::BookError;
use crate::clock::Clock;
use crate::{
    book_http, carrier_http, collector, destination_http, faults_http, payment_http, sms_http,
    webhook_http,
};

/// How long open requests (a `hang` never ends by itself) may keep a stopping program alive.
const GRACE: Duration = Duration::from_secs(2);

/// How to run the stand-ins. The default keeps its book in memory only.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folder of the book; none keeps everything in memory.
    pub book: Option<PathBuf>,
    /// Where the time comes from.
    pub clock: Clock,
}

/// Why the stand-ins cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The book is unreadable, damaged or in use.
    #[error("the book cannot be opened")]
    Book(#[from] BookError),
    /// The port cannot be had, mostly because another program has it.
    #[error("cannot listen on port {port}")]
    Port {
        /// On 127.0.0.1.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The listener failed.
    #[error("the listener failed")]
    Listen(#[from] io::Error),
}

/// The whole HTTP surface over a book that was read back. Needs a tokio runtime, because effects
/// that were still on their way when the book was closed are waited for in tasks.
pub fn router(options: Options) -> Result<Router, StartError> {
    let app = App::open(options.book.as_deref(), options.clock)?;
    Ok(Router::new()
        .route("/health", get(async || Json(json!({"status": "ok"}))))
        .nest("/payments/v1", payment_http::routes())
        .nest("/carrier", carrier_http::routes())
        .nest("/sms", sms_http::routes())
        .nest("/destinations", destination_http::routes())
        .nest("/faults", faults_http::routes())
        .nest("/book", book_http::routes())
        .nest("/webhooks", webhook_http::routes())
        .nest("/collector", collector::routes())
        .with_state(Arc::clone(&app)))
}

/// Serves on `listener` for ever.
pub async fn serve(listener: TcpListener, options: Options) -> Result<(), StartError> {
    serve_until(listener, options, pending()).await
}

/// Serves on `listener` until `stop` is ready, then lets open requests end for two seconds.
pub async fn serve_until(
    listener: TcpListener,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    serve_router(listener, router(options)?, stop).await
}

pub(crate) async fn serve_router(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let (stopping, mut stopped) = watch::channel(false);
    let listener = listener.tap_io(|stream| {
        // Without it small answers wait 40 ms for an acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("provider-stand-ins: a connection stays slow: {error}");
        }
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        stopping.send_replace(true);
    });
    let patience = async move {
        if stopped.wait_for(|stopping| *stopping).await.is_err() {
            pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => ended?,
        () = patience => {}
    }
    Ok(())
}
