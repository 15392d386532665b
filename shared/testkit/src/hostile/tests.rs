//! The corpus is as large and as various as it says.

use std::collections::BTreeSet;

use super::*;

#[test]
fn has_more_than_five_hundred_tokens_and_no_two_are_the_same() {
    let forge = Forge::new(
        ("key-1", &private_key()),
        ("https://issuer.example", "api"),
        1_800_000_000,
    );
    let tokens = forge.tokens();
    let names: BTreeSet<_> = tokens.iter().map(|(what, _)| what).collect();
    let texts: BTreeSet<_> = tokens.iter().map(|(_, token)| token).collect();
    assert_eq!(names.len(), tokens.len());
    assert!(texts.len() >= 500, "{}", texts.len());
    assert!(!texts.contains(&forge.good()));
    // Where a token is what must be refused, it is not shown twice for its number's sake.
    assert!(
        tokens.len() - texts.len() < 10,
        "{} of {}",
        texts.len(),
        tokens.len()
    );
}
