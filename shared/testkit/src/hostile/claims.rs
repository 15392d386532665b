//! Claims that are missing, wrong, of another type, there twice, or of another time; all of them
//! signed by the issuer.

use http_edge::token::LEEWAY;
use serde_json::{Value, json};

use super::{Forge, Hostile, merged};

/// What is no text.
fn no_texts() -> [Value; 6] {
    [
        json!(1),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!(["c-1"]),
    ]
}

pub(super) fn all(forge: &Forge) -> Vec<Hostile> {
    let mut all = times(forge);
    all.extend(raw_times(forge));
    all.extend(addressed(forge));
    all.extend(who(forge));
    all.extend(twice(forge));
    all
}

fn changed(forge: &Forge, name: &str, values: impl IntoIterator<Item = Value>) -> Vec<Hostile> {
    let token = |value: Value| {
        let what = format!("{name} {:.60}", value.to_string());
        (what, forge.changed(json!({}), json!({name: value})))
    };
    values.into_iter().map(token).collect()
}

fn times(forge: &Forge) -> Vec<Hostile> {
    let (now, until) = (forge.now, forge.until);
    let over = [
        json!(null),
        json!(now - LEEWAY),
        json!(now - LEEWAY - 1),
        json!(now - 86_400),
        json!(1),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
    ];
    let ahead = [
        json!(until + LEEWAY + 1),
        json!(now + 86_400),
        json!(i64::MAX),
        json!(u64::MAX),
    ];
    // Milliseconds, as a library that is asked for seconds may give them, lie far ahead.
    let milliseconds = [json!(now * 1_000)];
    let wrong = || {
        let text = |seconds: i64| json!(seconds.to_string());
        [
            json!(""),
            json!("tomorrow"),
            json!("Infinity"),
            text(now + 600),
            text(i64::MAX),
            json!("2099-01-01T00:00:00Z"),
            json!(600.5 + 0.25),
            json!(1e18),
            json!(true),
            json!([]),
            json!([now + 600]),
            json!({}),
            json!({"$gt": 0}),
        ]
    };
    let mut all = changed(forge, "exp", over.into_iter().chain(wrong()));
    let ahead = ahead.into_iter().chain(milliseconds);
    all.extend(changed(forge, "nbf", ahead.clone().chain(wrong())));
    all.extend(changed(
        forge,
        "iat",
        [json!(null)].into_iter().chain(ahead).chain(wrong()),
    ));
    all
}

/// Numbers as no JSON library writes them.
fn raw_times(forge: &Forge) -> Vec<Hostile> {
    let numbers = [
        "1e400",
        "-1e400",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "4e9",
        "4000000000.0",
        "0x7fffffff",
        "+4000000000",
        "04000000000",
        "4_000_000_000",
        "NaN",
        "Infinity",
        "4000000000,",
        "",
    ];
    let mut all = Vec::new();
    for name in ["exp", "nbf", "iat"] {
        for number in numbers {
            let claims = merged(forge.claims(), json!({name: null})).to_string();
            let claims = claims.replacen('{', &format!("{{\"{name}\":{number},"), 1);
            let token = forge.of(&forge.header().to_string(), &claims);
            all.push((format!("{name} written as '{number}'"), token));
        }
    }
    all
}

/// Whose, and for whom: one text each, and exactly that.
fn addressed(forge: &Forge) -> Vec<Hostile> {
    let mut all = Vec::new();
    for (name, right) in [("iss", &forge.issuer), ("aud", &forge.audience)] {
        let near = [
            format!("{right}/"),
            format!("{right}."),
            format!("{right}.evil.example"),
            format!("{right}@evil.example"),
            format!("{right} "),
            format!(" {right}"),
            format!("{right}\u{0}"),
            right.to_uppercase(),
            format!("evil-{right}"),
            right.chars().skip(1).collect(),
            right.chars().rev().collect(),
            "https://evil.example".to_owned(),
            "*".to_owned(),
            String::new(),
        ];
        all.extend(changed(forge, name, near.map(|text| json!(text))));
        all.extend(changed(forge, name, no_texts()));
        let lists = [
            json!(null),
            json!([right]),
            json!([right, "x"]),
            json!(["x", right]),
            json!({"x": right}),
        ];
        all.extend(changed(forge, name, lists));
    }
    all
}

/// Who somebody is, and what they may do.
fn who(forge: &Forge) -> Vec<Hostile> {
    let ids = || {
        let texts = [
            "", " ", "a#b", "a b", "a/b", "a\nb", "a\u{0}b", "é", "<script>", "' OR 1=1",
        ];
        let long = "x".repeat(500);
        let texts = texts.into_iter().map(|text| json!(text));
        texts.chain([json!(long), json!(null)]).chain(no_texts())
    };
    let mut all = changed(forge, "sub", ids());
    all.extend(changed(forge, "tenant", ids()));
    let roles = [
        json!(null),
        json!("admin"),
        json!("customer admin"),
        json!(["root"]),
        json!(["Admin"]),
        json!(["ADMIN"]),
        json!(["admin "]),
        json!(["customer", "root"]),
        json!([""]),
        json!([1]),
        json!([null]),
        json!([["admin"]]),
        json!([{"name": "admin"}]),
        json!({"admin": true}),
        json!(true),
        json!(1),
    ];
    all.extend(changed(forge, "roles", roles));
    all.extend(changed(forge, "email", no_texts()));
    all
}

/// Each claim twice: which one counts would be anybody's guess.
fn twice(forge: &Forge) -> Vec<Hostile> {
    let claims = forge.claims();
    let mut all = Vec::new();
    for (name, value) in claims.as_object().into_iter().flatten() {
        let other = match value {
            Value::String(_) => json!("other"),
            Value::Array(_) => json!(["customer"]),
            _ => json!(forge.now + 1),
        };
        let header = forge.header().to_string();
        for value in [value.clone(), other] {
            let text = claims.to_string();
            let first = text.replacen('{', &format!("{{\"{name}\":{value},"), 1);
            all.push((
                format!("{name} twice, {value} first"),
                forge.of(&header, &first),
            ));
            let end = text.len() - 1;
            let last = format!("{},\"{name}\":{value}}}", &text[..end]);
            all.push((
                format!("{name} twice, {value} last"),
                forge.of(&header, &last),
            ));
        }
    }
    all
}
