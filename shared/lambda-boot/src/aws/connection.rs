//! The connections to AWS that all clients of a process share, as the SDK takes them.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use https::{CaptureConnection, Pool, Roots, TlsError, capture_connection};
use tracing::debug;

use super::AwsLimits;

/// How long a connection may wait for its next call; front ends of AWS close idle ones after
/// about a minute.
const IDLE: Duration = Duration::from_secs(50);
/// How long opening a connection may hold up the start.
const OPENING: Duration = Duration::from_secs(1);
/// What front ends answer to whoever asks whether they are well; no call of an API, without a
/// signature, free. Any answer will do: it is the connection that is wanted.
const PING: &str = "ping";

/// One pool of connections, for every client of this process.
#[derive(Clone, Debug)]
pub(super) struct Connections(SharedHttpConnector);

impl Connections {
    pub(super) fn new(limits: &AwsLimits, roots: &Roots) -> Result<Self, TlsError> {
        let kept = https::Limits {
            connect: limits.connect,
            idle: IDLE,
        };
        Ok(Self(SharedHttpConnector::new(Connector {
            pool: https::pool(roots, kept)?,
            read: limits.read,
        })))
    }

    /// As the clients take it. Their time limits are those of [`AwsLimits`], as here.
    pub(super) fn client(&self) -> SharedHttpClient {
        let connector = self.0.clone();
        http_client_fn(move |_, _| connector.clone())
    }

    /// Opens a connection to this endpoint, so that the first call finds it open. Start-up has
    /// more processor than an invocation of a small function. When it fails, the first call tries
    /// again and reports.
    pub(super) async fn open(&self, endpoint: &str) {
        let done = tokio::time::timeout(OPENING, self.ping(endpoint)).await;
        if let Err(error) = done.map_err(Into::into).flatten() {
            debug!(endpoint, error, "no connection opened ahead");
        }
    }

    async fn ping(&self, endpoint: &str) -> Result<(), BoxError> {
        let address = format!("{}/{PING}", endpoint.trim_end_matches('/'));
        let answer = self.0.call(HttpRequest::get(address)?).await?;
        // The connection goes back to the pool once its answer was read.
        ByteStream::new(answer.into_body()).collect().await?;
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct Connector {
    pool: Pool<SdkBody>,
    read: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let taken = capture_connection(&mut request);
        if let Some(asked) = request.extensions().get::<CaptureSmithyConnection>() {
            asked.set_connection_retriever(move || closable(&taken));
        }
        let answer = self.pool.request(request);
        let read = self.read;
        HttpConnectorFuture::new(async move {
            match tokio::time::timeout(read, answer).await {
                Ok(Ok(answer)) => HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
                Ok(Err(error)) => Err(classified(error)),
                Err(late) => Err(ConnectorError::timeout(late.into())),
            }
        })
    }
}

/// After a failure that may pass, the SDK has the connection closed and tries on another.
fn closable(taken: &CaptureConnection) -> Option<ConnectionMetadata> {
    let proxied = taken.connection_metadata().as_ref()?.is_proxied();
    let taken = taken.clone();
    let close = move || {
        if let Some(connection) = taken.connection_metadata().as_ref() {
            connection.poison();
        }
    };
    let metadata = ConnectionMetadata::builder();
    Some(metadata.proxied(proxied).poison_fn(close).build())
}

/// What the SDK tries again: whatever the network did. What we did wrong stays wrong.
fn classified(error: https::Error) -> ConnectorError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_user)
        {
            return ConnectorError::user(error.into());
        }
        cause = inner.source();
    }
    ConnectorError::io(error.into())
}

#[cfg(test)]
mod tests;
