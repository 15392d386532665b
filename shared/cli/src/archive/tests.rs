//! The words of the command.

use super::*;

#[test]
fn a_month_is_a_year_and_a_number() {
    assert_eq!("2024-01".parse(), Ok(Month(Date::constant(2024, 1, 1))));
    assert_eq!(Month(Date::constant(2024, 1, 1)).to_string(), "2024-01");
    for text in ["", "2024", "2024-13", "2024-01-01", "01-2024", "x"] {
        assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text}");
    }
}
