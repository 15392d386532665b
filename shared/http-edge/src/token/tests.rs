//! Tokens that are refused, all of them alike, and those that are not.

use std::sync::LazyLock;

use serde_json::{Value, json};
use testkit::hostile::{Forge, merged};
use testkit::keys::private_key;

use super::signing::thumbprint;
use super::*;

pub(crate) const ISSUER: &str = "https://cartwright.example";
pub(crate) const AUDIENCE: &str = "cartwright-api";
/// The time of all these tests.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A private key of the issuer's, made for this run.
static PEM: LazyLock<String> = LazyLock::new(private_key);
/// Somebody else's.
static OTHER_PEM: LazyLock<String> = LazyLock::new(private_key);

/// Makes tokens with the issuer's key.
pub(crate) static FORGE: LazyLock<Forge> =
    LazyLock::new(|| Forge::new(("key-1", &PEM), (ISSUER, AUDIENCE), NOW));

fn changed(header: Value, claims: Value) -> String {
    FORGE.changed(header, claims)
}

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
        sid: None,
        iat: NOW - 60,
        nbf: None,
        exp: NOW + 600,
    }
}

#[test]
fn a_good_token_says_who_is_asking() {
    let token = signing_key().mint(&claims()).unwrap();
    let principal = verifier().verify(&token, now()).unwrap();
    assert_eq!(principal.subject.as_str(), "c-1");
    assert_eq!(principal.tenant.as_str(), "shop");
    assert_eq!(principal.email.as_deref(), Some("c@example.org"));
    assert!(principal.has_one_of(&[Role::Admin, Role::Customer]));
    assert!(!principal.has_one_of(&[Role::Admin]));
}

#[test]
fn a_token_says_in_which_session_it_was_made() {
    let sid = uuid::Uuid::from_u128(7);
    let of_session = Claims {
        sid: Some(sid),
        ..claims()
    };
    for (claims, session) in [(of_session, Some(domain::SessionId(sid))), (claims(), None)] {
        let token = signing_key().mint(&claims).unwrap();
        let principal = verifier().verify(&token, now()).unwrap();
        assert_eq!(principal.session, session);
    }
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
    for (what, token) in FORGE.tokens() {
        assert!(verifier.verify(&token, now()).is_err(), "{what}");
    }
}

#[test]
fn where_a_token_says_its_keys_are_is_ignored() {
    let header = json!({"jku": "https://evil.example", "jwk": FORGE.stranger_jwk()});
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
    let n = good["n"].as_str().unwrap();
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
        ("a long key", json!([key(json!({"n": "x".repeat(1372)}))])),
        (
            "leading zeros",
            json!([key(json!({"n": format!("AAAA{n}")}))]),
        ),
        ("an exponent of 1", json!([key(json!({"e": "AQ"}))])),
        ("an even exponent", json!([key(json!({"e": "AQAC"}))])),
        ("a long exponent", json!([key(json!({"e": "AQAAAAAB"}))])),
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

/// Key and thumbprint of RFC 7638, section 3.1.
#[test]
fn names_a_key_by_its_thumbprint() {
    let public = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
              oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65\
              YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr\
              dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
              nqDKgw",
    });
    let public = serde_json::from_value(public).unwrap();
    let id = thumbprint(&public).unwrap();
    assert_eq!(id, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}
