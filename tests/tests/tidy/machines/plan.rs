//! The state machines against `domain::saga::PLAN`, which is the plan as data.

use domain::saga::{PLAN, Phase, Service, Step};
use serde_json::Value;
use testkit::must;

use super::text_of;
use crate::assert_none;

const fn function_of(service: Service) -> &'static str {
    match service {
        Service::Inventory => "${InventoryFunctionArn}",
        Service::Orders => "${OrdersFunctionArn}",
        Service::Payments => "${PaymentsFunctionArn}",
        Service::Shipping => "${ShippingFunctionArn}",
    }
}

/// A field of a state; null where there is none.
fn field<'m>(machine: &'m Value, state: &str, path: &str) -> &'m Value {
    let found = machine.pointer(&format!("/States/{state}/{path}"));
    found.unwrap_or(&Value::Null)
}

/// What is wrong with a state as this call of a function.
fn wrong_state(machine: &Value, state: &str, service: Service, command: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let resource = field(machine, state, "Resource");
    if field(machine, state, "Type") != "Task" || resource != function_of(service) {
        wrong.push(format!("{state} is not a call of {service:?}"));
    }
    if field(machine, state, "Parameters/step") != command {
        wrong.push(format!("{state} does not say {command}"));
    }
    wrong
}

/// Whether the states follow each other where all goes well.
fn wrong_order(machine: &Value, states: &[&str]) -> Vec<String> {
    let pairs = states.iter().zip(states.iter().skip(1));
    let follows = |state: &str, next: &str| {
        let own = field(machine, state, "Next");
        // The decision is read by a choice before anything acts on it.
        own == next || (own == "Decided" && choice(machine, "charging") == next)
    };
    let wrong = pairs.filter(|(state, next)| !follows(state, next));
    wrong
        .map(|(state, next)| format!("{next} does not follow {state}"))
        .collect()
}

/// Where a decision leads.
fn choice<'a>(machine: &'a Value, decision: &str) -> &'a Value {
    let rules = field(machine, "Decided", "Choices").as_array();
    let mut rules = rules.into_iter().flatten();
    let rule = rules.find(|rule| rule["StringEquals"] == decision);
    rule.map_or(&Value::Null, |rule| &rule["Next"])
}

/// Undos of the plan, the last step's first.
fn undos() -> Vec<(Service, &'static str, &'static str)> {
    let undo = |step: &Step| {
        let (state, command) = step.undo?;
        Some((step.service, state, command))
    };
    PLAN.iter().rev().filter_map(undo).collect()
}

/// Undo in the reverse order of the plan, from the decision to unwind to the order's failure.
fn wrong_undo(machine: &Value) -> Vec<String> {
    let undos = undos();
    let mut wrong = Vec::new();
    for (service, state, command) in &undos {
        wrong.extend(wrong_state(machine, state, *service, command));
    }
    let mut states: Vec<_> = undos.iter().map(|(_, state, _)| *state).collect();
    if states
        .first()
        .is_none_or(|first| choice(machine, "unwinding") != *first)
    {
        wrong.push("unwinding does not begin with the last undo".to_owned());
    }
    states.push("FailOrder");
    wrong.extend(wrong_order(machine, &states));
    wrong
}

/// The steps of some phases, in the order of the plan.
fn wrong_steps(machine: &Value, wanted: impl Fn(Phase) -> bool) -> Vec<String> {
    let steps: Vec<_> = PLAN.iter().filter(|step| wanted(step.phase)).collect();
    let mut wrong = Vec::new();
    for step in &steps {
        wrong.extend(wrong_state(machine, step.state, step.service, step.command));
    }
    let states: Vec<_> = steps.iter().map(|step| step.state).collect();
    wrong.extend(wrong_order(machine, &states));
    wrong
}

/// Tasks of the saga that the plan does not know.
fn unplanned(machine: &Value) -> Vec<String> {
    let beside = ["DecideUnwinding", "FailOrder", "HandOver"];
    let planned = |state: &str| {
        let undone = undos().iter().any(|(_, undo, _)| *undo == state);
        undone || PLAN.iter().any(|step| step.state == state) || beside.contains(&state)
    };
    let states = machine["States"].as_object();
    let tasks = states
        .into_iter()
        .flatten()
        .filter(|(_, state)| state["Type"] == "Task");
    let strange = tasks.filter(|(name, _)| !planned(name));
    strange
        .map(|(name, _)| format!("the plan does not know {name}"))
        .collect()
}

fn all_wrong_in_saga(machine: &Value) -> Vec<String> {
    let mut wrong = wrong_steps(machine, |_| true);
    wrong.extend(wrong_undo(machine));
    wrong.extend(unplanned(machine));
    if PLAN
        .first()
        .is_none_or(|step| machine["StartAt"] != step.state)
    {
        wrong.push("the saga does not begin with the first step".to_owned());
    }
    wrong
}

fn json(file: &str) -> Value {
    must(serde_json::from_str(&text_of(file)))
}

#[test]
fn the_saga_has_the_steps_and_undos_of_the_plan_in_its_order() {
    assert_none(&all_wrong_in_saga(&json("order-saga")));
}

#[test]
fn recovery_settles_and_undoes_in_the_order_of_the_plan() {
    let recovery = json("order-recovery");
    assert_none(&wrong_undo(&recovery));
    let after_the_decision = |phase| matches!(phase, Phase::Pivot | Phase::Retryable);
    assert_none(&wrong_steps(&recovery, after_the_decision));
    let pivot = PLAN.iter().find(|step| step.phase == Phase::Pivot);
    assert!(pivot.is_some_and(|step| choice(&recovery, "charging") == step.state));
}

#[test]
fn a_saga_against_the_plan_is_found_out() {
    let saga = json("order-saga");
    let changes: [fn(&mut Value); 7] = [
        |saga| saga["StartAt"] = "AuthorisePayment".into(),
        |saga| saga["States"]["VoidPayment"]["Next"] = "FailOrder".into(),
        |saga| saga["States"]["CreateShipment"]["Next"] = "CapturePayment".into(),
        |saga| saga["States"]["Decided"]["Choices"][1]["Next"] = "VoidPayment".into(),
        |saga| saga["States"]["ReleaseStock"]["Parameters"]["step"] = "commit".into(),
        |saga| saga["States"]["ReleaseStock"]["Resource"] = "${OrdersFunctionArn}".into(),
        |saga| saga["States"]["Extra"] = saga["States"]["ReleaseStock"].clone(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = saga.clone();
        change(&mut changed);
        assert!(!all_wrong_in_saga(&changed).is_empty(), "change {number}");
    }
}
