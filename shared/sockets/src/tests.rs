//! Against a gateway that is played by a small server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use domain::SocketId;
use domain::ports::{PostError, PostToSockets};
use jiff::Timestamp;
use testkit::build::at;
use testkit::fakes::{FakeSockets, SocketFault};
use testkit::port_checks::sockets::HoldSockets;
use testkit::{must, must_fail};
use tokio::net::TcpListener;

use super::*;

#[derive(Clone, Debug, Default)]
struct Played(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// By id, as a path names it.
    sockets: BTreeMap<String, Vec<String>>,
    asked: Vec<(String, HeaderMap)>,
    refuse: Option<StatusCode>,
}

impl Played {
    async fn answer(
        State(Self(inner)): State<Self>,
        (method, uri, headers): (Method, Uri, HeaderMap),
        body: Bytes,
    ) -> StatusCode {
        let mut inner = inner.lock().unwrap();
        inner.asked.push((format!("{method} {uri}"), headers));
        if let Some(status) = inner.refuse {
            return status;
        }
        let id = uri.path().strip_prefix("/live/@connections/");
        let id = id.map(|id| id.replace("%3D", "=")).unwrap_or_default();
        let Some(received) = inner.sockets.get_mut(&id) else {
            return StatusCode::GONE;
        };
        if method == Method::DELETE {
            inner.sockets.remove(&id);
            return StatusCode::NO_CONTENT;
        }
        received.push(String::from_utf8(body.to_vec()).unwrap());
        StatusCode::OK
    }

    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .fallback(Self::answer)
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn asked(&self) -> Vec<(String, HeaderMap)> {
        self.0.lock().unwrap().asked.clone()
    }
}

/// Our way to the gateway, and the gateway.
struct Both {
    gateway: Gateway<fn() -> Timestamp>,
    played: Played,
}

impl PostToSockets for Both {
    async fn post(&self, socket: &SocketId, message: &str) -> Result<(), PostError> {
        self.gateway.post(socket, message).await
    }

    async fn close(&self, socket: &SocketId) -> Result<(), PostError> {
        self.gateway.close(socket).await
    }
}

impl HoldSockets for Both {
    async fn open_one(&self) -> SocketId {
        let mut inner = self.played.0.lock().unwrap();
        let id = format!("L0SM9cO{}=", inner.sockets.len() + inner.asked.len());
        inner.sockets.insert(id.clone(), Vec::new());
        must(SocketId::parse(&id))
    }

    async fn heard(&self, socket: &SocketId) -> Vec<String> {
        let inner = self.played.0.lock().unwrap();
        inner
            .sockets
            .get(socket.as_str())
            .cloned()
            .unwrap_or_default()
    }
}

fn config() -> aws_types::sdk_config::Builder {
    let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
    SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

fn gateway(config: &SdkConfig, stage: &str) -> Gateway<fn() -> Timestamp> {
    let gateway = must(Gateway::connect(config, &Roots::amazon(), stage));
    gateway.at(|| at(0))
}

async fn both() -> Both {
    let played = Played::default();
    let stage = format!("{}/live", played.serve().await);
    Both {
        gateway: gateway(&config().build(), &stage),
        played,
    }
}

testkit::check_sockets!(both());

fn socket(id: &str) -> SocketId {
    must(SocketId::parse(id))
}

#[tokio::test]
async fn every_call_is_signed_and_no_header_is_sent_in_vain() {
    let both = both().await;
    must_fail(both.post(&socket("a+/="), "x").await);
    must_fail(both.close(&socket("a+/=")).await);
    let asked = both.played.asked();
    let lines: Vec<&str> = asked.iter().map(|(line, _)| line.as_str()).collect();
    let path = "/live/@connections/a%2B%2F%3D";
    assert_eq!(lines, [format!("POST {path}"), format!("DELETE {path}")]);
    for (_, headers) in &asked {
        let authorization = headers["authorization"].to_str().unwrap();
        let scope = "Credential=AKID/20260720/eu-west-1/execute-api/aws4_request, ";
        let names = "SignedHeaders=host;x-amz-date;x-amz-security-token, ";
        assert!(
            authorization.contains(&format!("{scope}{names}")),
            "{authorization}"
        );
        assert!(headers.len() <= 5, "{headers:?}");
    }
    let signature = |(_, headers): &(String, HeaderMap)| headers["authorization"].clone();
    assert_ne!(signature(&asked[0]), signature(&asked[1]));
}

#[tokio::test]
async fn each_answer_has_its_meaning() {
    let both = both().await;
    for (status, is_meant) in [
        (429, |it: &PostError| matches!(it, PostError::NotPosted(_))),
        (410, |it: &PostError| matches!(it, PostError::Gone)),
        (500, |it: &PostError| matches!(it, PostError::Unknown(_))),
        (504, |it: &PostError| matches!(it, PostError::Unknown(_))),
        (403, |it: &PostError| matches!(it, PostError::Refused(_))),
        (413, |it: &PostError| matches!(it, PostError::Refused(_))),
    ] as [(u16, fn(&PostError) -> bool); 6]
    {
        both.played.0.lock().unwrap().refuse = Some(StatusCode::from_u16(status).unwrap());
        let refused = must_fail(both.post(&socket("a="), "x").await);
        assert!(is_meant(&refused), "{status}: {refused:?}");
        let refused = must_fail(both.close(&socket("a=")).await);
        assert!(is_meant(&refused), "{status}: {refused:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_posted() {
    let gateway = gateway(&config().build(), "http://127.0.0.1:9/live");
    let refused = must_fail(gateway.post(&socket("a="), "x").await);
    assert!(matches!(refused, PostError::NotPosted(_)), "{refused:?}");
}

#[tokio::test]
async fn a_connection_that_is_lost_leaves_it_open_what_was_posted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stage = format!("http://{}/live", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
        }
    });
    let refused = gateway(&config().build(), &stage)
        .post(&socket("a="), "x")
        .await;
    let refused = must_fail(refused);
    assert!(matches!(refused, PostError::Unknown(_)), "{refused:?}");
}

#[tokio::test]
async fn no_answer_in_time_leaves_it_open_what_was_posted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stage = format!("http://{}/live", listener.local_addr().unwrap());
    let refused = gateway(&config().build(), &stage)
        .post(&socket("a="), "x")
        .await;
    let refused = must_fail(refused);
    assert!(matches!(refused, PostError::Unknown(_)), "{refused:?}");
}

#[tokio::test]
async fn the_emulator_has_the_stage_below_its_own_address() {
    let played = Played::default();
    let endpoint = played.serve().await;
    let config = config().endpoint_url(endpoint).build();
    let amazons = "https://a1b2.execute-api.eu-west-1.amazonaws.com/live/";
    must_fail(gateway(&config, amazons).post(&socket("a="), "x").await);
    let path = "/_aws/execute-api/a1b2/live/@connections/a%3D";
    assert_eq!(played.asked()[0].0, format!("POST {path}"));
}

#[tokio::test]
async fn one_message_goes_to_each_of_many_and_each_outcome_is_told() {
    let sockets = FakeSockets::default();
    let ids: Vec<SocketId> = (0..6)
        .map(|number| socket(&format!("s{number}=")))
        .collect();
    ids.iter().skip(1).for_each(|id| sockets.open(id));
    // At one at a time they are asked in order.
    for fault in [
        SocketFault::Refused,
        SocketFault::NotPosted,
        SocketFault::UnknownBefore,
    ] {
        sockets.fail_next(fault);
    }
    let posted = post_all(&sockets, &ids[1..4], "x", 1).await;
    assert_eq!(posted.refused, [socket("s1=")]);
    assert_eq!(posted.not_posted, [socket("s2=")]);
    assert_eq!(posted.unknown, [socket("s3=")]);
    let posted = post_all(&sockets, &ids, "y", 4).await;
    assert_eq!((posted.posted, posted.gone.as_slice()), (5, &ids[..1]));
    for id in &ids[1..] {
        assert_eq!(sockets.received(id), ["y"]);
    }
}

/// Holds each post until others had their turn.
#[derive(Debug, Default)]
struct Slow(Mutex<(usize, usize)>);

impl PostToSockets for Slow {
    async fn post(&self, _: &SocketId, _: &str) -> Result<(), PostError> {
        {
            let (under_way, most) = &mut *self.0.lock().unwrap();
            *under_way += 1;
            *most = (*most).max(*under_way);
        }
        tokio::task::yield_now().await;
        self.0.lock().unwrap().0 -= 1;
        Ok(())
    }

    async fn close(&self, _: &SocketId) -> Result<(), PostError> {
        Ok(())
    }
}

#[tokio::test]
async fn so_many_posts_are_under_way_and_no_more() {
    let ids: Vec<SocketId> = (0..50)
        .map(|number| socket(&format!("s{number}=")))
        .collect();
    for (at_once, most) in [(1, 1), (8, 8), (64, 50)] {
        let slow = Slow::default();
        let posted = post_all(&slow, &ids, "x", at_once).await;
        assert_eq!((posted.posted, *slow.0.lock().unwrap()), (50, (0, most)));
    }
}
