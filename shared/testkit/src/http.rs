//! Requests to a router inside the edge, with real tokens.

use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, header};
use domain::ports::LookUpApiKey;
use http_edge::token::{Claims, SigningKey};
use http_edge::{Api, Cursors, Limits, Options, Role, TokenVerifier, edge};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::build::{at, tenant};
use crate::keys::private_key;
use crate::{must, must_have};

const ISSUER: &str = "https://cartwright.example";
const AUDIENCE: &str = "cartwright-api";

/// A private key made for this run.
static PEM: LazyLock<String> = LazyLock::new(private_key);

fn signing_key() -> SigningKey {
    must(SigningKey::from_pem("key-1", &PEM))
}

/// Puts the edge around routes. It takes the tokens of [`token`], at [`build::at`](at) zero.
pub fn protect(routes: Api) -> Router {
    edge(routes, options())
}

/// The same, with limits.
pub fn protect_limited(routes: Api, limits: Limits) -> Router {
    edge(routes, options().limited(limits))
}

fn options() -> Options {
    let jwks = must(signing_key().jwks());
    let verifier = must(TokenVerifier::new(&jwks, ISSUER, AUDIENCE));
    Options::protected(verifier, || at(0), || Uuid::from_u128(1))
}

/// The same for routes that take API keys too.
pub fn protect_with_keys(routes: Api, keys: impl LookUpApiKey + Send + Sync + 'static) -> Router {
    edge(routes, options().with_keys(keys))
}

/// What signs the cursors of all tests.
pub fn cursors() -> Cursors {
    must(Cursors::new(&"07".repeat(32)))
}

/// A token of somebody with a role in the shop of all tests. Their address is
/// `<subject>@example.org`.
pub fn token(subject: &str, role: Role) -> String {
    token_of_shop(tenant().as_str(), subject, role)
}

/// A token of somebody with a role in another shop.
pub fn token_of_shop(shop: &str, subject: &str, role: Role) -> String {
    let now = at(0).as_second();
    must(signing_key().mint(&Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject.to_owned(),
        tenant: shop.to_owned(),
        roles: vec![role],
        email: Some(format!("{subject}@example.org")),
        sid: None,
        iat: now,
        nbf: None,
        exp: now + 600,
    }))
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
    from: Option<SocketAddr>,
}

impl Ask {
    /// `GET`
    pub fn get(path: &str) -> Self {
        Self::of(Method::GET, path)
    }

    /// Any method, without a body.
    pub fn of(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            from: None,
        }
    }

    /// `POST` of a JSON text.
    pub fn post(path: &str, body: impl ToString) -> Self {
        let ask = Self {
            method: Method::POST,
            body: body.to_string(),
            ..Self::get(path)
        };
        ask.with(header::CONTENT_TYPE.as_str(), "application/json")
    }

    /// `PUT` of a JSON text.
    pub fn put(path: &str, body: impl ToString) -> Self {
        Self {
            method: Method::PUT,
            ..Self::post(path, body)
        }
    }

    /// `DELETE`
    pub fn delete(path: &str) -> Self {
        Self::of(Method::DELETE, path)
    }

    /// As a customer.
    #[must_use]
    pub fn by(self, customer: &str) -> Self {
        self.with_token(&token(customer, Role::Customer))
    }

    /// With this token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// From an address, as API Gateway sees it.
    #[must_use]
    pub fn from_address(self, address: &str) -> Self {
        let from = Some(SocketAddr::new(must(address.parse()), 0));
        Self { from, ..self }
    }

    /// Sends it.
    pub async fn to(self, router: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(from) = self.from {
            request = request.extension(ConnectInfo(from));
        }
        let request = must(request.body(Body::from(self.body)));
        let (parts, body) = must(router.clone().oneshot(request).await).into_parts();
        let body = must(to_bytes(body, usize::MAX).await);
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: must(String::from_utf8(body.to_vec())),
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| must(value.to_str()))
    }

    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        must(serde_json::from_str(&self.body))
    }

    /// Status and slug of a problem.
    ///
    /// # Panics
    /// When the answer is no problem.
    pub fn problem(&self) -> (u16, String) {
        let kind = self.header("content-type");
        assert_eq!(kind, "application/problem+json", "{}", self.body);
        let body = self.json();
        let name = must_have(body.get("type").and_then(Value::as_str));
        let slug = must_have(name.rsplit('/').next());
        (self.status, slug.to_owned())
    }
}
