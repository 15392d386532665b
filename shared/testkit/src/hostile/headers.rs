//! Headers that say how to verify, or that it is something else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding,
};
use serde_json::{Value, json};

use super::{Forge, Hostile, base64, merged, message, sign};

/// Names of algorithms, right ones in wrong spellings among them.
const ALGORITHMS: [&str; 32] = [
    "none",
    "None",
    "NONE",
    "nOnE",
    "none ",
    " none",
    "no\u{0}ne",
    "",
    "HS256",
    "hs256",
    "HS384",
    "HS512",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "rs256",
    "Rs256",
    "RS256 ",
    " RS256",
    "RS-256",
    "RS1",
    "SHA256withRSA",
    "dir",
    "A128KW",
    "RSA-OAEP",
];

pub(super) fn all(forge: &Forge) -> Vec<Hostile> {
    let mut all = algorithms(forge);
    all.extend(public_key_as_secret(forge));
    all.extend(keys_of_strangers(forge));
    all.extend(key_ids(forge));
    all.extend(kinds(forge));
    all.extend(doubled(forge));
    all.extend(others(forge));
    all
}

/// Each name of an algorithm over no signature, a good one, and one by the public key.
fn algorithms(forge: &Forge) -> Vec<Hostile> {
    let mut all = Vec::new();
    let named = ALGORITHMS.map(|name| json!(name));
    let others = [
        json!(256),
        json!(true),
        json!(["RS256"]),
        json!({}),
        json!(null),
    ];
    let claims = forge.claims().to_string();
    for alg in named.into_iter().chain(others) {
        let header = merged(forge.header(), json!({"alg": alg})).to_string();
        let message = message(&header, &claims);
        all.push((format!("alg {alg}, signed"), forge.of(&header, &claims)));
        all.push((format!("alg {alg}, unsigned"), format!("{message}.")));
        let secret = forge.public.to_string();
        all.push((
            format!("alg {alg}, by the public key"),
            keyed(&message, hmac::HMAC_SHA256, secret.as_bytes()),
        ));
    }
    let paddings: [(&str, &'static dyn RsaEncoding); 6] = [
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
        ("RS256", &RSA_PSS_SHA256),
    ];
    for (alg, padding) in paddings {
        let header = merged(forge.header(), json!({"alg": alg})).to_string();
        let token = sign(&forge.own, padding, &message(&header, &claims));
        all.push((format!("{alg} in another way"), token));
    }
    let header = forge.header().to_string();
    all.push((
        "unsigned RS256".to_owned(),
        format!("{}.", message(&header, &claims)),
    ));
    all
}

fn keyed(message: &str, algorithm: hmac::Algorithm, secret: &[u8]) -> String {
    let key = hmac::Key::new(algorithm, secret);
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", base64(signature.as_ref()))
}

/// The classic confusion: what everybody may read as the secret of an HMAC.
fn public_key_as_secret(forge: &Forge) -> Vec<Hostile> {
    let n = forge.public.get("n").and_then(Value::as_str);
    let n = n.unwrap_or_default().to_owned();
    let der = forge.own.public().as_ref().to_vec();
    let pem = |kind: &str| {
        format!(
            "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
            STANDARD.encode(&der)
        )
    };
    let secrets = [
        ("n", n.into_bytes()),
        (
            "its JWKS",
            json!({"keys": [forge.public]}).to_string().into_bytes(),
        ),
        ("its DER", der.clone()),
        ("a PEM", pem("PUBLIC KEY").into_bytes()),
        ("another PEM", pem("RSA PUBLIC KEY").into_bytes()),
        ("its id", forge.key_id.clone().into_bytes()),
        ("the issuer", forge.issuer.clone().into_bytes()),
        ("nothing", Vec::new()),
        ("'secret'", b"secret".to_vec()),
    ];
    let hashes = [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ];
    let mut all = Vec::new();
    for (what, secret) in &secrets {
        for (alg, algorithm) in hashes {
            let header = merged(forge.header(), json!({"alg": alg})).to_string();
            let message = message(&header, &forge.claims().to_string());
            all.push((
                format!("{alg} with {what} as the secret"),
                keyed(&message, algorithm, secret),
            ));
        }
    }
    all
}

/// Another key, and where to find it.
fn keys_of_strangers(forge: &Forge) -> Vec<Hostile> {
    let places = [
        "https://evil.example/jwks.json",
        "http://169.254.169.254/latest/meta-data/",
        "file:///dev/null",
        "data:application/json,{}",
        "//evil.example",
        &format!("{}@evil.example/jwks", forge.issuer),
        &format!("{}/.well-known/jwks.json", forge.issuer),
        "",
    ];
    let mut hints = vec![
        json!({}),
        json!({"jwk": forge.stranger_jwk()}),
        json!({"x5c": ["MIIB"]}),
    ];
    for place in places {
        for name in ["jku", "x5u"] {
            hints.push(json!({name: place}));
        }
    }
    hints.extend(["x5t", "x5t#S256"].map(|name| json!({name: "AAAA"})));
    let claims = forge.claims().to_string();
    let mut all = Vec::new();
    for hint in hints {
        for kid in [json!(forge.key_id), json!("stranger"), Value::Null] {
            let header = merged(merged(forge.header(), hint.clone()), json!({"kid": kid}));
            let what = format!("somebody else's key {kid} by {hint}");
            all.push((what, forge.strangers(&header, &claims)));
        }
    }
    all
}

/// Ids that lead elsewhere, over a good signature.
fn key_ids(forge: &Forge) -> Vec<Hostile> {
    let id = &forge.key_id;
    let ids = [
        json!(null),
        json!(""),
        json!("key-9"),
        json!(format!("{id} ")),
        json!(format!(" {id}")),
        json!(format!("{id}\u{0}")),
        json!(format!("{id}\n")),
        json!(format!("../../{id}")),
        json!(format!("./{id}")),
        json!(format!("{id}.pem")),
        json!(id.chars().rev().collect::<String>()),
        json!("/dev/null"),
        json!("/proc/self/environ"),
        json!("' OR '1'='1"),
        json!("' UNION SELECT 'x' -- "),
        json!("$(id)"),
        json!("|id"),
        json!("*"),
        json!("%00"),
        json!("https://evil.example/key"),
        json!("k".repeat(2_000)),
        json!("🔑"),
        json!(1),
        json!(true),
        json!([id]),
        json!({"kid": id}),
    ];
    let header = |kid: Value| {
        let what = format!("kid {:.60}", kid.to_string());
        (what, forge.changed(json!({"kid": kid}), json!({})))
    };
    ids.into_iter().map(header).collect()
}

/// Tokens of the issuer's that are something else; and what must be understood and is not.
fn kinds(forge: &Forge) -> Vec<Hostile> {
    let types = [
        "",
        "JWT",
        "jwt",
        "JWE",
        "rt+jwt",
        "refresh+jwt",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "at",
        "at jwt",
        "at+jwt ",
        " at+jwt",
        "at+jwts",
        "xat+jwt",
        "at+jwt\u{0}",
    ];
    let others = [
        json!(null),
        json!(1),
        json!(true),
        json!(["at+jwt"]),
        json!({}),
    ];
    let types = types.map(|typ| json!(typ)).into_iter().chain(others);
    let typ = |typ: Value| {
        (
            format!("typ {typ}"),
            forge.changed(json!({"typ": typ}), json!({})),
        )
    };
    let mut all: Vec<Hostile> = types.map(typ).collect();
    let critical = [
        json!([]),
        json!(["exp"]),
        json!(["b64"]),
        json!(["x"]),
        json!("exp"),
        json!({}),
    ];
    for crit in critical {
        let header = json!({"crit": crit, "b64": false, "x": 1});
        all.push((format!("crit {crit}"), forge.changed(header, json!({}))));
    }
    all
}

/// Each field of a header twice.
fn doubled(forge: &Forge) -> Vec<Hostile> {
    let mut all = Vec::new();
    let header = forge.header().to_string();
    for (name, value) in [
        ("alg", "\"none\""),
        ("alg", "\"RS256\""),
        ("kid", "\"x\""),
        ("typ", "\"JWT\""),
    ] {
        let claims = forge.claims().to_string();
        let first = header.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        all.push((
            format!("{name} twice, {value} first"),
            forge.of(&first, &claims),
        ));
        let last = header.replacen('}', &format!(",\"{name}\":{value}}}"), 1);
        all.push((
            format!("{name} twice, {value} last"),
            forge.of(&last, &claims),
        ));
    }
    all
}

/// What of ours is no access token.
fn others(forge: &Forge) -> Vec<Hostile> {
    let mut all = Vec::new();
    let header = forge.header().to_string();
    let message = message(&header, &forge.claims().to_string());
    let refresh = "ab".repeat(52);
    let link = format!("c-1.1.{}", "ab".repeat(32));
    let webhook = format!("t={},v1={}", forge.now, "ab".repeat(32));
    for (what, token) in [
        ("a refresh token", refresh),
        ("a mailed link", link),
        ("a webhook's signature", webhook),
    ] {
        all.push((what.to_owned(), token));
    }
    let hashed = sign(&forge.own, &RSA_PKCS1_SHA256, &base64(message.as_bytes()));
    all.push(("a signature of the encoded message".to_owned(), hashed));
    all
}
