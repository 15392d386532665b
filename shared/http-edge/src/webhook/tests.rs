//! What is taken for genuine, and everything else.

use axum::http::HeaderValue;
use testkit::build::at;

use super::*;

const HEADER: &str = "stripe-signature";
const SECRET: &str = "whsec_0123456789abcdef0123456789abcdef";
const NEXT: &str = "whsec_fedcba9876543210fedcba9876543210";
const BODY: &[u8] = br#"{"id": "evt_1"}"#;

fn sign(secret: &str, time: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let text = [time.as_bytes(), b".", body].concat();
    hex::encode(hmac::sign(&key, &text))
}

fn now() -> i64 {
    at(0).as_second()
}

fn signed_at(seconds: i64) -> String {
    let time = seconds.to_string();
    format!("t={time},v1={}", sign(SECRET, &time, BODY))
}

fn headers(values: &[&str]) -> HeaderMap {
    let value = |value: &&str| {
        (
            HeaderName::from_static(HEADER),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    values.iter().map(value).collect()
}

/// Status of the refusal; 200 where there is none.
fn status(secrets: &str, values: &[&str], body: &[u8]) -> u16 {
    let verifier = WebhookVerifier::new(HEADER, secrets).unwrap();
    let verified = verifier.verify(&headers(values), body, at(0));
    verified.map_or_else(|problem| problem.status().as_u16(), |()| 200)
}

#[test]
fn takes_a_signature_of_its_secret_for_genuine() {
    assert_eq!(status(SECRET, &[&signed_at(now())], BODY), 200);
}

#[test]
fn a_clock_may_be_five_minutes_off_either_way_and_no_more() {
    for (skew, expected) in [(-301, 400), (-300, 200), (0, 200), (300, 200), (301, 400)] {
        assert_eq!(
            status(SECRET, &[&signed_at(now() + skew)], BODY),
            expected,
            "{skew}"
        );
    }
    for far in [0, i64::MAX] {
        assert_eq!(status(SECRET, &[&signed_at(far)], BODY), 400, "{far}");
    }
}

#[test]
fn what_is_forged_is_refused_as_forged_however_old_it_says_it_is() {
    let time = now().to_string();
    let old = (now() - 3_600).to_string();
    let genuine = sign(SECRET, &time, BODY);
    let forged = [
        format!("t={time},v1={}", sign(NEXT, &time, BODY)),
        format!("t={old},v1={}", sign(NEXT, &old, BODY)),
        // The time is signed too.
        format!("t={old},v1={genuine}"),
        format!("t=+{time},v1={genuine}"),
        format!("t= {time},v1={genuine}"),
        format!("t={time},t={time},v1={genuine}"),
        format!("t={time},v0={genuine}"),
        format!("t={time},v1={}", &genuine[..62]),
        format!("t={time},v1={genuine}00"),
        format!("t={time},v1=zz"),
        format!("t={time},v1="),
        format!("t={time}"),
        format!("v1={genuine}"),
        genuine.clone(),
        String::new(),
        "t".to_owned(),
        format!(
            "t=99999999999999999999,v1={}",
            sign(SECRET, "99999999999999999999", BODY)
        ),
    ];
    for value in &forged {
        assert_eq!(status(SECRET, &[value], BODY), 401, "{value}");
    }
    let good = signed_at(now());
    assert_eq!(status(SECRET, &[&good], br#"{"id":"evt_1"}"#), 401);
    assert_eq!(status(SECRET, &[&good], b""), 401);
    assert_eq!(status(SECRET, &[&good, &good], BODY), 401);
    assert_eq!(status(SECRET, &[], BODY), 401);
}

#[test]
fn while_a_secret_is_replaced_both_are_good_on_either_side() {
    let time = now().to_string();
    let (one, other) = (sign(SECRET, &time, BODY), sign(NEXT, &time, BODY));
    let both = format!("t={time},v1={one},v1={other}");
    for secrets in [SECRET, NEXT, &format!("{NEXT}, {SECRET}")] {
        assert_eq!(status(secrets, &[&both], BODY), 200, "{secrets}");
    }
    let old = format!("t={time},v1={one}");
    assert_eq!(status(&format!("{NEXT},{SECRET}"), &[&old], BODY), 200);
    assert_eq!(status(NEXT, &[&old], BODY), 401);
}

#[test]
fn no_more_than_eight_signatures_are_looked_at() {
    let time = now().to_string();
    let noise = format!(",v1={}", "00".repeat(32));
    let genuine = sign(SECRET, &time, BODY);
    let header = |before: usize| format!("t={time}{},v1={genuine}", noise.repeat(before));
    assert_eq!(status(SECRET, &[&header(7)], BODY), 200);
    assert_eq!(status(SECRET, &[&header(8)], BODY), 401);
}

#[test]
fn secrets_that_are_short_or_many_are_refused() {
    let many = [SECRET; 5].join(",");
    for secrets in [
        "",
        "short",
        &format!("{SECRET},short"),
        &format!("{SECRET},"),
        &many,
    ] {
        let refused = WebhookVerifier::new(HEADER, secrets).err();
        assert_eq!(refused, Some(WebhookSecretsError), "{secrets}");
    }
}

#[test]
fn no_secret_shows_where_it_is_printed() {
    let verifier = WebhookVerifier::new(HEADER, SECRET).unwrap();
    assert!(!format!("{verifier:?}").contains("whsec"), "{verifier:?}");
}
