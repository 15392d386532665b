//! Tokens that are refused, all of them alike, and those that are not.

use std::sync::LazyLock;

use jsonwebtoken::{EncodingKey, encode};
use serde_json::{Value, json};

use super::*;

pub(crate) const ISSUER: &str = "https://cartwright.example";
pub(crate) const AUDIENCE: &str = "cartwright-api";
/// The time of all these tests.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A private key of the issuer's, made for this run.
static PEM: LazyLock<String> = LazyLock::new(|| SigningKey::generate_pem().unwrap());
/// Somebody else's.
static OTHER_PEM: LazyLock<String> = LazyLock::new(|| SigningKey::generate_pem().unwrap());

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_pem("key-1", &PEM).unwrap()
}

pub(crate) fn verifier() -> TokenVerifier {
    let jwks = signing_key().jwks().unwrap();
    TokenVerifier::new(&jwks, ISSUER, AUDIENCE).unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

pub(crate) fn claims() -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: "c-1".into(),
        tenant: "shop".into(),
        roles: vec![Role::Customer],
        email: Some("c@example.org".into()),
        iat: NOW - 60,
        nbf: None,
        exp: NOW + 600,
    }
}

fn base64(bytes: &[u8]) -> String {
    // The library's encoder is private; a JWK of octets shows its work.
    let key = jsonwebtoken::DecodingKey::from_secret(bytes);
    let jwk = jsonwebtoken::jwk::Jwk::from_decoding_key(&key, None).unwrap();
    let text = serde_json::to_value(jwk).unwrap();
    text["k"].as_str().unwrap().to_owned()
}

/// A token with any header and claims, signed with RS256 whatever the header says.
fn sign(header: &Value, claims: &Value, pem: &str) -> String {
    let part = |part: &Value| base64(part.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256);
    format!("{message}.{}", signature.unwrap())
}

fn good_header() -> Value {
    json!({"alg": "RS256", "typ": "at+jwt", "kid": "key-1"})
}

fn good_claims() -> Value {
    serde_json::to_value(claims()).unwrap()
}

/// A token of the issuer's with some fields of header and claims changed; null takes one out.
fn changed(header: Value, claims: Value) -> String {
    sign(
        &merged(good_header(), header),
        &merged(good_claims(), claims),
        &PEM,
    )
}

fn merged(mut base: Value, changes: Value) -> Value {
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

/// HS256 with the public key as the secret: the classic confusion.
fn signed_with_the_public_key() -> String {
    let jwks: Value = serde_json::from_str(&signing_key().jwks().unwrap()).unwrap();
    let secret = jwks["keys"][0]["n"].as_str().unwrap().as_bytes().to_vec();
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TOKEN_TYPE.into());
    header.kid = Some("key-1".into());
    encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap()
}

/// A token without a signature, as libraries before 2015 took it.
fn unsigned(alg: &str) -> String {
    let header = merged(good_header(), json!({"alg": alg}));
    let part = |part: &Value| base64(part.to_string().as_bytes());
    format!("{}.{}.", part(&header), part(&good_claims()))
}

fn somebody_elses(header: Value) -> String {
    sign(&merged(good_header(), header), &good_claims(), &OTHER_PEM)
}

fn somebody_elses_jwk() -> Value {
    let jwks = SigningKey::from_pem("key-1", &OTHER_PEM)
        .unwrap()
        .jwks()
        .unwrap();
    let jwks: Value = serde_json::from_str(&jwks).unwrap();
    jwks["keys"][0].clone()
}

/// A good token with one part replaced.
fn with_part(index: usize, part: &str) -> String {
    let good = signing_key().mint(&claims()).unwrap();
    let mut parts: Vec<_> = good.split('.').collect();
    parts[index] = part;
    parts.join(".")
}

/// Every token that must be refused, by what is wrong with it.
pub(crate) fn hostile() -> Vec<(&'static str, String)> {
    let good = signing_key().mint(&claims()).unwrap();
    let other_claims = base64(
        merged(good_claims(), json!({"sub": "c-2"}))
            .to_string()
            .as_bytes(),
    );
    let flipped = {
        let last = if good.ends_with('A') { "B" } else { "A" };
        format!("{}{last}", &good[..good.len() - 1])
    };
    vec![
        ("empty", String::new()),
        ("one word", "token".into()),
        ("dots only", "..".into()),
        ("two parts", good.rsplit_once('.').unwrap().0.into()),
        ("four parts", format!("{good}.more")),
        ("a dot in front", format!(".{good}")),
        ("truncated", good[..good.len() - 20].into()),
        ("changed signature", flipped),
        ("no signature", with_part(2, "")),
        ("changed claims", with_part(1, &other_claims)),
        ("header that is no base64", with_part(0, "%%%")),
        ("claims that are no JSON", with_part(1, &base64(b"sub=c-1"))),
        (
            "giant",
            changed(json!({}), json!({"pad": "x".repeat(5000)})),
        ),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg RS256 unsigned", unsigned("RS256")),
        ("HS256 with the public key", signed_with_the_public_key()),
        (
            "alg RS512 in the header",
            changed(json!({"alg": "RS512"}), json!({})),
        ),
        (
            "alg PS256 in the header",
            changed(json!({"alg": "PS256"}), json!({})),
        ),
        ("alg missing", changed(json!({"alg": null}), json!({}))),
        ("unknown kid", changed(json!({"kid": "key-9"}), json!({}))),
        ("no kid", changed(json!({"kid": null}), json!({}))),
        (
            "kid that is a path",
            changed(json!({"kid": "../../key-1"}), json!({})),
        ),
        ("typ JWT", changed(json!({"typ": "JWT"}), json!({}))),
        ("no typ", changed(json!({"typ": null}), json!({}))),
        ("crit", changed(json!({"crit": ["exp"]}), json!({}))),
        ("expired", changed(json!({}), json!({"exp": NOW - LEEWAY}))),
        ("no exp", changed(json!({}), json!({"exp": null}))),
        (
            "exp that is a text",
            changed(json!({}), json!({"exp": "9999999999"})),
        ),
        (
            "not yet valid",
            changed(json!({}), json!({"nbf": NOW + LEEWAY + 1})),
        ),
        (
            "made in the future",
            changed(json!({}), json!({"iat": NOW + LEEWAY + 1})),
        ),
        (
            "wrong iss",
            changed(json!({}), json!({"iss": "https://evil.example"})),
        ),
        (
            "one of several iss",
            changed(json!({}), json!({"iss": [ISSUER, "x"]})),
        ),
        ("no iss", changed(json!({}), json!({"iss": null}))),
        (
            "wrong aud",
            changed(json!({}), json!({"aud": "another-api"})),
        ),
        (
            "one of several aud",
            changed(json!({}), json!({"aud": [AUDIENCE, "x"]})),
        ),
        ("no aud", changed(json!({}), json!({"aud": null}))),
        ("no sub", changed(json!({}), json!({"sub": null}))),
        (
            "sub that is a key",
            changed(json!({}), json!({"sub": "a#b"})),
        ),
        ("no tenant", changed(json!({}), json!({"tenant": null}))),
        (
            "unknown role",
            changed(json!({}), json!({"roles": ["root"]})),
        ),
        ("somebody else's key", somebody_elses(json!({}))),
        (
            "jku",
            somebody_elses(json!({"jku": "https://evil.example/jwks"})),
        ),
        (
            "x5u",
            somebody_elses(json!({"x5u": "https://evil.example/cert"})),
        ),
        ("jwk", somebody_elses(json!({"jwk": somebody_elses_jwk()}))),
    ]
}

#[test]
fn a_good_token_says_who_is_asking() {
    let token = signing_key().mint(&claims()).unwrap();
    let principal = verifier().verify(&token, now()).unwrap();
    assert_eq!(principal.subject.as_str(), "c-1");
    assert_eq!(principal.tenant.as_str(), "shop");
    assert_eq!(principal.email.as_deref(), Some("c@example.org"));
    assert!(principal.has(Role::Customer));
    assert!(principal.require(Role::Customer).is_ok());
    assert!(principal.require(Role::Admin).is_err());
}

#[test]
fn tokens_made_by_these_tests_are_good_before_they_are_changed() {
    assert!(
        verifier()
            .verify(&changed(json!({}), json!({})), now())
            .is_ok()
    );
}

#[test]
fn every_hostile_token_is_refused() {
    let verifier = verifier();
    for (what, token) in hostile() {
        assert!(verifier.verify(&token, now()).is_err(), "{what}");
    }
}

#[test]
fn where_a_token_says_its_keys_are_is_ignored() {
    let header = json!({"jku": "https://evil.example", "jwk": somebody_elses_jwk()});
    assert!(
        verifier()
            .verify(&changed(header, json!({})), now())
            .is_ok()
    );
}

#[test]
fn clocks_may_differ_by_the_leeway() {
    for times in [
        json!({"exp": NOW - LEEWAY + 1}),
        json!({"nbf": NOW + LEEWAY}),
        json!({"iat": NOW + LEEWAY}),
    ] {
        let token = changed(json!({}), times);
        assert!(verifier().verify(&token, now()).is_ok());
    }
}

#[test]
fn times_beyond_all_bounds_do_not_overflow() {
    let verifier = verifier();
    let forever = changed(json!({}), json!({"exp": i64::MAX}));
    assert!(verifier.verify(&forever, now()).is_ok());
    let never = changed(json!({}), json!({"nbf": i64::MAX, "iat": i64::MIN}));
    assert!(matches!(
        verifier.verify(&never, now()),
        Err(TokenError::NotYet)
    ));
}

#[test]
fn keys_can_be_replaced_one_after_the_other() {
    let set = |key: SigningKey| -> Value { serde_json::from_str(&key.jwks().unwrap()).unwrap() };
    let (old, new) = (
        signing_key(),
        SigningKey::from_pem("key-2", &OTHER_PEM).unwrap(),
    );
    let tokens = [old.mint(&claims()).unwrap(), new.mint(&claims()).unwrap()];
    let keys = [set(old)["keys"][0].clone(), set(new)["keys"][0].clone()];
    let both = json!({"keys": keys}).to_string();
    let verifier = TokenVerifier::new(&both, ISSUER, AUDIENCE).unwrap();
    for token in tokens {
        assert!(verifier.verify(&token, now()).is_ok());
    }
}

#[test]
fn a_set_with_anything_but_public_signing_keys_is_refused() {
    let good: Value = serde_json::from_str(&signing_key().jwks().unwrap()).unwrap();
    let good = &good["keys"][0];
    let key = |changes| merged(good.clone(), changes);
    for (what, keys) in [
        ("nothing", json!([])),
        ("a private key", json!([key(json!({"d": "AQAB"}))])),
        (
            "a symmetric key",
            json!([{"kty": "oct", "kid": "k", "k": "AQAB"}]),
        ),
        (
            "an elliptic key",
            json!([{"kty": "EC", "kid": "k", "crv": "P-256", "x": "", "y": ""}]),
        ),
        ("no kid", json!([key(json!({"kid": null}))])),
        ("an empty kid", json!([key(json!({"kid": ""}))])),
        ("one kid twice", json!([good, good])),
        ("another algorithm", json!([key(json!({"alg": "RS512"}))])),
        ("a key to encrypt with", json!([key(json!({"use": "enc"}))])),
        (
            "other operations",
            json!([key(json!({"key_ops": ["encrypt"]}))]),
        ),
        ("a short key", json!([key(json!({"n": "x".repeat(171)}))])),
        ("no base64", json!([key(json!({"n": "%"}))])),
    ] {
        let jwks = json!({"keys": keys}).to_string();
        assert!(
            TokenVerifier::new(&jwks, ISSUER, AUDIENCE).is_err(),
            "{what}"
        );
    }
    assert!(TokenVerifier::new("", ISSUER, AUDIENCE).is_err());
}

#[test]
fn private_keys_do_not_show() {
    assert_eq!(
        format!("{:?}", signing_key()),
        "SigningKey { id: \"key-1\", .. }"
    );
}
