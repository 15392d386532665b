//! Folding and trigrams, without a server.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::*;

#[test]
fn texts_become_words() {
    for (text, words) in [
        ("Café  Crème", "cafe creme"),
        ("Cafe\u{301}", "cafe"),
        ("Chef's Knife, 20cm (steel)", "chefs knife 20cm steel"),
        ("  GROẞE Straße ", "grosse strasse"),
        ("İstanbul", "istanbul"),
        ("茶 & 道", "茶 道"),
        ("a\0b' & !c:*|(d)", "a b c d"),
        ("-!-", ""),
    ] {
        assert_eq!(fold(text), words, "{text:?}");
    }
}

#[test]
fn trigrams_count_beginnings_most() {
    assert_eq!(trigrams("tea"), ["  t", " te", "ea ", "tea"]);
    assert_eq!(trigrams("tea tea"), trigrams("tea"));
    assert_eq!(trigrams("x"), ["  x", " x "]);
    assert!(trigrams("").is_empty());
}

#[test]
fn a_query_is_all_words_and_the_beginning_of_the_last() {
    let asked = Asked::new("Steel Kett");
    assert_eq!(asked.every, "steel & kett:*");
    assert_eq!(asked.any, "steel | kett:*");
    assert_eq!(asked.plain, "steel kett");
    let inner = [" ke", " st", "eel", "ett", "ket", "ste", "tee"];
    assert_eq!(asked.telling, inner);
    assert_eq!(Asked::new("mug").telling, [" mu", "mug", "ug "]);
    assert_eq!(Asked::new("x").telling, [" x "]);
    let long = "a ".repeat(50);
    assert_eq!(Asked::new(&long).plain.split(' ').count(), MAX_ASKED);
}

proptest! {
    /// What `to_tsquery` takes for more than words is gone.
    #[test]
    fn nothing_but_letters_and_digits_is_left(text in any::<String>()) {
        let folded = fold(&text);
        prop_assert!(folded.chars().all(|letter| letter == ' ' || letter.is_alphanumeric()));
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.starts_with(' ') && !folded.contains("  ") && !folded.ends_with(' '));
    }
}
