//! What the functions have counted, in the text format of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>). The functions leave it to
//! CloudWatch, which knows of all instances; this shows the last whole minutes of it. What is
//! counted in a window goes up and down, so all of it are gauges.

use std::future::Future;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use cloudwatch::{CloudWatch, Series, Window};
use domain::ports::StoreError;
use http_edge::Problem;
use tokio::sync::Mutex;

use crate::routes::App;

/// How many minutes are shown.
const MINUTES: i64 = 5;
/// Content type of the format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Which statistics of which metrics are read.
pub const WANTED: [(&str, &str); 3] = [
    ("http_requests", "Sum"),
    ("http_request_duration_ms", "p50"),
    ("http_request_duration_ms", "p99"),
];

/// Where it was counted.
pub trait ReadMetrics: Send + Sync + 'static {
    /// What [`WANTED`] names, over a window.
    fn read(&self, window: Window) -> impl Future<Output = Result<Vec<Series>, StoreError>> + Send;
}

impl ReadMetrics for CloudWatch {
    async fn read(&self, window: Window) -> Result<Vec<Series>, StoreError> {
        Self::read(self, &WANTED, window).await
    }
}

/// What was read last: it stays true for the rest of the minute.
pub(crate) type Last = Mutex<Option<(Window, String)>>;

pub(crate) async fn show<D, M: ReadMetrics>(
    State(app): State<Arc<App<D, M>>>,
) -> Result<impl IntoResponse, Problem> {
    let window = Window::whole_minutes(app.clock.now(), MINUTES);
    let mut last = app.metrics.lock().await;
    let text = match last.as_ref() {
        Some((known, text)) if *known == window => text.clone(),
        _ => {
            let text = written(&app.counted.read(window).await?, window);
            *last = Some((window, text.clone()));
            text
        }
    };
    Ok(([(header::CONTENT_TYPE, TEXT)], text))
}

fn written(series: &[Series], window: Window) -> String {
    let mut text = String::new();
    let seconds = window.until.duration_since(window.from).as_secs();
    family(
        &mut text,
        "window_seconds",
        "How long the window is that everything below is of.",
    );
    line(&mut text, "window_seconds", &[], &seconds.to_string());
    family(
        &mut text,
        "window_end_seconds",
        "When it ended, in seconds since 1970.",
    );
    let end = window.until.as_second().to_string();
    line(&mut text, "window_end_seconds", &[], &end);
    family(
        &mut text,
        "http_requests",
        "Requests that were answered in the window.",
    );
    let of = |name: &'static str| series.iter().filter(move |it| it.name == name);
    for it in of("http_requests") {
        let labels: Vec<_> = labels(it).collect();
        line(&mut text, "http_requests", &labels, &it.value.to_string());
    }
    let name = "http_request_duration_ms";
    family(
        &mut text,
        name,
        "How long they took inside the function, by quantile.",
    );
    for it in of(name) {
        let quantile = if it.statistic == "p50" { "0.5" } else { "0.99" };
        let labels: Vec<_> = labels(it).chain([("quantile", quantile)]).collect();
        line(&mut text, name, &labels, &it.value.to_string());
    }
    text
}

fn labels(series: &Series) -> impl Iterator<Item = (&str, &str)> {
    let dimensions = series.dimensions.iter();
    dimensions.map(|(name, value)| (name.as_str(), value.as_str()))
}

fn family(text: &mut String, name: &str, help: &str) {
    text.push_str(&format!(
        "# HELP cartwright_{name} {help}\n# TYPE cartwright_{name} gauge\n"
    ));
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: &str) {
    let written: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    let labels = match written.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", written.join(",")),
    };
    text.push_str(&format!("cartwright_{name}{labels} {value}\n"));
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    value.replace('\n', "\\n")
}
