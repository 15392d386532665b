//! Runner for HTTP: requests from API Gateway (payload 2.0) to an axum router. What the router
//! answers is its own matter (see `http-edge`, which also writes the line in the log); here is
//! only what must hold whatever the router does.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Adapter, Request, RequestExt};
use lambda_runtime::{Context, Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use tower::{Service, ServiceExt};
use tracing::Instrument;

use crate::invocation::{Budget, Failure, decode, span};
use crate::metrics::Metrics;
use crate::traces::{Begun, Kind};
use crate::{Error, runtime, traces};

/// The core of [`crate::Boot::serve_http`].
pub(crate) async fn serve(router: Router, metrics: Metrics) -> Result<(), Error> {
    let service = service_fn(move |request: Request| {
        let router = router.clone();
        async move {
            let context = request.lambda_context_ref();
            let budget = context.map_or(Budget::UNLIMITED, Budget::of_invocation);
            let id = context.map_or("", |context| context.request_id.as_str());
            let span = span(id, &Value::Null);
            let begun = traces::begin(Kind::Server);
            let asked = begun.is_some().then(|| Asked::of(&request));
            let response = respond(router, request, budget).instrument(span).await;
            if let (Some(begun), Some(asked)) = (begun, asked) {
                asked.answered(begun, &response);
            }
            metrics.flush();
            traces::flush().await;
            Ok::<_, Infallible>(response)
        }
    });
    runtime::run(Runtime::new(Adapter::from(service))).await
}

/// What one request answers, both as API Gateway's payload 2.0 and without a time limit: the
/// core of [`crate::Boot::serve_http`].
///
/// # Errors
/// `BadInput` when this is no such request.
pub async fn answer(router: &Router, event: Value) -> Result<Value, Diagnostic> {
    let request: LambdaRequest = decode(event)?;
    let service = service_fn(|request: Request| async {
        let response = respond(router.clone(), request, Budget::UNLIMITED).await;
        Ok::<_, Infallible>(response)
    });
    let mut adapter = Adapter::from(service);
    let event = LambdaEvent::new(request, Context::default());
    match adapter.call(event).await {
        Ok(response) => serde_json::to_value(response)
            .map_err(|_| Failure::internal("the answer cannot be written").into()),
        Err(never) => match never {},
    }
}

/// What is told of a request: the edge has made the span, and says so in its answer.
struct Asked {
    name: String,
    caller: Option<String>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let route = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.route_key.clone(),
            _ => None,
        };
        Self {
            name: route.unwrap_or_else(|| request.method().to_string()),
            caller: traceparent(request.headers()),
        }
    }

    fn answered(self, begun: Begun, response: &Response) {
        let Some(own) = traceparent(response.headers()) else {
            return;
        };
        let failed = response.status().is_server_error();
        begun.end_own(&self.name, &own, self.caller.as_deref(), failed);
    }
}

fn traceparent(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("traceparent")?.to_str().ok()?.to_owned())
}

/// The address that API Gateway itself saw. What headers say of it anybody can write.
fn source(request: &Request) -> Option<IpAddr> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}

/// Where a path leads that has an escaped `?` or `#` in it: to no route, as no id of ours has one.
/// API Gateway hands paths over without their escapes, so that it would be read as the path's end
/// and lead to another route than the one that was asked for.
const NOWHERE: &str = "/%3F";

async fn respond(router: Router, mut request: Request, budget: Budget) -> Response {
    if request.raw_http_path().contains(['?', '#']) {
        *request.uri_mut() = Uri::from_static(NOWHERE);
    }
    if let Some(address) = source(&request) {
        let socket = SocketAddr::new(address, 0);
        request.extensions_mut().insert(ConnectInfo(socket));
    }
    let countdown = budget.start();
    if let Some(end) = countdown.end() {
        request.extensions_mut().insert(end);
    }
    // A router that looks at the end answers by then, as for every request; this is for others.
    match countdown.guard(Box::pin(router.oneshot(request))).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(failure) => {
            failure.log("invocation", None);
            apology(&failure)
        }
    }
}

/// The last word when the router has none: `503` when time ran out, else `500`, in the form of
/// all other problems.
fn apology(failure: &Failure) -> Response {
    let (status, body) = match failure.kind {
        contracts::edge::Kind::Retryable => (
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"type":"https://cartwright.example/problems/unavailable","title":"Unavailable","status":503,"detail":"this took too long, ask again"}"#,
        ),
        _ => (
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"type":"https://cartwright.example/problems/internal","title":"Internal","status":500}"#,
        ),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let problem = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, problem);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests;
