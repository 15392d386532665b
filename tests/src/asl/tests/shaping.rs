//! How data flows through a state.

use super::*;

fn pass(more: Value) -> Value {
    let mut pass = json!({ "Type": "Pass", "End": true });
    pass.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "A": pass })
}

#[tokio::test]
async fn hands_the_input_on_when_nothing_is_said() {
    assert_eq!(
        output(&pass(json!({})), json!({ "a": 1 })).await,
        json!({ "a": 1 })
    );
    assert_eq!(
        output(&json!({ "A": { "Type": "Succeed" } }), json!([1])).await,
        json!([1])
    );
}

#[tokio::test]
async fn fills_a_template_from_data_context_and_literals() {
    let template = json!({
        "text": "x", "list": [1, { "deep.$": "$.lines[1].sku" }], "all.$": "$", "null": null,
        "name.$": "$$.Execution.Name", "given.$": "$$.Execution.Input.n", "here.$": "$$.State.Name"
    });
    let input = json!({ "n": 4, "lines": [{}, { "sku": "S" }] });
    let output = output(&pass(json!({ "Parameters": template })), input.clone()).await;
    let expected = json!({
        "text": "x", "list": [1, { "deep": "S" }], "all": input, "null": null, "name": "x-1", "given": 4, "here": "A"
    });
    assert_eq!(output, expected);
}

#[tokio::test]
async fn context_keeps_the_first_input_and_follows_the_state() {
    let states = json!({
        "A": { "Type": "Pass", "Result": {}, "Next": "B" },
        "B": { "Type": "Pass", "Parameters": { "i.$": "$$.Execution.Input", "s.$": "$$.State.Name", "id.$": "$$.Execution.Id" }, "End": true }
    });
    let output = output(&states, json!({ "k": 1 })).await;
    assert_eq!(
        (&output["i"], &output["s"]),
        (&json!({ "k": 1 }), &json!("B"))
    );
    assert!(output["id"].as_str().unwrap().ends_with(":x-1"));
}

#[tokio::test]
async fn formats_text_and_adds_numbers() {
    let template = json!({
        "name.$": "States.Format('{}-{}', $.id, States.MathAdd($.epoch, 1))",
        "sum.$": "States.MathAdd($.epoch, -5)",
        "quoted.$": "States.Format('it\\'s \\{{}\\} {} {}', $.yes, 3, 'a,)b')",
        "plain.$": "States.Format('none')"
    });
    let output = output(
        &pass(json!({ "Parameters": template })),
        json!({ "id": "o", "epoch": 2, "yes": true }),
    )
    .await;
    let expected =
        json!({ "name": "o-3", "sum": -3, "quoted": "it's {true} 3 a,)b", "plain": "none" });
    assert_eq!(output, expected);
}

#[tokio::test]
async fn intrinsic_functions_fail_on_the_wrong_types() {
    for call in [
        "States.Format('{}', $.list)",
        "States.MathAdd($.text, 1)",
        "States.MathAdd($.big, 1)",
        "States.MathAdd($.half, 1)",
    ] {
        let states = one_task(json!({ "Parameters": { "a.$": call } }));
        let input = json!({ "list": [], "text": "1", "big": i32::MAX, "half": 0.5 });
        let ended = run(&states, input, &Script::default()).await;
        assert_eq!(error_of(&ended), "States.IntrinsicFailure", "{call}");
    }
}

#[tokio::test]
async fn input_path_selects_and_null_empties() {
    assert_eq!(
        output(&pass(json!({ "InputPath": "$.a" })), json!({ "a": 1 })).await,
        json!(1)
    );
    assert_eq!(
        output(&pass(json!({ "InputPath": null })), json!({ "a": 1 })).await,
        json!({})
    );
    assert_eq!(
        output(&pass(json!({ "OutputPath": "$.a" })), json!({ "a": 1 })).await,
        json!(1)
    );
    assert_eq!(
        output(&pass(json!({ "OutputPath": null })), json!({ "a": 1 })).await,
        json!({})
    );
}

#[tokio::test]
async fn result_goes_into_what_the_state_was_entered_with() {
    let fields =
        json!({ "InputPath": "$.in", "Parameters": { "v.$": "$.x" }, "ResultPath": "$.out.deep" });
    let output = output(
        &pass(fields),
        json!({ "in": { "x": 7 }, "out": { "old": 1 } }),
    )
    .await;
    assert_eq!(
        output,
        json!({ "in": { "x": 7 }, "out": { "old": 1, "deep": { "v": 7 } } })
    );
}

#[tokio::test]
async fn result_path_makes_missing_objects_and_null_drops_the_result() {
    let made = output(
        &pass(json!({ "Result": 1, "ResultPath": "$.a.b" })),
        json!({}),
    )
    .await;
    assert_eq!(made, json!({ "a": { "b": 1 } }));
    let dropped = output(
        &pass(json!({ "Result": 1, "ResultPath": null })),
        json!({ "k": 1 }),
    )
    .await;
    assert_eq!(dropped, json!({ "k": 1 }));
}

#[tokio::test]
async fn result_path_through_a_number_is_a_mismatch() {
    let ended = run(
        &pass(json!({ "Result": 1, "ResultPath": "$.a.b" })),
        json!({ "a": 1 }),
        &Script::default(),
    )
    .await;
    assert_eq!(error_of(&ended), "States.ResultPathMatchFailure");
}

#[tokio::test]
async fn task_result_is_selected_then_placed_then_cut() {
    let states = one_task(json!({
        "Parameters": { "id.$": "$.id" },
        "ResultSelector": { "kept.$": "$.big.part" },
        "ResultPath": "$.task",
        "OutputPath": "$.task"
    }));
    let script = Script::of([ok(json!({ "big": { "part": 1 }, "rest": 2 }))]);
    let ended = run(&states, json!({ "id": "o", "more": 1 }), &script).await;
    assert_eq!(ended.status, Status::Succeeded(json!({ "kept": 1 })));
    assert_eq!(script.inputs(), [json!({ "id": "o" })]);
}

#[tokio::test]
async fn task_sees_its_resource_as_written() {
    let script = Script::default();
    run(&one_task(json!({})), json!({}), &script).await;
    let call = script.calls().remove(0);
    assert_eq!(
        (
            call.execution.as_str(),
            call.state.as_str(),
            call.resource.as_str(),
            call.attempt
        ),
        ("x-1", "A", "${Task}", 1)
    );
}

#[tokio::test]
async fn missing_path_ends_the_execution_whatever_is_caught() {
    let rescue = json!([{ "ErrorEquals": ["States.ALL"], "Next": "B" }]);
    for field in [
        json!({ "Parameters": { "a.$": "$.gone" } }),
        json!({ "ResultSelector": { "a.$": "$.gone" } }),
        json!({ "InputPath": "$.gone" }),
        json!({ "OutputPath": "$.gone" }),
        json!({ "Parameters": { "a.$": "States.Format('{}', $.list[3])" } }),
    ] {
        let mut states = one_task(field);
        states["A"]["Catch"] = rescue.clone();
        states["A"]["Retry"] = json!([{ "ErrorEquals": ["States.ALL"] }]);
        states["B"] = json!({ "Type": "Succeed" });
        let ended = run(&states, json!({ "list": [1] }), &Script::default()).await;
        assert_eq!(error_of(&ended), "States.Runtime");
        assert_eq!(ended.history.len(), 1);
    }
}

#[tokio::test]
async fn fail_state_names_its_error() {
    let ended = run(
        &json!({ "A": { "Type": "Fail", "Error": "E", "Cause": "c" } }),
        json!({}),
        &Script::default(),
    )
    .await;
    assert_eq!(ended.status, Status::Failed(TaskError::new("E", "c")));
}

#[tokio::test]
async fn data_over_256_kib_ends_the_execution_whatever_is_caught() {
    let big = Value::String("x".repeat(256 * 1024 - 2));
    let bigger = Value::String("x".repeat(256 * 1024 - 1));
    let mut states = one_task(json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "B" }] }));
    states["B"] = json!({ "Type": "Succeed" });
    let ended = run(&states, json!({}), &Script::of([ok(big.clone())])).await;
    assert_eq!(ended.status, Status::Succeeded(big.clone()));
    let ended = run(&states, json!({}), &Script::of([ok(bigger.clone())])).await;
    assert_eq!(error_of(&ended), "States.DataLimitExceeded");
    let ended = run(&states, bigger, &Script::default()).await;
    assert_eq!(
        (error_of(&ended), ended.history.len()),
        ("States.DataLimitExceeded", 0)
    );
    let doubled = pass(json!({ "Parameters": { "a.$": "$", "b.$": "$" } }));
    assert_eq!(
        error_of(&run(&doubled, big, &Script::default()).await),
        "States.DataLimitExceeded"
    );
}
