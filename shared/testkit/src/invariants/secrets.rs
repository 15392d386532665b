//! I16: what opens something is written down nowhere.

use std::collections::BTreeSet;

use super::{Findings, Violation, World, words};

/// Where something was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A log of a function.
    Log,
    /// An event.
    Event,
    /// A message that nobody could take in.
    DeadLetter,
    /// An item of a table. Here a password may be, as its hash.
    Item,
}

/// What was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub place: Place,
    /// What.
    pub text: String,
}

/// Shortest and longest number of a card, and how they begin (ISO/IEC 7812).
const CARD: std::ops::RangeInclusive<usize> = 14..=16;
const ISSUERS: [&str; 9] = ["34", "37", "4", "51", "52", "53", "54", "55", "6011"];

/// I16: neither a secret that this run used nor anything that looks like one.
pub(super) fn secrets(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I16");
    let is_word = |secret: &&String| words(secret).eq([secret.as_str()]);
    let single: BTreeSet<&str> = world
        .secrets
        .iter()
        .filter(is_word)
        .map(String::as_str)
        .collect();
    let phrases: Vec<&String> = world.secrets.iter().filter(|it| !is_word(it)).collect();
    for written in &world.written {
        let Written { place, text } = written;
        let phrase = phrases.iter().any(|secret| text.contains(secret.as_str()));
        findings.check(!phrase, || format!("{place:?}: a secret of this run"));
        findings.check(!text.contains("PRIVATE KEY-----"), || {
            format!("{place:?}: a private key")
        });
        let hash = *place != Place::Item && text.contains("$argon2");
        findings.check(!hash, || format!("{place:?}: the hash of a password"));
        for word in words(text) {
            let what = match word {
                _ if single.contains(word) => "a secret of this run",
                _ if is_token(word) => "a token",
                _ if is_key(word) => "an API key",
                _ if is_card(word) => "the number of a card",
                _ => continue,
            };
            // What it is, and not itself: a failed test is read by many.
            findings.check(false, || format!("{place:?}: {what}"));
        }
    }
    findings.found
}

/// A JWT: what its header begins with, and three parts.
fn is_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() > 60 && word.split('.').count() == 3
}

fn is_key(word: &str) -> bool {
    let digits = word.strip_prefix("cwk_").unwrap_or_default();
    digits.len() > 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Digits of a card number, by their number, beginning and check digit (Luhn).
fn is_card(word: &str) -> bool {
    let digits: Vec<u32> = word.chars().filter_map(|c| c.to_digit(10)).collect();
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    let begins = ISSUERS.iter().any(|begin| word.starts_with(begin));
    if !plain || !begins || !CARD.contains(&digits.len()) {
        return false;
    }
    let weighed = digits.iter().rev().enumerate().map(|(place, digit)| {
        let doubled = digit * (1 + u32::from(place % 2 == 1));
        doubled / 10 + doubled % 10
    });
    weighed.sum::<u32>() % 10 == 0
}
