//! How long pieces last.

use super::*;

#[test]
fn what_was_sold_says_how_long_pieces_last() {
    // One a day.
    assert_eq!(days_of_cover(10, 28, 28), Some(10));
    // A day that is begun is not covered.
    assert_eq!(days_of_cover(10, 29, 28), Some(9));
    assert_eq!(days_of_cover(1, 1, 28), Some(28));
    assert_eq!(days_of_cover(0, 3, 28), Some(0));
    assert_eq!(days_of_cover(1, 1_000, 28), Some(0));
    assert_eq!(days_of_cover(u32::MAX, 1, 28), Some(120_259_084_260));
}

#[test]
fn nothing_that_is_not_sold_runs_out() {
    for sold in [0, -1] {
        assert_eq!(days_of_cover(10, sold, 28), None);
        assert_eq!(days_of_cover(0, sold, 28), None);
    }
}
