//! Starts the stand-ins in process on a free port, and speaks to them as a caller would.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use provider_stand_ins::{Clock, Hand, Options, StartError, serve_until};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;
pub(crate) type Attempt<T> = Result<T, Box<dyn Error>>;

/// Nothing here takes longer than this unless it is broken.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// A folder that goes when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("stand-ins-{name}-{}", std::process::id())))
    }

    /// Puts a book there that was written before.
    pub(crate) fn write(&self, book: &str) -> Outcome {
        std::fs::create_dir_all(&self.0)?;
        std::fs::write(self.0.join("book.jsonl"), book)?;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// Running stand-ins with a clock that only the test moves.
pub(crate) struct Desk {
    pub(crate) address: SocketAddr,
    client: Client,
    clock: Clock,
    hand: Hand,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), StartError>>,
}

/// Status, body as sent, and whether it was marked as a replay.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) replayed: bool,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn text_at(&self, pointer: &str) -> String {
        let json = self.json();
        json.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

impl Desk {
    pub(crate) async fn open(folder: Option<&Folder>) -> Attempt<Self> {
        let (clock, hand) = Clock::manual();
        Self::start(folder.map(|folder| folder.0.as_path()), clock, hand).await
    }

    async fn start(folder: Option<&Path>, clock: Clock, hand: Hand) -> Attempt<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let options = Options {
            book: folder.map(Path::to_owned),
            clock: clock.clone(),
        };
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve_until(listener, options, async move {
            // A sender that is gone says stop as well.
            stopped.await.unwrap_or_default();
        }));
        Ok(Self {
            address,
            client: Client::new(),
            clock,
            hand,
            stop,
            server,
        })
    }

    /// Stops them and starts them again on the same book and the same time.
    pub(crate) async fn restart(self, folder: &Folder) -> Attempt<Self> {
        let Self {
            client,
            clock,
            hand,
            stop,
            server,
            ..
        } = self;
        drop(client);
        drop(stop);
        server.await??;
        Self::start(Some(&folder.0), clock, hand).await
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth("sk_test")
    }

    /// A request that does not say whose it is.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.client.request(method, url).timeout(LIMIT)
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        key: &str,
        form: &[(&str, &str)],
    ) -> Attempt<Reply> {
        let request = self.request(Method::POST, &format!("/payments/v1{path}"));
        read(request.header("Idempotency-Key", key).form(form)).await
    }

    /// Creates an intent of 12.00 EUR for the order's first attempt.
    pub(crate) async fn create(&self, order: &str, method: &str) -> Attempt<Reply> {
        self.create_by(order, method, &format!("{order}:authorise:1"))
            .await
    }

    pub(crate) async fn create_by(&self, order: &str, method: &str, key: &str) -> Attempt<Reply> {
        let form = intent_of("1200", order, method);
        self.post("/payment_intents", key, &form).await
    }

    pub(crate) async fn create_of(&self, order: &str, amount: &str) -> Attempt<Reply> {
        let form = intent_of(amount, order, "pm_card_visa");
        self.post("/payment_intents", &format!("{order}:{amount}"), &form)
            .await
    }

    pub(crate) async fn authorised(&self, order: &str) -> Attempt<String> {
        let reply = self.create(order, "pm_card_visa").await?;
        assert_eq!(reply.status, 200, "{reply:?}");
        Ok(reply.text_at("/id"))
    }

    pub(crate) async fn get(&self, path: &str) -> Attempt<Reply> {
        read(self.request(Method::GET, path)).await
    }

    pub(crate) async fn json(&self, path: &str) -> Attempt<Value> {
        Ok(self.get(path).await?.json())
    }

    pub(crate) async fn ship(&self, reference: &str, action: &str) -> Attempt<Reply> {
        let path = format!("/carrier/shipments/{reference}/{action}");
        read(self.request(Method::POST, &path)).await
    }

    pub(crate) async fn shipment(&self, reference: &str, ship_to: Value) -> Attempt<Reply> {
        let body = serde_json::json!({
            "ship_to": ship_to,
            "lines": [{"sku": "a", "quantity": 1}],
        });
        let path = format!("/carrier/shipments/{reference}");
        read(self.request(Method::PUT, &path).json(&body)).await
    }

    /// Asks the SMS gateway; `path` follows the account's.
    pub(crate) fn sms(&self, method: Method, path: &str) -> RequestBuilder {
        let path = format!("/sms/2010-04-01/Accounts/AC1{path}");
        self.anonymous(method, &path)
            .basic_auth("AC1", Some("token"))
    }

    pub(crate) async fn text(&self, to: &str, body: &str) -> Attempt<Reply> {
        let form = [("To", to), ("From", "+31600000000"), ("Body", body)];
        read(self.sms(Method::POST, "/Messages.json").form(&form)).await
    }

    /// Has a destination keep this version of the profile of `u-1`.
    pub(crate) async fn keep(
        &self,
        destination: &str,
        version: u64,
        profile: Value,
    ) -> Attempt<Reply> {
        let path = format!("/destinations/{destination}/profiles/u-1");
        let body = serde_json::json!({"version": version, "profile": profile});
        read(self.anonymous(Method::PUT, &path).json(&body)).await
    }

    /// How many rows the book has at `path`.
    pub(crate) async fn rows(&self, path: &str) -> Attempt<usize> {
        let rows = self.json(&format!("/book/{path}")).await?;
        Ok(rows.as_array().map_or(0, Vec::len))
    }

    pub(crate) async fn fault(&self, target: &str, fault: Value) -> Outcome {
        let reply = read(
            self.request(Method::PUT, &format!("/faults/{target}"))
                .json(&fault),
        )
        .await?;
        assert_eq!(reply.status, 200, "{reply:?}");
        Ok(())
    }

    pub(crate) async fn heal(&self) -> Outcome {
        read(self.request(Method::DELETE, "/faults")).await?;
        Ok(())
    }

    /// The only payment of the order in the provider's book.
    pub(crate) async fn payment(&self, order: &str) -> Attempt<Value> {
        let rows = self
            .json(&format!("/book/payments?order_id={order}"))
            .await?;
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
        Ok(rows.get(0).cloned().unwrap_or_default())
    }

    pub(crate) async fn payments(&self, order: &str) -> Attempt<usize> {
        let rows = self
            .json(&format!("/book/payments?order_id={order}"))
            .await?;
        Ok(rows.as_array().map_or(0, Vec::len))
    }

    /// Asks again until the answer at `path` satisfies `done`.
    pub(crate) async fn until(&self, path: &str, done: impl Fn(&Value) -> bool) -> Outcome {
        let asking = async {
            let mut pace = tokio::time::interval(Duration::from_millis(5));
            loop {
                pace.tick().await;
                if done(&self.json(path).await?) {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(LIMIT, asking).await?
    }
}

pub(crate) async fn read(request: RequestBuilder) -> Attempt<Reply> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let replayed = response.headers().get("idempotent-replayed").is_some();
    Ok(Reply {
        status,
        text: response.text().await?,
        replayed,
    })
}

fn intent_of<'a>(amount: &'a str, order: &'a str, method: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("amount", amount),
        ("currency", "eur"),
        ("payment_method", method),
        ("capture_method", "manual"),
        ("confirm", "true"),
        ("metadata[order_id]", order),
        ("metadata[attempt]", "1"),
    ]
}
