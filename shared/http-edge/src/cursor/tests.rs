//! Cursors lead back to their place, and nowhere else.

use super::*;

const ALICES: [&str; 3] = ["orders", "main", "alice"];

fn cursors() -> Cursors {
    Cursors::new(&"07".repeat(32)).unwrap()
}

fn refused(list: &[&str], cursor: &str) -> u16 {
    let problem = cursors().read(list, Some(cursor)).unwrap_err();
    problem.status().as_u16()
}

#[test]
fn a_cursor_leads_back_to_its_place() {
    for place in ["", "x", "0001#tea", "Straße und mehr"] {
        let cursor = cursors().make(&ALICES, place);
        let read = cursors().read(&ALICES, Some(&cursor)).unwrap();
        assert_eq!(read.as_deref(), Some(place));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(cursor.bytes().all(plain), "{cursor}");
    }
    assert_eq!(cursors().read(&ALICES, None).unwrap(), None);
}

#[test]
fn a_cursor_is_of_one_list_only() {
    let cursor = cursors().make(&ALICES, "7");
    let others: [&[&str]; 6] = [
        &["orders", "main", "bob"],
        &["orders", "other", "alice"],
        &["products", "main", "alice"],
        &["orders", "mainalice"],
        &["orders", "main"],
        &[],
    ];
    for list in others {
        assert_eq!(refused(list, &cursor), 400, "{list:?}");
    }
}

#[test]
fn a_cursor_of_another_key_is_none() {
    let cursor = Cursors::new(&"08".repeat(32)).unwrap().make(&ALICES, "7");
    assert_eq!(refused(&ALICES, &cursor), 400);
}

#[test]
fn what_was_changed_anywhere_is_no_cursor() {
    let cursor = cursors().make(&ALICES, "17");
    for at in 0..cursor.len() {
        let mut letters = cursor.clone().into_bytes();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).unwrap();
        assert_eq!(refused(&ALICES, &changed), 400, "{at}");
    }
    let cut = &cursor[..cursor.len() - 2];
    for text in ["", "=", "no cursor", "%00", cut, &"A".repeat(5_000)] {
        assert_eq!(refused(&ALICES, text), 400, "{text}");
    }
}

#[test]
fn keys_that_are_short_or_no_digits_are_refused() {
    for key in ["", "00", &"0".repeat(62), &"x".repeat(64)] {
        assert_eq!(Cursors::new(key).unwrap_err(), CursorKeyError);
    }
}

#[test]
fn a_page_has_one_to_a_hundred_entries() {
    assert_eq!(page_size(None).unwrap(), 20);
    for size in [1, 100] {
        assert_eq!(page_size(Some(size)).unwrap(), size);
    }
    for size in [0, 101, 255] {
        assert_eq!(page_size(Some(size)).unwrap_err().status().as_u16(), 400);
    }
}

#[test]
fn the_key_does_not_show() {
    assert_eq!(format!("{:?}", cursors()), "Cursors(..)");
}
