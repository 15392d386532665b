//! Against a CloudWatch that is played by a small server: what is asked for, and what answers mean.

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::ports::StoreError;
use https::Roots;
use serde_json::{Value, json};
use testkit::build::at;
use tokio::net::TcpListener;

use super::*;

type Asked = Arc<Mutex<Vec<(String, Value)>>>;

async fn answer(
    State(asked): State<Asked>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let header = |name: &str| headers.get(name).map_or("", |it| it.to_str().unwrap());
    assert!(header("authorization").contains("/monitoring/aws4_request"));
    let target = header("x-amz-target").to_owned();
    let question: Value = serde_json::from_str(&body).unwrap();
    asked
        .lock()
        .unwrap()
        .push((target.clone(), question.clone()));
    let metric = |name: &str, route: &str| json!({"Namespace": "shop", "MetricName": name, "Dimensions": [{"Name": "route", "Value": route}]});
    let reply = if target.ends_with(".ListMetrics") && question.get("NextToken").is_none() {
        json!({"Metrics": [metric("requests", "/a"), metric("other", "/a")], "NextToken": "2"})
    } else if target.ends_with(".ListMetrics") {
        json!({"Metrics": [metric("requests", "/b")]})
    } else if question["StartTime"] == 0 {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    } else if question["StartTime"] == 60 {
        let refusal = json!({"__type": "com.amazonaws.cloudwatch#ThrottlingException"});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    } else if question["StartTime"] == 120 {
        let refusal = json!({"__type": "AccessDeniedException"});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    } else {
        json!({"MetricDataResults": [{"Id": "m0", "Values": [2.0, 3.0]}, {"Id": "m1", "Values": []}]})
    };
    (StatusCode::OK, reply.to_string())
}

async fn played() -> (CloudWatch, Asked) {
    let asked = Asked::default();
    let routes = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&asked));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(address)
        .build();
    let cloudwatch = CloudWatch::connect(&config, &Roots::amazon(), "shop").unwrap();
    (cloudwatch, asked)
}

#[tokio::test]
async fn reads_the_statistics_of_every_metric_that_has_the_name() {
    let (cloudwatch, asked) = played().await;
    let window = Window::whole_minutes(at(650), 5);
    let series = cloudwatch
        .read(&[("requests", "Sum")], window)
        .await
        .unwrap();
    let expected = Series {
        name: "requests".to_owned(),
        dimensions: [("route".to_owned(), "/a".to_owned())].into(),
        statistic: "Sum",
        value: 5.0,
    };
    assert_eq!(series, [expected]);
    let asked = asked.lock().unwrap();
    let (_, question) = asked.last().unwrap();
    assert_eq!(question["EndTime"], window.until.as_second());
    assert_eq!(
        question["MetricDataQueries"][1]["MetricStat"]["Period"],
        300
    );
    assert_eq!(question["ScanBy"], "TimestampAscending");
    assert_eq!(question["MetricDataQueries"].as_array().unwrap().len(), 2);
}

async fn refusal(from: i64) -> StoreError {
    let (cloudwatch, _) = played().await;
    let window = Window {
        from: jiff::Timestamp::from_second(from).unwrap(),
        until: at(0),
    };
    let refused = cloudwatch.read(&[("requests", "Sum")], window).await;
    refused.unwrap_err()
}

#[tokio::test]
async fn what_is_not_answered_and_what_is_asked_too_often_can_be_asked_again() {
    for from in [0, 60] {
        let refused = refusal(from).await;
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_says_why() {
    let refused = refusal(120).await;
    let StoreError::Broken(cause) = refused else {
        panic!("{refused:?}");
    };
    let why = cause.0;
    assert!(
        why.contains("GetMetricData: AccessDeniedException"),
        "{why}"
    );
}

#[test]
fn a_window_ends_with_the_last_whole_minute() {
    let window = Window::whole_minutes("2026-05-01T10:03:59Z".parse().unwrap(), 2);
    assert_eq!(window.from.to_string(), "2026-05-01T10:01:00Z");
    assert_eq!(window.until.to_string(), "2026-05-01T10:03:00Z");
}
