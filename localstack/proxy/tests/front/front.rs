//! Starts the proxy in front of a far end, and speaks to it as an SDK would.

use std::error::Error;
use std::time::Duration;

use aws_proxy::{Call, Clock, Hand, Options, Proxy, Sum};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::far::Far;

pub(crate) type Attempt<T> = Result<T, Box<dyn Error>>;
pub(crate) type Outcome = Attempt<()>;

/// Nothing here takes longer than this unless it is broken.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// A proxy whose time only the test moves, and what is behind it.
pub(crate) struct Front {
    pub(crate) proxy: Proxy,
    pub(crate) far: Far,
    pub(crate) hand: Hand,
    pub(crate) client: Client,
}

/// Status and body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) async fn of(response: Response) -> Attempt<Self> {
        Ok(Self {
            status: response.status().as_u16(),
            text: response.text().await?,
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl Front {
    pub(crate) async fn open() -> Attempt<Self> {
        let far = Far::start().await?;
        let (clock, hand) = Clock::manual();
        let proxy = Proxy::start_with(Options {
            upstream: format!("http://{}", far.address),
            clock,
            ..Options::default()
        })
        .await?;
        let client = Client::builder().no_proxy().timeout(LIMIT).build()?;
        Ok(Self {
            proxy,
            far,
            hand,
            client,
        })
    }

    /// One call in the AWS JSON protocol.
    pub(crate) async fn call(&self, target: &str, body: &Value) -> Attempt<Reply> {
        send(self.client.clone(), self.proxy.url(), target, body.clone()).await
    }

    /// The same, on its way while the test goes on.
    pub(crate) fn begin(&self, target: &str, body: &Value) -> JoinHandle<Result<Reply, String>> {
        let (client, url) = (self.client.clone(), self.proxy.url());
        let (target, body) = (target.to_owned(), body.clone());
        tokio::spawn(async move {
            let reply = send(client, url, &target, body).await;
            reply.map_err(|error| error.to_string())
        })
    }

    pub(crate) async fn dynamodb(&self, operation: &str, body: &Value) -> Attempt<Reply> {
        self.call(&format!("DynamoDB_20120810.{operation}"), body)
            .await
    }

    /// One request to the control surface.
    pub(crate) async fn control(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Attempt<Reply> {
        let url = format!("{}/_proxy{path}", self.proxy.url());
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        Reply::of(request.send().await?).await
    }

    /// Moves the time on until the call is answered. Again and again, because a call waits from the
    /// time at which it came.
    pub(crate) async fn pass_time_until<T>(&self, call: &JoinHandle<T>, step: Duration) -> Outcome {
        let finished = async {
            while !call.is_finished() {
                self.hand.advance(step);
                tokio::task::yield_now().await;
            }
        };
        Ok(timeout(LIMIT, finished).await?)
    }

    pub(crate) fn last_call(&self) -> Attempt<Call> {
        Ok(self.proxy.calls().calls.pop().ok_or("no call yet")?)
    }

    /// The sums of a single line.
    pub(crate) fn only_sum(&self) -> Attempt<Sum> {
        let mut sums = self.proxy.trace();
        let sum = sums.pop().ok_or("no call yet")?;
        assert!(sums.is_empty(), "and {sums:?}");
        Ok(sum)
    }

    /// Sends exactly these bytes and reads to the end of the connection.
    pub(crate) async fn raw(&self, bytes: &str) -> Attempt<String> {
        let address = self.proxy.url().replace("http://", "");
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(bytes.as_bytes()).await?;
        let mut answer = Vec::new();
        timeout(LIMIT, stream.read_to_end(&mut answer)).await??;
        Ok(String::from_utf8(answer)?)
    }
}

async fn send(client: Client, url: String, target: &str, body: Value) -> Attempt<Reply> {
    let request = client
        .post(url)
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.0")
        .header("user-agent", "aws-sdk-rust/1.3 app/tester")
        .body(body.to_string());
    Reply::of(request.send().await?).await
}

/// An item with this key.
pub(crate) fn key(pk: &str) -> Value {
    json!({"pk": {"S": pk}})
}

/// A put of one item.
pub(crate) fn put(pk: &str) -> Value {
    json!({"TableName": "Orders", "Item": {"pk": {"S": pk}, "colour": {"S": "red"}}})
}

/// A transaction that updates these items.
pub(crate) fn transaction(keys: &[&str]) -> Value {
    let update = |pk: &&str| json!({"Update": {"TableName": "Orders", "Key": key(pk)}});
    let items: Vec<Value> = keys.iter().map(update).collect();
    json!({"TransactItems": items})
}
