//! Where a Choice leads.

use super::*;

/// The state that a Choice with this one rule leads to.
async fn chosen(rule: Value, input: Value) -> Result<bool, String> {
    let mut rule = rule;
    rule["Next"] = json!("Yes");
    let states = json!({
        "A": { "Type": "Choice", "Choices": [rule], "Default": "No" },
        "Yes": { "Type": "Pass", "Result": true, "End": true },
        "No": { "Type": "Pass", "Result": false, "End": true }
    });
    match run(&states, input, &Script::default()).await.status {
        Status::Succeeded(value) => Ok(value == json!(true)),
        Status::Failed(error) => Err(error.error),
        Status::TimedOut => panic!(),
    }
}

#[tokio::test]
async fn compares_by_type_and_value() {
    for (test, operand, yes, no) in [
        ("StringEquals", json!("x"), json!("x"), json!("y")),
        ("StringEquals", json!("1"), json!("1"), json!(1)),
        (
            "StringEqualsPath",
            json!("$.other"),
            json!("same"),
            json!("x"),
        ),
        ("NumericEquals", json!(2), json!(2.0), json!("2")),
        ("NumericGreaterThan", json!(2), json!(3), json!(2)),
        ("NumericGreaterThanEquals", json!(2), json!(2), json!(1)),
        ("NumericLessThan", json!(2), json!(1.5), json!(2)),
        ("NumericLessThanEquals", json!(2), json!(2), json!(3)),
        ("BooleanEquals", json!(true), json!(true), json!("true")),
        ("BooleanEquals", json!(false), json!(false), json!(null)),
    ] {
        let rule = json!({ "Variable": "$.v", test: operand });
        assert_eq!(
            chosen(rule.clone(), json!({ "v": yes, "other": "same" })).await,
            Ok(true),
            "{rule} {yes}"
        );
        assert_eq!(
            chosen(rule.clone(), json!({ "v": no, "other": "same" })).await,
            Ok(false),
            "{rule} {no}"
        );
    }
}

#[tokio::test]
async fn presence_is_about_the_field_not_its_value() {
    let there = json!({ "Variable": "$.v", "IsPresent": true });
    let absent = json!({ "Variable": "$.v", "IsPresent": false });
    assert_eq!(chosen(there.clone(), json!({ "v": null })).await, Ok(true));
    assert_eq!(chosen(there, json!({})).await, Ok(false));
    assert_eq!(chosen(absent.clone(), json!({})).await, Ok(true));
    assert_eq!(chosen(absent, json!({ "v": 0 })).await, Ok(false));
}

#[tokio::test]
async fn combines_rules_and_stops_at_the_first_answer() {
    let there = json!({ "Variable": "$.v", "IsPresent": true });
    let one = json!({ "Variable": "$.v", "NumericEquals": 1 });
    let absent = json!({ "Not": there });
    assert_eq!(
        chosen(json!({ "And": [there, one] }), json!({ "v": 1 })).await,
        Ok(true)
    );
    assert_eq!(
        chosen(json!({ "And": [there, one] }), json!({})).await,
        Ok(false)
    );
    assert_eq!(
        chosen(json!({ "Or": [absent, one] }), json!({})).await,
        Ok(true)
    );
    assert_eq!(
        chosen(json!({ "Or": [absent, one] }), json!({ "v": 2 })).await,
        Ok(false)
    );
    assert_eq!(
        chosen(json!({ "Not": { "And": [there, one] } }), json!({ "v": 2 })).await,
        Ok(true)
    );
}

#[tokio::test]
async fn variable_that_is_not_there_ends_the_execution() {
    let rule = json!({ "Variable": "$.gone", "StringEquals": "x" });
    assert_eq!(
        chosen(rule, json!({})).await,
        Err("States.Runtime".to_owned())
    );
    let other = json!({ "Variable": "$.v", "StringEqualsPath": "$.gone" });
    assert_eq!(
        chosen(other, json!({ "v": "x" })).await,
        Err("States.Runtime".to_owned())
    );
}

#[tokio::test]
async fn first_rule_that_holds_wins() {
    let states = json!({
        "A": { "Type": "Choice", "InputPath": "$.in", "OutputPath": "$.v", "Choices": [
            { "Variable": "$.v", "NumericLessThan": 1, "Next": "A" },
            { "Variable": "$.v", "NumericLessThan": 5, "Next": "B" },
            { "Variable": "$.v", "NumericLessThan": 9, "Next": "A" }
        ] },
        "B": { "Type": "Succeed" }
    });
    assert_eq!(output(&states, json!({ "in": { "v": 3 } })).await, json!(3));
}

#[tokio::test]
async fn no_match_without_a_default_fails() {
    let states = json!({ "A": { "Type": "Choice", "Choices": [{ "Variable": "$.v", "NumericEquals": 1, "Next": "A" }] } });
    let ended = run(&states, json!({ "v": 2 }), &Script::default()).await;
    assert_eq!(error_of(&ended), "States.NoChoiceMatched");
}

#[tokio::test]
async fn endless_circle_ends_at_the_history_limit() {
    let states = json!({ "A": { "Type": "Pass", "Next": "A" } });
    let ended = run(&states, json!({}), &Script::default()).await;
    assert_eq!(error_of(&ended), "States.Runtime");
    assert!(
        ended.events > 25_000 && ended.history.len() == 12_500,
        "{}",
        ended.history.len()
    );
}
