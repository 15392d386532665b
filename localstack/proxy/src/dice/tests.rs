//! Shares come out as asked, and no two generators alike.

use super::Dice;

fn throws(seed: u64, number: u64) -> Vec<bool> {
    let mut dice = Dice::new(seed, number);
    (0..64).map(|_| dice.falls_within(0.5)).collect()
}

#[test]
fn a_share_of_many_throws_is_near_what_was_asked() {
    for (share, expected) in [(0.01, 100), (0.3, 3000), (0.99, 9900)] {
        let mut dice = Dice::new(7, 0);
        let struck = (0..10_000).filter(|_| dice.falls_within(share)).count();
        assert!(struck.abs_diff(expected) < 150, "{share}: {struck}");
    }
    let mut dice = Dice::new(7, 0);
    assert!((0..1000).all(|_| dice.falls_within(1.0)));
}

#[test]
fn seed_and_number_decide() {
    assert_eq!(throws(7, 0), throws(7, 0));
    assert_ne!(throws(7, 0), throws(8, 0));
    assert_ne!(throws(7, 0), throws(7, 1));
    assert_ne!(throws(7, 1), throws(8, 0));
}
