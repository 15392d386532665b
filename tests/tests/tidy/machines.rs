//! The state machines: guarded, complete, in the order of the plan, and fitting the template.

mod plan;

use std::collections::BTreeSet;

use contracts::edge::Kind;
use contracts::errors::ErrorName;
use testkit::must;
use tests::asl::{Catcher, Machine, Retrier, Task};

use crate::assert_none;
use crate::repository;
use crate::template;
use crate::yaml::Yaml;

/// File, and logical id in the template.
const MACHINES: [(&str, &str); 2] = [
    ("order-saga", "OrderSaga"),
    ("order-recovery", "OrderRecovery"),
];
/// Step Functions knows the same by two names: the emulator's and its own.
const STARTED_BEFORE: [&str; 2] = [
    "ExecutionAlreadyExists",
    "StepFunctions.ExecutionAlreadyExistsException",
];
/// Error names that are retried, or not, against their kind.
const EXCEPTIONS: [(ErrorName, bool); 2] = [
    // Nothing happened, and a provider that is down is not back in two seconds: recovery waits.
    (ErrorName::ProviderDown, false),
    // A crash says nothing of the next try.
    (ErrorName::Internal, true),
];

fn text_of(file: &str) -> String {
    repository::read(&format!("statemachines/{file}.asl.json"))
}

fn load(file: &str) -> Machine {
    must(Machine::parse(&text_of(file)))
}

fn calls_a_function(task: &Task) -> bool {
    task.resource.starts_with("${")
}

/// Parts that a machine and its tasks lack.
fn gaps(machine: &Machine) -> Vec<String> {
    let gap = |gap: tests::asl::Gap| format!("{} lacks {}", gap.state, gap.lacks);
    let mut found: Vec<_> = machine.gaps().into_iter().map(gap).collect();
    if machine.timeout.is_none() {
        found.push("the machine lacks TimeoutSeconds".to_owned());
    }
    let unreachable = machine.unreachable().into_iter();
    found.extend(unreachable.map(|state| format!("{state} is never entered")));
    found
}

fn takes_all(errors: &[String]) -> bool {
    errors == ["States.ALL"]
}

/// Whether an error of ours is worth another try.
fn is_retried(name: ErrorName) -> bool {
    let exception = EXCEPTIONS.iter().find(|(known, _)| *known == name);
    exception.map_or_else(
        || matches!(name.kind(), Kind::Conflict | Kind::Retryable),
        |(_, retried)| *retried,
    )
}

/// Names that a task must not retry: of a function, what another try cannot change; of another
/// machine, that it was started before.
fn final_names(task: &Task) -> BTreeSet<&'static str> {
    if calls_a_function(task) {
        let all = ErrorName::ALL.iter().filter(|name| !is_retried(**name));
        all.map(|name| name.as_str()).collect()
    } else {
        STARTED_BEFORE.into()
    }
}

/// Retries: first those that are none, then everything else.
fn wrong_retries(machine: &Machine) -> Vec<String> {
    let mut wrong = Vec::new();
    for (state, task) in machine.tasks() {
        let wanted = final_names(task);
        let fits = match &task.retry[..] {
            [first, rest] => {
                let names: BTreeSet<&str> = first.error_equals.iter().map(String::as_str).collect();
                let bounded = |retrier: &Retrier| retrier.max_attempts > 0 && retrier.full_jitter;
                for name in names.symmetric_difference(&wanted) {
                    wrong.push(format!(
                        "{state}: {name} is retried where it should not be, or not where it should"
                    ));
                }
                first.max_attempts == 0 && takes_all(&rest.error_equals) && bounded(rest)
            }
            _ => false,
        };
        if !fits {
            wrong.push(format!(
                "{state}: Retry is not: never these, then all others"
            ));
        }
    }
    wrong
}

/// Catches: what ends the run first, everything last.
fn wrong_catches(machine: &Machine) -> Vec<String> {
    let mut wrong = Vec::new();
    for (state, task) in machine.tasks() {
        let first = task.catch.first().map(|catcher| &catcher.error_equals[..]);
        let expected: &[&str] = if calls_a_function(task) {
            &["Superseded"]
        } else {
            &STARTED_BEFORE
        };
        if first.is_none_or(|names| names != expected) {
            wrong.push(format!(
                "{state} does not catch {} first",
                expected.join(", ")
            ));
        }
        let ends = |catcher: &Catcher| {
            let after: Vec<_> = machine.reachable_from(&catcher.next).into_iter().collect();
            after == [catcher.next.as_str()]
        };
        if !task.catch.first().is_some_and(ends) {
            wrong.push(format!("{state}: its first catch does not end the run"));
        }
        if !task
            .catch
            .last()
            .is_some_and(|catcher| takes_all(&catcher.error_equals))
        {
            wrong.push(format!("{state} does not catch everything last"));
        }
    }
    wrong
}

/// Names in Retry and Catch that nobody raises.
fn unknown_names(machine: &Machine) -> Vec<String> {
    let names = machine
        .retried_errors()
        .into_iter()
        .chain(machine.caught_errors());
    let known = |name: &&str| {
        ErrorName::parse(name).is_some()
            || STARTED_BEFORE.contains(name)
            || name.starts_with("States.")
            || name.starts_with("Lambda.")
    };
    let unknown = names.filter(|name| !known(name));
    unknown
        .map(|name| format!("nobody raises {name}"))
        .collect()
}

/// Names between `${` and `}`.
fn substitutions(text: &str) -> BTreeSet<&str> {
    let parts = text.split("${").skip(1);
    parts.filter_map(|part| part.split('}').next()).collect()
}

/// Differences between what a machine's file names and what the template puts in.
fn wrong_substitutions(text: &str, template: &Yaml, id: &str) -> Vec<String> {
    let path = ["Resources", id, "Properties", "DefinitionSubstitutions"];
    let entries = template.get(&path).map(Yaml::entries).unwrap_or_default();
    let given: BTreeSet<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let named = substitutions(text);
    let different = named.symmetric_difference(&given);
    different
        .map(|name| format!("{id}: {name} is only on one side"))
        .collect()
}

/// Tasks that give up before their function does, so that it would run on unseen.
fn too_short(machine: &Machine, template: &Yaml) -> Vec<String> {
    let mut found = Vec::new();
    for (state, task) in machine.tasks().filter(|(_, task)| calls_a_function(task)) {
        let name = substitutions(&task.resource)
            .into_iter()
            .next()
            .unwrap_or_default();
        let function = name.strip_suffix("FunctionArn").unwrap_or(name);
        let limit = template.text(&["Resources", function, "Properties", "Timeout"]);
        let limit = limit.parse().unwrap_or(u64::MAX);
        if task
            .timeout
            .is_none_or(|timeout| timeout.as_secs() <= limit)
        {
            found.push(format!("{state} gives up before {function} does"));
        }
    }
    found
}

fn all_wrong(text: &str) -> Vec<String> {
    let machine = must(Machine::parse(text));
    let rules = [gaps, wrong_retries, wrong_catches, unknown_names];
    rules.iter().flat_map(|rule| rule(&machine)).collect()
}

#[test]
fn every_machine_is_in_the_template_and_parses_here() {
    let files = repository::names_in("statemachines");
    let machines = files
        .iter()
        .filter_map(|name| name.strip_suffix(".asl.json"));
    let mut known: Vec<_> = MACHINES.iter().map(|(file, _)| *file).collect();
    known.sort_unstable();
    assert_eq!(machines.collect::<Vec<_>>(), known);
    let template = template::load();
    for (file, id) in MACHINES {
        let path = ["Resources", id, "Properties", "DefinitionUri"];
        let uri = format!("../statemachines/{file}.asl.json");
        assert_eq!(template.text(&path), uri);
        assert!(load(file).state_names().next().is_some());
    }
}

#[test]
fn every_task_is_guarded_and_every_error_name_known_and_handled() {
    for (file, _) in MACHINES {
        assert_none(&all_wrong(&text_of(file)));
    }
}

#[test]
fn the_template_puts_in_what_the_machines_name() {
    let template = template::load();
    for (file, id) in MACHINES {
        assert_none(&wrong_substitutions(&text_of(file), &template, id));
    }
}

#[test]
fn no_task_gives_up_before_its_function() {
    let template = template::load();
    for (file, _) in MACHINES {
        assert_none(&too_short(&load(file), &template));
    }
}

#[test]
fn a_machine_that_lacks_something_is_found_out() {
    let saga = text_of("order-saga");
    for (from, to) in [
        (r#""TimeoutSeconds": 120,"#, ""),
        (r#""TimeoutSeconds": 16,"#, ""),
        (r#""Next": "CommitStock""#, r#""Next": "CompleteOrder""#),
        (r#""Superseded", "OutOfStock""#, r#""Superseded""#),
        (
            r#""OutOfStock", "UnknownSku""#,
            r#""OutOfStock", "Unavailable", "UnknownSku""#,
        ),
        (
            r#""OutOfStock", "UnknownSku""#,
            r#""OutOfStock", "UnheardOf", "UnknownSku""#,
        ),
        (r#""MaxAttempts": 0"#, r#""MaxAttempts": 1"#),
        (r#", "JitterStrategy": "FULL""#, ""),
        (
            r#"{"ErrorEquals": ["Superseded"], "ResultPath": "$.failure", "Next": "Done"},"#,
            "",
        ),
        (
            r#"["Superseded"], "ResultPath": "$.failure", "Next": "Done""#,
            r#"["Superseded"], "ResultPath": "$.failure", "Next": "HandOver""#,
        ),
    ] {
        assert!(saga.contains(from), "{from}");
        let broken = saga.replacen(from, to, 1);
        assert!(!all_wrong(&broken).is_empty(), "{from} → {to}");
    }
}

#[test]
fn substitutions_that_differ_and_short_limits_are_found() {
    let template = template::load();
    let saga = text_of("order-saga");
    let renamed = saga.replace("${OrdersFunctionArn}", "${OrderFunctionArn}");
    let wrong = wrong_substitutions(&renamed, &template, "OrderSaga");
    assert_eq!(wrong.len(), 2);
    let hasty = saga.replacen(r#""TimeoutSeconds": 16"#, r#""TimeoutSeconds": 15"#, 1);
    let hasty = must(Machine::parse(&hasty));
    let found = too_short(&hasty, &template);
    assert_eq!(found, ["ReserveStock gives up before Inventory does"]);
}
