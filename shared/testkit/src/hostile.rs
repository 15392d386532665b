//! Hostile access tokens, made by rules: every one must be refused, whatever it is shown to. They
//! are made with the issuer's own key wherever that leaves one thing wrong, so that a check that is
//! left out is seen.

mod claims;
mod headers;
mod shapes;
mod shown;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use crate::keys::private_key;
use crate::must;
pub use shown::Shown;

/// What is wrong with a token, and the token.
pub type Hostile = (String, String);

/// Makes tokens, good and hostile.
#[derive(Debug)]
pub struct Forge {
    key_id: String,
    issuer: String,
    audience: String,
    now: i64,
    /// Until when its tokens are shown.
    until: i64,
    own: RsaKeyPair,
    /// The issuer's public key, as everybody may read it.
    public: Value,
    stranger: RsaKeyPair,
    stranger_public: Value,
}

/// The key and the public key of a PEM. Not by what reads keys elsewhere, which is under test.
fn keys(key_id: &str, pem: &str) -> (RsaKeyPair, Value) {
    let body: String = pem.lines().filter(|it| !it.starts_with("-----")).collect();
    let der = must(STANDARD.decode(body));
    let key = match pem.contains("RSA PRIVATE KEY") {
        true => RsaKeyPair::from_der(&der),
        false => RsaKeyPair::from_pkcs8(&der),
    };
    let key = must(key);
    let numbers = PublicKeyComponents::<Vec<u8>>::from(key.public());
    let public = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id,
        "n": base64(&numbers.n), "e": base64(&numbers.e),
    });
    (key, public)
}

impl Forge {
    /// Of an issuer whose private key this is, under this id, for an audience, at a time.
    pub fn new((key_id, pem): (&str, &str), (issuer, audience): (&str, &str), now: i64) -> Self {
        let (own, public) = keys(key_id, pem);
        let (stranger, stranger_public) = keys(key_id, &private_key());
        Self {
            key_id: key_id.to_owned(),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            now,
            until: now,
            own,
            public,
            stranger,
            stranger_public,
        }
    }

    /// Its tokens are shown for so many seconds, while a clock goes on: at most 600, as long as good
    /// ones are good.
    #[must_use]
    pub fn shown_for(self, seconds: i64) -> Self {
        Self {
            until: self.now + seconds,
            ..self
        }
    }

    /// All hostile tokens. What is wrong with each is said once.
    pub fn tokens(&self) -> Vec<Hostile> {
        let mut all = shapes::all(self);
        all.extend(headers::all(self));
        all.extend(claims::all(self));
        all
    }

    /// All hostile ways to show something, those of hostile tokens among them.
    pub fn shown(&self) -> Vec<Shown> {
        let tokens = self.tokens().into_iter();
        let mut all: Vec<_> = tokens
            .map(|(what, token)| Shown::bearer(what, &token))
            .collect();
        all.extend(shown::all(self));
        all
    }

    /// A good token, of somebody who may do everything.
    pub fn good(&self) -> String {
        self.changed(json!({}), json!({}))
    }

    /// A good token with some fields of header and claims changed; null takes one out.
    pub fn changed(&self, header: Value, claims: Value) -> String {
        let header = merged(self.header(), header);
        let claims = merged(self.claims(), claims);
        self.of(&header.to_string(), &claims.to_string())
    }

    /// The issuer's public key, as everybody may read it.
    pub fn jwks(&self) -> String {
        json!({"keys": [self.public]}).to_string()
    }

    /// Somebody else's public key, as a JWK.
    pub fn stranger_jwk(&self) -> Value {
        self.stranger_public.clone()
    }

    /// A token of these texts, signed as the issuer signs.
    fn of(&self, header: &str, claims: &str) -> String {
        sign(&self.own, &RSA_PKCS1_SHA256, &message(header, claims))
    }

    /// The same, signed by somebody else.
    fn strangers(&self, header: &Value, claims: &str) -> String {
        let message = message(&header.to_string(), claims);
        sign(&self.stranger, &RSA_PKCS1_SHA256, &message)
    }

    fn header(&self) -> Value {
        json!({"alg": "RS256", "typ": "at+jwt", "kid": self.key_id})
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer, "aud": self.audience, "sub": "c-1", "tenant": "main",
            "roles": ["customer", "support", "admin"], "email": "c@example.org",
            "iat": self.now - 60, "exp": self.now + 600,
        })
    }
}

/// A header and claims as they are signed.
fn message(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        base64(header.as_bytes()),
        base64(claims.as_bytes())
    )
}

fn sign(key: &RsaKeyPair, padding: &'static dyn RsaEncoding, message: &str) -> String {
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    must(key.sign(padding, &random, message.as_bytes(), &mut signature));
    format!("{message}.{}", base64(&signature))
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// With these fields changed; null takes one out.
pub fn merged(mut base: Value, changes: Value) -> Value {
    if let (Value::Object(fields), Value::Object(changes)) = (&mut base, changes) {
        for (name, value) in changes {
            match value {
                Value::Null => drop(fields.remove(&name)),
                value => drop(fields.insert(name, value)),
            }
        }
    }
    base
}

#[cfg(test)]
mod tests;
