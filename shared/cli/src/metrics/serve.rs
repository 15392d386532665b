//! Events by HTTP and by datagrams, until it is told to stop.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use metrics_aggregator::{Aggregates, Taken};
use serde::Deserialize;
use serde_json::json;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::time::{interval, timeout};

use super::Processor;
use super::prometheus;

/// Largest body, in bytes: some 100,000 events.
const BODY: usize = 16 * 1024 * 1024;
/// Largest datagram, in bytes.
const DATAGRAM: usize = 65_536;
/// How often the books of all threads are taken together.
const COLLECT: Duration = Duration::from_secs(1);
/// How long requests under way may take when it is told to stop.
const LAST: Duration = Duration::from_secs(4);

#[derive(Debug, Deserialize)]
struct Asked {
    minutes: Option<u32>,
}

/// Serves until then; what there was at the end. What arrived before is in it.
pub(super) async fn until(
    stop: impl Future<Output = ()>,
    http: TcpListener,
    udp: Option<UdpSocket>,
    processor: &Processor,
) -> io::Result<Aggregates> {
    let (stopped, stopping) = watch::channel(false);
    let server = tokio::spawn(serve(http, Arc::clone(processor), stopping.clone()));
    let collector = tokio::spawn(collect(Arc::clone(processor)));
    let datagrams = udp.map(|udp| tokio::spawn(take(udp, Arc::clone(processor), stopping)));
    stop.await;
    stopped.send_replace(true);
    // Who is still sending after that has no answer, and sends it again somewhere else.
    if let Ok(served) = timeout(LAST, server).await {
        served.map_err(io::Error::other)??;
    }
    if let Some(datagrams) = datagrams {
        datagrams.await.map_err(io::Error::other)??;
    }
    collector.abort();
    processor.close();
    Ok(processor.everything())
}

async fn serve(
    http: TcpListener,
    processor: Processor,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let routes = Router::new()
        .route(
            "/events",
            post(take_body).layer(DefaultBodyLimit::max(BODY)),
        )
        .route("/aggregates", get(say))
        .route("/metrics", get(say_to_prometheus))
        .with_state(processor);
    let stop = async move {
        // Nobody is left to tell it: it stops.
        drop(stopping.wait_for(|stopping| *stopping).await);
    };
    axum::serve(http, routes).with_graceful_shutdown(stop).await
}

async fn collect(processor: Processor) {
    let mut each = interval(COLLECT);
    loop {
        each.tick().await;
        processor.collect();
    }
}

/// Takes datagrams; at the end those that are there already.
async fn take(
    udp: UdpSocket,
    processor: Processor,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut datagram = vec![0; DATAGRAM];
    loop {
        let received = tokio::select! {
            biased;
            received = udp.recv(&mut datagram) => received,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        note(&processor, &datagram, received);
    }
    // The kernel has them; the runtime may not have heard of it yet.
    let udp = udp.into_std()?;
    while let Ok(length) = udp.recv(&mut datagram) {
        note(&processor, &datagram, Ok(length));
    }
    Ok(())
}

/// A datagram that could not be read is one that did not arrive.
fn note(processor: &Processor, datagram: &[u8], received: io::Result<usize>) {
    let events = received.ok().and_then(|length| datagram.get(..length));
    processor.process_lines(events.unwrap_or_default());
}

async fn take_body(State(processor): State<Processor>, events: Bytes) -> Json<Taken> {
    Json(processor.process_lines(&events))
}

async fn say(State(processor): State<Processor>, Query(asked): Query<Asked>) -> Response {
    let Some(minutes) = asked.minutes else {
        return Json(processor.everything()).into_response();
    };
    match processor.aggregates(minutes) {
        Ok(said) => Json(said).into_response(),
        Err(error) => {
            let problem = Json(json!({"error": error.to_string()}));
            (StatusCode::BAD_REQUEST, problem).into_response()
        }
    }
}

async fn say_to_prometheus(State(processor): State<Processor>) -> Response {
    let said = prometheus::text(&processor.everything());
    ([(header::CONTENT_TYPE, prometheus::CONTENT)], said).into_response()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use jiff::Timestamp;
    use metrics_aggregator::{Bounds, MetricsProcessor};
    use reqwest::Client;
    use serde_json::Value;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    struct Served {
        http: String,
        udp: SocketAddr,
        client: Client,
        stop: oneshot::Sender<()>,
        ended: JoinHandle<io::Result<Aggregates>>,
    }

    fn at() -> Timestamp {
        "2026-11-23T10:00:30Z".parse().unwrap()
    }

    async fn begin() -> Served {
        let clock: fn() -> Timestamp = at;
        let processor = Arc::new(MetricsProcessor::new(Bounds::default(), clock));
        let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = oneshot::channel();
        Served {
            http: format!("http://{}", http.local_addr().unwrap()),
            udp: udp.local_addr().unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
            stop,
            ended: tokio::spawn(async move {
                let stop = async { stopped.await.unwrap() };
                until(stop, http, Some(udp), &processor).await
            }),
        }
    }

    fn line(kind: &str, value: f64) -> String {
        format!(
            "{{\"timestamp\":\"{}\",\"user_id\":\"mia\",\"event_type\":\"{kind}\",\"value\":{value}}}\n",
            at()
        )
    }

    impl Served {
        async fn get(&self, path: &str) -> (u16, String) {
            let answer = self.client.get(format!("{}{path}", self.http)).send().await;
            let answer = answer.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }

        async fn post(&self, body: String) -> Value {
            let request = self.client.post(format!("{}/events", self.http)).body(body);
            request.send().await.unwrap().json().await.unwrap()
        }
    }

    #[tokio::test]
    async fn events_come_by_requests_and_datagrams_and_are_said_to_whoever_asks() {
        let served = begin().await;
        let body = line("view", 1.5) + &line("view", 2.5) + "nonsense\n";
        let taken = served.post(body).await;
        assert_eq!(
            (&taken["taken"], &taken["refused"]["unreadable"]),
            (&json!(2), &json!(1))
        );
        let (status, said) = served.get("/aggregates?minutes=1").await;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((status, &said["types"]["view"]["sum"]), (200, &json!(4.0)));
        assert_eq!(served.get("/aggregates?minutes=61").await.0, 400);
        let (_, text) = served.get("/metrics").await;
        assert!(text.contains("events{event_type=\"view\"} 2\n"), "{text}");
        assert!(
            text.contains("events_refused_total{reason=\"unreadable\"} 1\n"),
            "{text}"
        );

        // What has arrived is taken though it is told to stop.
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        for _ in 0..20 {
            sender
                .send_to(line("click", 1.0).as_bytes(), served.udp)
                .await
                .unwrap();
        }
        served.stop.send(()).unwrap();
        let said = served.ended.await.unwrap().unwrap();
        assert_eq!(
            (said.types["view"].count, said.types["click"].count),
            (2, 20)
        );
        assert!(served.client.get(served.http).send().await.is_err());
    }
}
