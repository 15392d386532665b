//! Every token that must be refused, by what is wrong with it.

use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

use super::{AUDIENCE, ISSUER, NOW, OTHER_PEM, PEM, claims, signing_key};
use crate::token::{LEEWAY, SigningKey};

type Named = (&'static str, String);

/// The whole corpus.
pub(crate) fn hostile() -> Vec<Named> {
    let mut all = misshapen();
    all.extend(wrongly_signed());
    all.extend(wrong_headers());
    all.extend(wrong_claims());
    all
}

fn misshapen() -> Vec<Named> {
    let good = signing_key().mint(&claims()).unwrap();
    let long = json!({"pad": "x".repeat(5000)});
    vec![
        ("empty", String::new()),
        ("one word", "token".into()),
        ("dots only", "..".into()),
        ("two parts", good.rsplit_once('.').unwrap().0.into()),
        ("four parts", format!("{good}.more")),
        ("a dot in front", format!(".{good}")),
        ("truncated", good[..good.len() - 20].into()),
        ("header that is no base64", with_part(0, "%%%")),
        (
            "header that is no JSON",
            with_part(0, &base64(b"alg=RS256")),
        ),
        ("claims that are no JSON", with_part(1, &base64(b"sub=c-1"))),
        ("giant", changed(json!({}), long)),
    ]
}

fn wrongly_signed() -> Vec<Named> {
    let other_claims = merged(good_claims(), json!({"sub": "c-2"})).to_string();
    let jku = json!({"jku": "https://evil.example/jwks"});
    let x5u = json!({"x5u": "https://evil.example/cert"});
    let jwk = json!({"jwk": somebody_elses_jwk()});
    vec![
        ("no signature", with_part(2, "")),
        ("changed signature", with_changed_signature()),
        (
            "changed claims",
            with_part(1, &base64(other_claims.as_bytes())),
        ),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg RS256 unsigned", unsigned("RS256")),
        ("HS256 with the public key", signed_with_the_public_key()),
        ("RS512", changed(json!({"alg": "RS512"}), json!({}))),
        ("PS256", changed(json!({"alg": "PS256"}), json!({}))),
        ("somebody else's key", somebody_elses(json!({}))),
        ("somebody else's key by jku", somebody_elses(jku)),
        ("somebody else's key by x5u", somebody_elses(x5u)),
        ("somebody else's key by jwk", somebody_elses(jwk)),
    ]
}

fn wrong_headers() -> Vec<Named> {
    let wrong = [
        ("alg missing", json!({"alg": null})),
        ("unknown kid", json!({"kid": "key-9"})),
        ("no kid", json!({"kid": null})),
        ("kid that is a path", json!({"kid": "../../key-1"})),
        ("typ JWT", json!({"typ": "JWT"})),
        ("no typ", json!({"typ": null})),
        ("crit", json!({"crit": ["exp"]})),
    ];
    let token = |(what, header)| (what, changed(header, json!({})));
    wrong.into_iter().map(token).collect()
}

fn wrong_claims() -> Vec<Named> {
    let wrong = [
        ("expired", json!({"exp": NOW - LEEWAY})),
        ("no exp", json!({"exp": null})),
        ("exp that is a text", json!({"exp": "9999999999"})),
        ("not yet valid", json!({"nbf": NOW + LEEWAY + 1})),
        ("made in the future", json!({"iat": NOW + LEEWAY + 1})),
        ("wrong iss", json!({"iss": "https://evil.example"})),
        ("one of several iss", json!({"iss": [ISSUER, "x"]})),
        ("no iss", json!({"iss": null})),
        ("wrong aud", json!({"aud": "another-api"})),
        ("one of several aud", json!({"aud": [AUDIENCE, "x"]})),
        ("no aud", json!({"aud": null})),
        ("no sub", json!({"sub": null})),
        ("sub that is a key", json!({"sub": "a#b"})),
        ("no tenant", json!({"tenant": null})),
        ("no roles", json!({"roles": null})),
        ("unknown role", json!({"roles": ["root"]})),
    ];
    let token = |(what, claims)| (what, changed(json!({}), claims));
    wrong.into_iter().map(token).collect()
}

/// A token of the issuer's with some fields of header and claims changed; null takes one out.
pub(super) fn changed(header: Value, claims: Value) -> String {
    let header = merged(good_header(), header);
    sign(&header, &merged(good_claims(), claims), &PEM)
}

pub(super) fn merged(mut base: Value, changes: Value) -> Value {
    let fields = base.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    base
}

pub(super) fn somebody_elses_jwk() -> Value {
    let key = SigningKey::from_pem("key-1", &OTHER_PEM).unwrap();
    let jwks: Value = serde_json::from_str(&key.jwks().unwrap()).unwrap();
    jwks["keys"][0].clone()
}

fn somebody_elses(header: Value) -> String {
    sign(&merged(good_header(), header), &good_claims(), &OTHER_PEM)
}

fn good_header() -> Value {
    json!({"alg": "RS256", "typ": "at+jwt", "kid": "key-1"})
}

fn good_claims() -> Value {
    serde_json::to_value(claims()).unwrap()
}

/// A token with any header and claims, signed as its header says, else with RS256.
fn sign(header: &Value, claims: &Value, pem: &str) -> String {
    let padding: &dyn RsaEncoding = match header["alg"].as_str() {
        Some("RS512") => &RSA_PKCS1_SHA512,
        Some("PS256") => &RSA_PSS_SHA256,
        _ => &RSA_PKCS1_SHA256,
    };
    let message = unsigned_message(header, claims);
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let key = RsaKeyPair::from_der(key.as_bytes()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    let signed = key.sign(padding, &random, message.as_bytes(), &mut signature);
    signed.unwrap();
    format!("{message}.{}", base64(&signature))
}

fn unsigned_message(header: &Value, claims: &Value) -> String {
    let part = |part: &Value| base64(part.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// A token without a signature, as libraries before 2015 took it.
fn unsigned(alg: &str) -> String {
    let header = merged(good_header(), json!({"alg": alg}));
    format!("{}.", unsigned_message(&header, &good_claims()))
}

/// HS256 with the public key as the secret: the classic confusion.
fn signed_with_the_public_key() -> String {
    let jwks: Value = serde_json::from_str(&signing_key().jwks().unwrap()).unwrap();
    let secret = jwks["keys"][0]["n"].as_str().unwrap().as_bytes();
    let header = merged(good_header(), json!({"alg": "HS256"}));
    let message = unsigned_message(&header, &good_claims());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", base64(signature.as_ref()))
}

/// A good token with one part replaced.
fn with_part(index: usize, part: &str) -> String {
    let good = signing_key().mint(&claims()).unwrap();
    let mut parts: Vec<_> = good.split('.').collect();
    parts[index] = part;
    parts.join(".")
}

fn with_changed_signature() -> String {
    let good = signing_key().mint(&claims()).unwrap();
    let (kept, tail) = good.split_at(good.len() - 9);
    let flipped = if tail.starts_with('A') { 'B' } else { 'A' };
    format!("{kept}{flipped}{}", &tail[1..])
}

/// The library's encoder is private; a JWK of octets shows its work.
fn base64(bytes: &[u8]) -> String {
    let key = DecodingKey::from_secret(bytes);
    let jwk = jsonwebtoken::jwk::Jwk::from_decoding_key(&key, None).unwrap();
    let text = serde_json::to_value(jwk).unwrap();
    text["k"].as_str().unwrap().to_owned()
}
