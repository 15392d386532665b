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
    assert_eq!(Asked::new("x").telling, ["  x", " x "]);
    let long = "a ".repeat(50);
    assert_eq!(Asked::new(&long).plain.split(' ').count(), MAX_ASKED);
}

/// Of four letters the second wrong leaves the first trigram and the last: two of five, which is enough.
#[test]
fn of_a_short_word_the_ends_may_be_all_that_is_right() {
    for (typed, meant) in [("lemp", "lamp"), ("tont", "tent")] {
        let (asked, name) = (Asked::new(typed), trigrams(meant));
        let shared = |of: &[String]| of.iter().filter(|one| name.contains(one)).count();
        assert_eq!((shared(&asked.trigrams), asked.enough), (2, 2));
        assert_eq!(shared(&asked.telling), 1, "{typed}");
    }
}

proptest! {
    /// Fewer are left out than are enough, so whatever has enough has one that is not left out. Words of
    /// few letters share many trigrams.
    #[test]
    fn what_has_enough_has_one_that_tells(text in "[ab]{1,6}( [abc]{1,6}){0,13}") {
        let asked = Asked::new(&text);
        prop_assert!(asked.telling.iter().all(|one| asked.trigrams.contains(one)));
        prop_assert!(asked.trigrams.len() - asked.telling.len() < asked.enough, "{asked:?}");
    }

    /// What `to_tsquery` takes for more than words is gone.
    #[test]
    fn nothing_but_letters_and_digits_is_left(text in any::<String>()) {
        let folded = fold(&text);
        prop_assert!(folded.chars().all(|letter| letter == ' ' || letter.is_alphanumeric()));
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.starts_with(' ') && !folded.contains("  ") && !folded.ends_with(' '));
    }
}
