//! The rules that `make mutants` breaks still fit the code.

use serde_json::Value;
use testkit::must;

use crate::assert_none;
use crate::repository;

/// What is wrong with one rule, held against the text of its file.
fn misfit(rule: &Value, text: &str) -> Option<String> {
    let [breaks, old, new] = ["breaks", "old", "new"].map(|key| rule[key].as_str());
    let found = old.map_or(0, |old| text.matches(old).count());
    let whole = breaks.is_some() && new.is_some() && old != new;
    (found != 1 || !whole).then(|| format!("{breaks:?}: `old` occurs {found} times"))
}

#[test]
fn every_rule_that_is_broken_on_purpose_is_in_the_code() {
    let rules: Vec<Value> = must(serde_json::from_str(&repository::read(
        "tests/mutants.json",
    )));
    let misfits = rules.iter().filter_map(|rule| {
        let file = rule["file"].as_str().unwrap_or_default();
        misfit(rule, &repository::read(file))
    });
    assert_none(&misfits.collect::<Vec<_>>());
    assert!(rules.len() >= 40, "{}", rules.len());
}

#[test]
fn a_rule_that_the_code_has_left_behind_is_found() {
    let rule = serde_json::json!({"breaks": "a", "old": "b", "new": "c"});
    assert_eq!(misfit(&rule, "a b c"), None);
    assert!(misfit(&rule, "a c").is_some());
    assert!(misfit(&rule, "b b").is_some());
}
