//! What may be searched for.

use super::*;

#[test]
fn a_text_has_a_letter_or_a_digit_and_an_end() {
    for text in [
        "a",
        "7",
        " tea ",
        "'; DROP TABLE x; --",
        "茶",
        "\0tea",
        "%_",
    ] {
        let parsed = SearchText::parse(text);
        let wanted = text.chars().any(char::is_alphanumeric);
        assert_eq!(parsed.is_ok(), wanted, "{text:?}");
    }
    assert_eq!(SearchText::parse(" tea ").unwrap().as_str(), "tea");
    for nothing in ["", "   ", "!?", "\u{301}"] {
        assert_eq!(
            SearchText::parse(nothing),
            Err(InvalidSearch),
            "{nothing:?}"
        );
    }
    let longest = "é".repeat(SearchText::MAX);
    assert!(SearchText::parse(&longest).is_ok());
    assert!(SearchText::parse(&format!("{longest}é")).is_err());
}

#[test]
fn kinds_have_names() {
    for kind in EntryKind::ALL {
        assert_eq!(EntryKind::from_name(kind.name()), Some(kind));
    }
    assert_eq!(EntryKind::from_name("Product"), None);
}
