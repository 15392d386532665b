//! Against a bucket that is played by a small server: what is asked for, and what answers mean.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use audit::KeepAnchors;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use domain::JobFile;
use domain::ports::{KeepFiles, LinkFiles, StoreError};
use jiff::SignedDuration;
use testkit::build::at;
use testkit::{must, must_fail};
use tokio::net::TcpListener;

use super::*;

#[derive(Clone, Default)]
struct Played(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
    refuse: Option<StatusCode>,
}

impl Played {
    async fn answer(State(Self(inner)): State<Self>, request: Request) -> (StatusCode, Vec<u8>) {
        let (parts, body) = request.into_parts();
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .map_or("", |it| it.to_str().unwrap())
        };
        let signed = header("authorization").to_owned();
        let (path, only_new) = (parts.uri.to_string(), header("if-none-match") == "*");
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let mut inner = inner.lock().unwrap();
        inner
            .asked
            .push(format!("{} {path} {signed}", parts.method));
        if let Some(status) = inner.refuse {
            return (status, b"<Error><Code>Odd</Code></Error>".to_vec());
        }
        if path.contains("list-type") {
            let key = inner.objects.keys().next();
            let key = key
                .map(|key| format!("<Key>{key}</Key>"))
                .unwrap_or_default();
            return (
                StatusCode::OK,
                format!("<ListBucketResult>{key}</ListBucketResult>").into_bytes(),
            );
        }
        let key = path.strip_prefix("/bucket/").unwrap().to_owned();
        if parts.method == Method::GET {
            let found = inner.objects.get(&key).cloned();
            return found.map_or((StatusCode::NOT_FOUND, Vec::new()), |it| {
                (StatusCode::OK, it)
            });
        }
        if only_new && inner.objects.contains_key(&key) {
            return (StatusCode::PRECONDITION_FAILED, Vec::new());
        }
        inner.objects.insert(key, body.to_vec());
        (StatusCode::OK, Vec::new())
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
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("AKID", "secret", None, None, "test");
    SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

async fn bucket() -> (Played, impl KeepAnchors<Error = StoreError>) {
    let played = Played::default();
    let config = config(&played.serve().await);
    let bucket = must(AnchorBucket::connect(&config, &Roots::amazon(), "bucket"));
    (played, bucket.at(|| at(0)))
}

#[tokio::test]
async fn the_first_name_is_the_newest_and_none_is_replaced() {
    let (_, bucket) = bucket().await;
    assert_eq!(must(bucket.newest().await), None);
    must(bucket.keep("anchors/2-old.txt", "old").await);
    must(bucket.keep("anchors/1-new.txt", "new").await);
    must(bucket.keep("anchors/1-new.txt", "other").await);
    assert_eq!(must(bucket.newest().await).as_deref(), Some("new"));
}

#[tokio::test]
async fn every_call_is_signed() {
    let (played, bucket) = bucket().await;
    must(bucket.keep("anchors/1.txt", "text").await);
    must(bucket.newest().await);
    let asked = played.0.lock().unwrap().asked.clone();
    assert_eq!(asked.len(), 3);
    for call in asked {
        assert!(
            call.contains("Credential=AKID/20260720/eu-west-1/s3/aws4_request"),
            "{call}"
        );
        assert!(call.contains("x-amz-content-sha256"), "{call}");
    }
}

#[tokio::test]
async fn what_passes_is_told_from_what_does_not() {
    let (played, bucket) = bucket().await;
    for (status, passes) in [
        (503, true),
        (500, true),
        (429, true),
        (409, true),
        (403, false),
    ] {
        played.0.lock().unwrap().refuse = Some(StatusCode::from_u16(status).unwrap());
        for error in [
            must_fail(bucket.newest().await),
            must_fail(bucket.keep("anchors/1.txt", "text").await),
        ] {
            let unavailable = matches!(error, StoreError::Unavailable(_));
            assert_eq!(unavailable, passes, "{status}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_bucket_that_cannot_be_reached_is_unavailable() {
    let config = config("http://127.0.0.1:9");
    let bucket = must(AnchorBucket::connect(&config, &Roots::amazon(), "bucket"));
    let error = must_fail(bucket.at(|| at(0)).newest().await);
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_not_asked_for() {
    let (played, bucket) = bucket().await;
    for name in ["anchors/a b", "other/1.txt", "anchors/?x=1", "anchors/%2e"] {
        must_fail(bucket.keep(name, "text").await);
    }
    assert!(played.0.lock().unwrap().asked.is_empty());
}

async fn archive() -> (Played, impl KeepFiles) {
    let played = Played::default();
    let config = config(&played.serve().await);
    let bucket = must(FileBucket::archive(&config, &Roots::amazon(), "bucket"));
    (played, bucket.at(|| at(0)))
}

mod files {
    testkit::check_files!(async { super::archive().await.1 });
}

#[tokio::test]
async fn a_file_that_is_refused_is_an_error_and_none_is_taken_for_another() {
    let (played, archive) = archive().await;
    for (status, passes) in [(503, true), (429, true), (403, false)] {
        played.0.lock().unwrap().refuse = Some(StatusCode::from_u16(status).unwrap());
        for error in [
            must_fail(archive.get_file("events/a").await),
            must_fail(archive.put_file("events/a", vec![1]).await),
        ] {
            let unavailable = matches!(error, StoreError::Unavailable(_));
            assert_eq!(unavailable, passes, "{status}: {error:?}");
        }
    }
    let asked = played.0.lock().unwrap().asked.len();
    for path in ["anchors/1.txt", "events/?x=1", "events/%2e", "events/a b"] {
        must_fail(archive.put_file(path, vec![1]).await);
        must_fail(archive.get_file(path).await);
    }
    assert_eq!(played.0.lock().unwrap().asked.len(), asked);
}

#[tokio::test]
async fn what_a_job_made_is_had_by_a_link_and_nothing_else_is() {
    let played = Played::default();
    let config = config(&played.serve().await);
    let bucket = must(FileBucket::jobs(&config, &Roots::amazon(), "bucket"));
    let bucket = bucket.at(|| at(0));
    assert_eq!(must(bucket.get_file("jobs/1/result").await), None);
    must(bucket.put_file("jobs/1/result", vec![7]).await);
    assert_eq!(must(bucket.get_file("jobs/1/result").await), Some(vec![7]));
    let mut file = JobFile {
        path: "jobs/1/result".to_owned(),
        name: "sales.csv".to_owned(),
        bytes: 1,
    };
    let valid = SignedDuration::from_mins(5);
    let link = must(bucket.link(&file, valid).await);
    for part in [
        "/bucket/jobs/1/result?",
        "X-Amz-Credential=AKID%2F20260720%2Feu-west-1%2Fs3%2Faws4_request",
        "X-Amz-Expires=300&",
        "response-content-disposition=attachment%3B%20filename%3D%22sales.csv%22&",
        "X-Amz-Signature=",
    ] {
        assert!(link.contains(part), "{link}");
    }
    file.path = "events/1".to_owned();
    must_fail(bucket.link(&file, valid).await);
    must_fail(bucket.put_file("events/1", vec![7]).await);
}
