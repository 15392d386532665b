//! One test's corner of the shop: products, stock and customers of its own, so that tests may run
//! side by side, and what the customers saw.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contracts::http::OrderStatusBody;
use domain::ports::{StockShelves, WriteCatalogue};
use domain::{
    Currency, CustomerId, Money, OrderId, Product, ProductDetails, ProductId, SaleStatus, Sku,
    StockLine, TenantId,
};
use http_edge::Role;
use http_edge::token::{Claims, SigningKey};
use jiff::Timestamp;
use serde_json::Value;
use testkit::invariants::Reply;
use testkit::must;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::cart::{Cart, TENANT};
pub use super::noted::Noted;
use super::probe;
use super::proxy;
use super::stack::Stack;
use super::tables::Tables;
use super::wait::until;

/// An order without faults ends within this, also on a busy machine.
pub const SOON: Duration = Duration::from_secs(60);
/// How long a token is valid, in seconds.
const TOKEN_TTL: i64 = 3_600;

/// Tests that slow everything down, or kill processes, run alone.
static TURN: RwLock<()> = RwLock::const_new(());

/// Held only to keep others away, or to keep company.
#[derive(Debug)]
#[expect(dead_code, reason = "a guard is held, not read")]
enum Turn {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

/// The corner.
#[derive(Debug)]
pub struct Shop {
    /// Where everything is.
    pub stack: Stack,
    /// The tables, as the tests read them.
    pub tables: Tables,
    name: String,
    opened_ms: u64,
    signer: SigningKey,
    customers: AtomicU32,
    noted: Mutex<Noted>,
    _turn: Turn,
}

/// An answer of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whether it says that an earlier request got it first.
    pub replayed: bool,
    /// Content type.
    pub media_type: String,
    /// Whether the limiter counted it.
    pub counted: bool,
    /// How many it lets pass in a minute.
    pub limit: Option<usize>,
    /// After how many seconds to ask again.
    pub retry_after: Option<u64>,
    /// Body, byte for byte.
    pub body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The time.
pub fn now() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the functions have real clocks, so their tests need one"
    )]
    let now = SystemTime::now();
    let since = must(now.duration_since(UNIX_EPOCH));
    must(Timestamp::from_nanosecond(must(
        since.as_nanos().try_into(),
    )))
}

/// A text that no other run of the tests uses.
pub fn stamp() -> String {
    format!("{:x}", now().as_nanosecond())
}

impl Shop {
    /// A corner beside others.
    pub async fn open(name: &str) -> Self {
        let turn = Turn::Shared(TURN.read().await);
        Self::new(name, turn).await
    }

    /// A corner while no other test runs.
    pub async fn alone(name: &str) -> Self {
        let turn = Turn::Alone(TURN.write().await);
        Self::new(name, turn).await
    }

    async fn new(name: &str, turn: Turn) -> Self {
        let stack = Stack::open().await;
        probe::listen(&stack).await;
        // Only who runs alone breaks anything, so nobody else's breakage is healed.
        proxy::reset(&stack).await;
        Self {
            tables: Tables::new(&stack),
            name: format!("{name}-{}", stamp()),
            opened_ms: millis(),
            signer: signer(&stack),
            customers: AtomicU32::new(0),
            noted: Mutex::default(),
            stack,
            _turn: turn,
        }
    }

    /// The name that its customers begin with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it was opened, in milliseconds since 1970.
    pub fn opened_ms(&self) -> u64 {
        self.opened_ms
    }

    /// What happened so far.
    pub fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of a product of this corner.
    pub fn product_id(&self, product: &str) -> ProductId {
        must(ProductId::parse(&format!("p-{}-{product}", self.name)))
    }

    /// The SKU of a product of this corner.
    pub fn sku(&self, product: &str) -> Sku {
        must(Sku::parse(&format!("s-{}-{product}", self.name)))
    }

    /// Puts a product on sale, in euros.
    pub async fn sell(&self, product: &str, cents: i64, pieces: u32) {
        self.list(product, cents, "EUR", true).await;
        self.restock(product, pieces).await;
    }

    /// Sets an entry of the catalogue.
    pub async fn list(&self, product: &str, minor: i64, currency: &str, active: bool) {
        let id = self.product_id(product);
        let details = ProductDetails {
            sku: self.sku(product),
            name: product.to_owned(),
            description: String::new(),
            price: must(Money::new(minor, must(Currency::parse(currency)))),
            status: match active {
                true => SaleStatus::Active,
                false => SaleStatus::Withdrawn,
            },
        };
        let tenant = must(TenantId::parse(TENANT));
        let product = Product::create(id, tenant, details, now());
        must(self.tables.catalog.put(&product).await);
    }

    /// Adds pieces.
    pub async fn restock(&self, product: &str, pieces: u32) {
        let sku = self.sku(product);
        let line = StockLine {
            sku: sku.clone(),
            quantity: pieces,
        };
        must(self.tables.inventory.restock(&line, now()).await);
        *self.noted().stock.entry(sku).or_default() += u64::from(pieces);
    }

    /// How many pieces can be sold now.
    pub async fn available(&self, product: &str) -> u32 {
        let known = self.tables.inventory.available(&self.sku(product)).await;
        must(known).unwrap_or_default()
    }

    /// An order to be placed, by a new customer.
    pub fn cart(&self, lines: &[(&str, i64)]) -> Cart {
        let number = self.customers.fetch_add(1, Ordering::Relaxed);
        let customer = format!("c-{}-{number}", self.name);
        let lines = lines
            .iter()
            .map(|(product, quantity)| (self.product_id(product), *quantity));
        Cart::new(&customer, lines)
    }

    /// A token as the deployment's own tools make it.
    pub fn token(&self, customer: &str) -> String {
        self.sign(&self.claims(customer))
    }

    /// The claims of such a token.
    pub fn claims(&self, customer: &str) -> Claims {
        let now = now().as_second();
        Claims {
            iss: "https://cartwright.example".to_owned(),
            aud: "cartwright-api".to_owned(),
            sub: customer.to_owned(),
            tenant: TENANT.to_owned(),
            roles: vec![Role::Customer],
            email: None,
            sid: None,
            iat: now,
            nbf: None,
            exp: now + TOKEN_TTL,
        }
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Claims) -> String {
        let token = must(self.signer.mint(claims));
        self.noted().secrets.insert(token.clone());
        token
    }

    /// The id of the key that signs them.
    pub fn key_id(&self) -> String {
        let jwks: Value = must(serde_json::from_str(&must(self.signer.jwks())));
        jwks["keys"][0]["kid"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The address of a path from the root on.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.get("API_URL"))
    }

    /// A request to the API.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let url = self.url(&format!("/api/v1{path}"));
        self.stack.http.request(method, url)
    }

    /// Sends a request to the API.
    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = must(request.send().await);
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.and_then(|it| it.to_str().ok()).map(str::to_owned)
        };
        Answer {
            status: answer.status().as_u16(),
            replayed: header("idempotency-replayed").is_some_and(|value| value == "true"),
            media_type: header("content-type").unwrap_or_default(),
            counted: header("ratelimit").is_some(),
            limit: header("ratelimit-policy").and_then(|policy| quota(&policy)),
            retry_after: header("retry-after").and_then(|seconds| seconds.parse().ok()),
            body: must(answer.text().await),
        }
    }

    /// Sends a body to the API, as nobody.
    pub async fn send(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(reqwest::Method::POST, path).json(body);
        let answer = self.ask(request).await;
        self.noted().sent(path, body, &answer);
        answer
    }

    /// Reads something of the API as this customer.
    pub async fn get(&self, customer: &str, path: &str) -> Answer {
        let request = self.request(reqwest::Method::GET, path);
        let sent = millis();
        let answer = self.ask(request.bearer_auth(self.token(customer))).await;
        let customer = must(CustomerId::parse(customer));
        self.noted().read(&customer, &answer, (sent, millis()));
        answer
    }

    /// Sends the order, and notes it.
    pub async fn post(&self, cart: &Cart) -> Answer {
        self.post_with(cart, &self.token(&cart.customer)).await
    }

    /// The same with an access token that the customer got.
    pub async fn post_with(&self, cart: &Cart, token: &str) -> Answer {
        self.noted().orders.push(cart.id());
        let request = self
            .request(reqwest::Method::POST, "/orders")
            .bearer_auth(token)
            .header("idempotency-key", &cart.key)
            .json(&cart.body);
        let answer = self.ask(request).await;
        self.noted().replies.push(Reply {
            customer: cart.customer_id(),
            key: cart.key.clone(),
            status: answer.status,
            body: answer.body.clone(),
        });
        answer
    }

    /// Sends the order, which must be accepted.
    pub async fn place(&self, cart: &Cart) -> OrderId {
        let answer = self.post(cart).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = cart.id();
        assert_eq!(answer.json()["order_id"], id.to_string());
        id
    }

    /// Reads the status, as the customer, and notes it.
    pub async fn status(&self, cart: &Cart) -> OrderStatusBody {
        let id = cart.id();
        let answer = self
            .get(&cart.customer, &format!("/orders/{id}/status"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body: OrderStatusBody = must(serde_json::from_str(&answer.body));
        let mut noted = self.noted();
        let seen = noted.seen.entry(id).or_default();
        seen.push(body.status.clone());
        body
    }

    /// Follows the order to its end.
    pub async fn end_of(&self, cart: &Cart, limit: Duration) -> OrderStatusBody {
        let what = format!("the end of order {}", cart.id());
        let look = || async {
            let body = self.status(cart).await;
            body.ended.then_some(body)
        };
        until(&what, limit, look).await
    }

    /// Follows the order to its end and checks how it ended: with a status and, where it failed,
    /// a reason.
    pub async fn ends(&self, cart: &Cart, limit: Duration, status: &str, reason: Option<&str>) {
        let end = self.end_of(cart, limit).await;
        let code = end.failure.as_ref().map(|failure| failure.code.as_str());
        assert_eq!((end.status.as_str(), code), (status, reason), "{end:?}");
    }
}

fn millis() -> u64 {
    u64::try_from(now().as_millisecond()).unwrap_or_default()
}

/// The `q` of a policy such as `"user";q=1000;w=60`.
fn quota(policy: &str) -> Option<usize> {
    policy
        .split(';')
        .find_map(|part| part.strip_prefix("q=")?.parse().ok())
}

/// The key of the deployment, under the id that it was deployed with: the RFC 7638 thumbprint.
fn signer(stack: &Stack) -> SigningKey {
    let pem = must(std::fs::read_to_string(stack.get("CARTWRIGHT_TOKEN_KEY")));
    must(SigningKey::named_by_thumbprint(&pem))
}
