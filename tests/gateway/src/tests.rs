//! Clients and functions as they would be: over real sockets.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Json, Router};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the functions were told, oldest first.
#[derive(Clone, Debug, Default)]
struct Told(watch::Sender<Vec<(String, Value)>>);

impl Told {
    async fn invoke(
        State(told): State<Self>,
        Path(name): Path<String>,
        Json(event): Json<Value>,
    ) -> (StatusCode, Json<Value>) {
        told.0
            .send_modify(|told| told.push((name.clone(), event.clone())));
        let ticket = event["queryStringParameters"]["ticket"].as_str();
        let answer = match (name.as_str(), ticket) {
            ("authorize", Some("good" | "busy")) => policy("Allow"),
            ("authorize", _) => policy("Deny"),
            (_, Some("busy")) => json!({"statusCode": 503}),
            _ if event["body"] == "fail" => return (StatusCode::BAD_GATEWAY, Json(json!({}))),
            _ => json!({"statusCode": 200}),
        };
        (StatusCode::OK, Json(answer))
    }

    /// What the function of the routes was told, once it has been told of this one.
    async fn until(&self, route: &str) -> Vec<Value> {
        let of_routes = |told: &[(String, Value)]| -> Vec<Value> {
            let of_routes = told.iter().filter(|(name, _)| name == "routes");
            of_routes.map(|(_, event)| event.clone()).collect()
        };
        let is_last = |told: &Vec<(String, Value)>| {
            let last = of_routes(told).pop();
            last.is_some_and(|it| it["requestContext"]["routeKey"] == route)
        };
        let mut told = self.0.subscribe();
        let told = tokio::time::timeout(Duration::from_secs(10), told.wait_for(is_last)).await;
        of_routes(&told.unwrap().unwrap())
    }
}

fn policy(effect: &str) -> Value {
    json!({
        "principalId": "mia",
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}]},
        "context": {"tenant": "main", "until": 7},
    })
}

async fn start() -> (String, Told) {
    let told = Told::default();
    let routes = Router::new()
        .route(
            "/2015-03-31/functions/{name}/invocations",
            axum::routing::post(Told::invoke),
        )
        .with_state(told.clone());
    let (lambda, lambda_address) = listen(0).await.unwrap();
    tokio::spawn(async move { axum::serve(lambda, routes).await });
    let functions = Functions::new(&Arguments {
        port: 0,
        lambda: Some(format!("http://{lambda_address}")),
        authorizer: Some("authorize".to_owned()),
        function: Some("routes".to_owned()),
    });
    let (listener, address) = listen(0).await.unwrap();
    tokio::spawn(serve(listener, functions.unwrap()));
    (format!("{address}/live"), told)
}

async fn connect(at: &str, ticket: &str) -> Result<Client, tungstenite::Error> {
    let connected = connect_async(format!("ws://{at}?ticket={ticket}")).await;
    connected.map(|(client, _)| client)
}

async fn text(client: &mut Client) -> String {
    let message = client.next().await.unwrap().unwrap();
    message.into_text().unwrap().to_string()
}

fn id_of(event: &Value) -> &str {
    event["requestContext"]["connectionId"].as_str().unwrap()
}

#[tokio::test]
async fn a_client_comes_in_speaks_hears_and_goes() {
    let (at, told) = start().await;
    let mut client = connect(&at, "good").await.unwrap();
    let connected = told.until("$connect").await;
    let authorizer = json!({"principalId": "mia", "tenant": "main", "until": "7"});
    assert_eq!(connected[0]["requestContext"]["authorizer"], authorizer);
    let id = id_of(&connected[0]).to_owned();
    client.send(Message::text("hello")).await.unwrap();
    let heard = told.until("$default").await;
    assert_eq!(
        (&heard[1]["body"], id_of(&heard[1])),
        (&json!("hello"), id.as_str())
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("http://{at}/@connections/{}", id.replace('=', "%3D"));
    let posted = http.post(&address).body("grüße").send().await.unwrap();
    assert_eq!(
        (posted.status().as_u16(), text(&mut client).await.as_str()),
        (200, "grüße")
    );
    assert_eq!(http.get(&address).send().await.unwrap().status(), 200);
    let listed = http.get(format!("http://{at}/@connections")).send().await;
    let listed: Vec<String> = listed.unwrap().json().await.unwrap();
    assert_eq!(listed, [id.as_str()]);
    client.close(None).await.unwrap();
    let gone = told.until("$disconnect").await;
    assert_eq!(id_of(&gone[2]), id);
    let posted = http.post(&address).body("x").send().await.unwrap();
    assert_eq!(posted.status(), 410);
}

#[tokio::test]
async fn a_function_ends_a_socket_and_its_client_hears_it() {
    let (at, told) = start().await;
    let mut client = connect(&at, "good").await.unwrap();
    let id = id_of(&told.until("$connect").await[0]).replace('=', "%3D");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("http://{at}/@connections/{id}");
    assert_eq!(http.delete(&address).send().await.unwrap().status(), 204);
    assert_eq!(http.get(&address).send().await.unwrap().status(), 410);
    assert_eq!(http.delete(&address).send().await.unwrap().status(), 410);
    assert!(client.next().await.unwrap().unwrap().is_close());
    let gone = told.until("$disconnect").await;
    assert_eq!(gone[1]["requestContext"]["disconnectStatusCode"], 1000);
}

#[tokio::test]
async fn whoever_is_not_let_in_has_no_socket() {
    let (at, told) = start().await;
    for (ticket, status) in [("forged", 403), ("busy", 503)] {
        let refused = connect(&at, ticket).await.unwrap_err();
        let tungstenite::Error::Http(answer) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(answer.status(), status, "{ticket}");
    }
    let told = told.0.borrow().clone();
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["authorize", "authorize", "routes"]);
}

#[tokio::test]
async fn a_function_that_fails_is_said_to_the_client() {
    let (at, _told) = start().await;
    let mut client = connect(&at, "good").await.unwrap();
    client.send(Message::text("fail")).await.unwrap();
    assert!(text(&mut client).await.contains("Internal server error"));
}
