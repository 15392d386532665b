//! What is refused in paths, templates, intrinsic functions and choice rules.

use super::*;

#[test]
fn refuses_paths_beyond_names_and_indexes() {
    for path in [
        "$..a",
        "$.a[*]",
        "$.a[0:2]",
        "$.a[?(@.b)]",
        "$['a']",
        "$.a-b",
        "$.",
        "$a",
        "a",
        "$$.Task.Token",
        "$$.Execution",
        "$$.State.Name.x",
    ] {
        let (at, what) =
            unsupported(&json!({ "A": { "Type": "Pass", "InputPath": path, "End": true } }));
        assert_eq!(at, "States.A.InputPath");
        assert!(what.contains(path), "{what}");
    }
}

#[test]
fn refuses_result_paths_that_are_no_plain_names() {
    for path in ["$$.Execution.Name", "$.a[0]"] {
        assert_eq!(
            unsupported(&one_task(json!({ "ResultPath": path }))).0,
            "States.A.ResultPath"
        );
    }
}

#[test]
fn refuses_intrinsic_functions_outside_the_subset() {
    for call in [
        "States.UUID()",
        "States.StringToJson($.a)",
        "States.MathAdd($.a)",
        "States.MathAdd($.a, 1, 2)",
        "States.MathAdd($.a, 1) ",
        "States.MathAdd($.a, 1)x",
        "States.MathAdd($.a, 1",
        "States.Format('{}')",
        "States.Format('{}', $.a, $.b)",
        "States.Format('{', $.a)",
        "States.Format('{}, $.a)",
        "States.Format($.a)",
        "States.Format('{}', true)",
        "plain text",
        "",
    ] {
        let refused = Machine::parse(&text(
            &one_task(json!({ "Parameters": { "a.$": call } })),
            json!({}),
        ));
        if call.ends_with(' ') {
            assert!(refused.is_ok(), "space around a call is fine");
        } else {
            assert!(
                matches!(&refused, Err(ParseError::Unsupported { path, .. }) if path == "States.A.Parameters.a.$"),
                "{call}: {refused:?}"
            );
        }
    }
    assert!(
        unsupported(&one_task(
            json!({ "Parameters": { "a.$": "States.MathAdd($..a, 1)" } })
        ))
        .1
        .contains("$..a")
    );
}

#[test]
fn refuses_a_path_in_a_field_without_the_dollar() {
    for value in ["$", "$.a", "$$.Execution.Name", "States.MathAdd($.a, 1)"] {
        let (path, _) = unsupported(&one_task(
            json!({ "Parameters": { "list": [{ "a": value }] } }),
        ));
        assert_eq!(path, "States.A.Parameters.list[0].a");
    }
}

#[test]
fn refuses_malformed_templates() {
    assert_eq!(
        invalid(&one_task(json!({ "Parameters": { "a": 1, "a.$": "$.a" } }))).0,
        "States.A.Parameters.a.$"
    );
    assert_eq!(
        invalid(&one_task(json!({ "Parameters": { "a.$": 1 } }))).0,
        "States.A.Parameters.a.$"
    );
    assert_eq!(
        unsupported(&one_task(json!({ "ResultSelector": [1] }))).0,
        "States.A.ResultSelector"
    );
}

#[test]
fn refuses_comparisons_outside_the_subset() {
    for rule in [
        json!({ "Variable": "$.a", "StringMatches": "x*", "Next": "A" }),
        json!({ "Variable": "$.a", "NumericGreaterThanPath": "$.b", "Next": "A" }),
        json!({ "Variable": "$.a", "IsNull": true, "Next": "A" }),
        json!({ "Variable": "$.a", "StringEquals": "x", "NumericEquals": 1, "Next": "A" }),
    ] {
        assert_eq!(
            unsupported(&json!({ "A": { "Type": "Choice", "Choices": [rule] } })).0,
            "States.A.Choices[0]"
        );
    }
    let nested =
        json!({ "And": [{ "Variable": "$.a", "IsPresent": true, "Next": "A" }], "Next": "A" });
    assert_eq!(
        unsupported(&json!({ "A": { "Type": "Choice", "Choices": [nested] } })).0,
        "States.A.Choices[0].And[0]"
    );
}

#[test]
fn refuses_malformed_rules() {
    for (rule, at) in [
        (
            json!({ "Variable": "$.a", "StringEquals": 1, "Next": "A" }),
            "States.A.Choices[0].StringEquals",
        ),
        (
            json!({ "Variable": "$.a", "StringEquals": "1" }),
            "States.A.Choices[0].Next",
        ),
        (
            json!({ "StringEquals": "1", "Next": "A" }),
            "States.A.Choices[0].Variable",
        ),
        (json!({ "Or": [], "Next": "A" }), "States.A.Choices[0].Or"),
    ] {
        assert_eq!(
            invalid(&json!({ "A": { "Type": "Choice", "Choices": [rule] } })).0,
            at
        );
    }
    assert_eq!(
        invalid(&json!({ "A": { "Type": "Choice", "Choices": [] } })).0,
        "States.A.Choices"
    );
}
