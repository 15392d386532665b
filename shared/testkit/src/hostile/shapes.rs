//! What is no token of three parts in base64url, or was changed on the way.

use serde_json::json;

use super::{Forge, Hostile, base64, merged, message};

/// Characters that base64url has not, or not here.
const STRANGE: [&str; 12] = [
    "=", "==", "+", "/", "%", "*", "\"", "\\", ",", "é", "\u{202e}", "😀",
];
/// White space, and what looks like it.
const BLANK: [&str; 4] = [" ", "\t", "\u{a0}", "%20"];
/// Sizes beyond what is read, and far beyond.
const SIZES: [usize; 5] = [4_096, 10_000, 65_536, 262_144, 1_048_576];

pub(super) fn all(forge: &Forge) -> Vec<Hostile> {
    let mut all = parts(forge);
    all.extend(cut(forge));
    all.extend(strange(forge));
    all.extend(flipped(forge));
    all.extend(texts(forge));
    all.extend(big(forge));
    all
}

fn named(what: &str, token: impl Into<String>) -> Hostile {
    (what.to_owned(), token.into())
}

/// The parts of a good token, in other numbers and orders.
fn parts(forge: &Forge) -> Vec<Hostile> {
    let good = forge.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for word in [
        "",
        "token",
        "null",
        "undefined",
        "true",
        "0",
        "Bearer",
        "[object Object]",
    ] {
        all.push((format!("the word '{word}'"), word.to_owned()));
    }
    for count in 1..6 {
        all.push((format!("{count} dots"), ".".repeat(count)));
    }
    let orders: [&[&str]; 22] = [
        &[header],
        &[claims],
        &[signature],
        &[header, claims],
        &[claims, signature],
        &[header, signature],
        &[header, claims, ""],
        &[header, "", signature],
        &["", claims, signature],
        &["", "", signature],
        &[header, "", ""],
        &["", claims, ""],
        &[header, signature, claims],
        &[claims, header, signature],
        &[claims, signature, header],
        &[signature, header, claims],
        &[signature, claims, header],
        &["", header, claims, signature],
        &[header, claims, signature, ""],
        &[header, claims, signature, signature],
        &[header, "", claims, signature],
        &[header, claims, signature, "", ""],
    ];
    for (number, order) in orders.iter().enumerate() {
        all.push((format!("parts in order {number}"), order.join(".")));
    }
    for (what, other) in [
        ("a colon", ":"),
        ("a comma", ","),
        ("a dot of another script", "。"),
    ] {
        all.push((format!("{what} for dots"), good.replace('.', other)));
    }
    all.push(named("twice", format!("{good}{good}")));
    all.push(named("twice with a dot", format!("{good}.{good}")));
    all.push(named("in quotes", format!("\"{good}\"")));
    all.push(named("in base64", base64(good.as_bytes())));
    all.push(named("in upper case", good.to_uppercase()));
    all.push(named("in lower case", good.to_lowercase()));
    all.push(named(
        "back to front",
        good.chars().rev().collect::<String>(),
    ));
    all
}

/// Shortened at both ends of each part.
fn cut(forge: &Forge) -> Vec<Hostile> {
    let good = forge.good();
    let mut all = Vec::new();
    for part in 0..3 {
        for by in [1, 2, 3, 4, 20] {
            let end = with_part(&good, part, |text| text[..text.len() - by].to_owned());
            all.push((format!("part {part} without its last {by}"), end));
            let begin = with_part(&good, part, |text| text[by..].to_owned());
            all.push((format!("part {part} without its first {by}"), begin));
        }
    }
    all
}

/// With what does not belong into a part.
fn strange(forge: &Forge) -> Vec<Hostile> {
    let good = forge.good();
    let mut all = Vec::new();
    for part in 0..3 {
        for more in STRANGE {
            let token = with_part(&good, part, |text| format!("{text}{more}"));
            all.push((format!("{more} behind part {part}"), token));
        }
        for more in BLANK {
            let token = with_part(&good, part, |text| {
                let (front, back) = text.split_at(text.len() / 2);
                format!("{front}{more}{back}")
            });
            all.push((format!("blank {more:?} in part {part}"), token));
        }
    }
    // The last of 342 characters has four bits that say nothing.
    let loose = with_part(&good, 2, |text| {
        let (front, last) = text.split_at(text.len() - 1);
        let other = match last {
            "A" => "B",
            "Q" => "R",
            "g" => "h",
            _ => "x",
        };
        format!("{front}{other}")
    });
    all.push(named("loose bits behind the signature", loose));
    all
}

/// One character is another.
fn flipped(forge: &Forge) -> Vec<Hostile> {
    let good = forge.good();
    let mut all = Vec::new();
    for (part, places) in [(0, 12), (1, 40), (2, 60)] {
        for place in 0..places {
            let token = with_part(&good, part, |text| {
                let at = place * (text.len() - 1) / places;
                let other = if text[at..].starts_with('A') {
                    "B"
                } else {
                    "A"
                };
                format!("{}{other}{}", &text[..at], &text[at + 1..])
            });
            all.push((format!("part {part} changed at place {place}"), token));
        }
    }
    all
}

/// Parts that are something else than one JSON object in UTF-8.
fn texts(forge: &Forge) -> Vec<Hostile> {
    let (header, claims) = (forge.header().to_string(), forge.claims().to_string());
    let odd = |text: &str| {
        [
            ("nothing", String::new()),
            ("null", "null".to_owned()),
            ("a number", "1".to_owned()),
            ("a text", "\"x\"".to_owned()),
            ("a list", format!("[{text}]")),
            ("an empty object", "{}".to_owned()),
            ("two objects", format!("{text}{text}")),
            ("more behind the object", format!("{text}x")),
            ("a byte order mark", format!("\u{feff}{text}")),
            ("single quotes", text.replace('"', "'")),
            ("a comment", format!("/**/{text}")),
            ("no end", text[..text.len() - 1].to_owned()),
            ("a form", "alg=RS256&sub=c-1".to_owned()),
        ]
    };
    let mut all = Vec::new();
    for (what, text) in odd(&header) {
        all.push((format!("{what} for a header"), forge.of(&text, &claims)));
    }
    for (what, text) in odd(&claims) {
        all.push((format!("{what} for claims"), forge.of(&header, &text)));
    }
    let wide: Vec<u8> = claims.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bytes = [("UTF-16", wide), ("no UTF-8", vec![0xff, 0xfe, b'{', b'}'])];
    for (what, claims) in bytes {
        let message = format!("{}.{}", base64(header.as_bytes()), base64(&claims));
        let token = super::sign(&forge.own, &super::RSA_PKCS1_SHA256, &message);
        all.push((format!("claims in {what}"), token));
    }
    all
}

/// Long, and deep. Nobody is asked for a signature of these but where it is said.
fn big(forge: &Forge) -> Vec<Hostile> {
    let mut all = Vec::new();
    for size in SIZES {
        let pad = json!({"pad": "x".repeat(size)});
        let signed = forge.changed(json!({}), pad.clone());
        all.push((format!("signed claims of {size}"), signed));
        all.push((
            format!("a signed header of {size}"),
            forge.changed(pad, json!({})),
        ));
        all.push((format!("{size} letters"), "A".repeat(size + 1)));
        all.push((format!("{size} dots in a row"), ".".repeat(size + 1)));
    }
    for depth in [100, 1_000, 50_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let claims = forge.claims().to_string();
        let deep = claims.replacen('{', &format!("{{\"x\":{nested},"), 1);
        all.push((
            format!("{depth} lists in claims"),
            forge.strangers(&forge.header(), &deep),
        ));
        let roles = merged(forge.claims(), json!({"roles": null})).to_string();
        let roles = roles.replacen('{', &format!("{{\"roles\":{nested},"), 1);
        let header = forge.header().to_string();
        all.push((
            format!("{depth} lists for roles, signed"),
            forge.of(&header, &roles),
        ));
        let header = header.replacen('{', &format!("{{\"x\":{nested},"), 1);
        all.push((
            format!("{depth} lists in a header"),
            format!("{}.", message(&header, &claims)),
        ));
    }
    all
}

fn with_part(token: &str, part: usize, change: impl Fn(&str) -> String) -> String {
    let part_of = |(number, text): (usize, &str)| match number == part {
        true => change(text),
        false => text.to_owned(),
    };
    let parts: Vec<String> = token.split('.').enumerate().map(part_of).collect();
    parts.join(".")
}
