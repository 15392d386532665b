//! What a minted token says, and that the API would take it.

use clap::Parser;
use http_edge::{Role, TokenVerifier};
use jiff::Timestamp;
use testkit::keys::private_key;

use super::{AUDIENCE, ISSUER, Token, signing_key};
use crate::output::{Format, Output};
use crate::settings::Settings;
use crate::{Arguments, Command};

fn token(line: &str) -> Token {
    let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
    match arguments.command {
        Command::Token(token) => token,
        other => panic!("{other:?}"),
    }
}

fn minted(line: &str, format: Format, pem: &str) -> String {
    let path = std::env::temp_dir().join(format!("cartwright-{}-{line}.pem", std::process::id()));
    std::fs::write(&path, pem).unwrap();
    let settings = Settings::of([("CARTWRIGHT_TOKEN_KEY", path.to_str().unwrap())]);
    let mut output = Output::new(format, Vec::new());
    token(line).run(&settings, &mut output).unwrap();
    std::fs::remove_file(&path).unwrap();
    String::from_utf8(output.into_sink()).unwrap()
}

#[test]
fn makes_tokens_that_the_deployed_key_set_verifies() {
    let pem = private_key();
    let jwks = signing_key(&pem).unwrap().jwks().unwrap();
    let verifier = TokenVerifier::new(&jwks, ISSUER, AUDIENCE).unwrap();
    let line = "cartwright token --customer c-1 --email c@example.com";
    let customer = minted(line, Format::Text, &pem);
    let customer = verifier.verify(customer.trim_end(), crate::now()).unwrap();
    assert_eq!(customer.subject.as_str(), "c-1");
    assert_eq!(customer.tenant.as_str(), "main");
    assert_eq!(customer.roles, [Role::Customer]);
    assert_eq!(customer.email.as_deref(), Some("c@example.com"));
    let staff = minted("cartwright token --admin", Format::Text, &pem);
    let staff = verifier.verify(staff.trim_end(), crate::now()).unwrap();
    assert_eq!(staff.roles, [Role::Admin]);
}

#[test]
fn says_in_json_whose_token_it_is_and_until_when() {
    let pem = private_key();
    let said = minted("cartwright token --customer c-2", Format::Json, &pem);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["subject"], "c-2");
    assert_eq!(said["roles"][0], "customer");
    let until: Timestamp = said["expires_at"].as_str().unwrap().parse().unwrap();
    assert!(until > crate::now());
}

#[test]
fn ends_when_it_is_told_to_and_takes_issuer_and_audience_from_the_settings() {
    let settings = Settings::of([("TOKEN_ISSUER", "i"), ("TOKEN_AUDIENCE", "a")]);
    let claims = token("cartwright token --admin --ttl 60").claims(&settings, 100);
    assert_eq!((claims.iat, claims.exp), (100, 160));
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("i", "a"));
}

#[test]
fn says_what_is_wrong_with_the_key() {
    let mut output = Output::new(Format::Text, Vec::new());
    let mut failure = |settings: &Settings| {
        let token = token("cartwright token --admin");
        token.run(settings, &mut output).unwrap_err().in_words()
    };
    let unset = failure(&Settings::default());
    assert!(unset.starts_with("CARTWRIGHT_TOKEN_KEY not set"), "{unset}");
    let missing = failure(&Settings::of([(
        "CARTWRIGHT_TOKEN_KEY",
        "/nowhere/key.pem",
    )]));
    assert!(missing.contains("/nowhere/key.pem"), "{missing}");
    assert!(signing_key("not a key").is_err());
}
