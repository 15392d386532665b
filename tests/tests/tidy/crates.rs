//! Which crate may know which, and how crates are called.

use testkit::must_have;

use crate::assert_none;
use crate::manifest::{self, Manifest};

/// Adapters: one outside system each, and the only ones that name its library.
const ADAPTERS: [&str; 10] = [
    "analytics-db",
    "cloudwatch",
    "dynamo-store",
    "mailer",
    "messaging",
    "object-store",
    "providers",
    "sockets",
    "valkey",
    "workflow",
];
/// What a function may be made of, beside adapters.
const PARTS: [&str; 22] = [
    "answer-cache",
    "audit",
    "breaker",
    "consumer",
    "contracts",
    "domain",
    "event-archive",
    "front-door",
    "http-edge",
    "idempotency",
    "identity",
    "intake",
    "job-steps",
    "lambda-boot",
    "metrics-aggregator",
    "profile-sync",
    "report-pages",
    "search-rebuild",
    "sheets",
    "telling",
    "told",
    "wording",
];
/// What jobs are made of.
const JOB_STEPS: [&str; 5] = [
    "contracts",
    "domain",
    "event-archive",
    "search-rebuild",
    "sheets",
];
/// Crates of others that say how the outside is reached.
const OUTSIDE: [&str; 4] = ["aws-sdk-", "redis", "reqwest", "sqlx"];
/// Crates that compute and do nothing else.
const PURE: [&str; 4] = ["audit", "cost", "domain", "idempotency"];
/// They have no runtime, no wire form (but for the tables and traces of `cost`), no log.
const IMPURE: [&str; 7] = [
    "axum", "aws-", "lambda", "reqwest", "serde", "tokio", "tracing",
];
/// Names that say nothing.
const VAGUE: [&str; 8] = [
    "common", "core", "helpers", "manager", "misc", "prelude", "shared", "utils",
];
/// Crates whose name is not their folder's, with the reason.
const OTHER_NAMES: [(&str, &str); 2] = [
    // `providers` is the crate with our side of it.
    ("localstack/providers", "provider-stand-ins"),
    // There are proxies of many kinds.
    ("localstack/proxy", "aws-proxy"),
];
/// Crates whose binary has a name of its own.
const OTHER_BINARIES: [(&str, &str); 1] = [
    // What people type.
    ("shared/cli", "cartwright"),
];

/// What of ours a crate may be built on.
fn may_know(crate_name: &str, folder: &str, other: &str) -> bool {
    let is_one_of = |names: &[&str]| names.contains(&other);
    match crate_name {
        "aws-calls" => is_one_of(&["domain", "https"]),
        "front-door" => is_one_of(&["dynamo-store", "http-edge", "lambda-boot"]),
        "audit" | "aws-proxy" | "breaker" | "cost" | "domain" | "gateway" | "https"
        | "idempotency" | "limits" | "listening" | "metrics-aggregator" | "provider-stand-ins"
        | "sheets" => false,
        // One crate, alone.
        "counting" => other == "metrics-aggregator",
        // One adapter and the archive, alone.
        "reporting" => is_one_of(&["analytics-db", "domain", "event-archive", "event-samples"]),
        // One adapter, alone.
        "posting" => is_one_of(&["domain", "sockets"]),
        "contracts" => other == "domain",
        "consumer" | "identity" | "intake" | "told" | "wording" => {
            is_one_of(&["contracts", "domain"])
        }
        "answer-cache" | "event-archive" | "event-samples" | "search-rebuild" => other == "domain",
        "job-steps" => JOB_STEPS.contains(&other),
        "report-pages" => {
            is_one_of(&["answer-cache", "contracts", "domain", "http-edge", "sheets"])
        }
        "profile-sync" => is_one_of(&["breaker", "contracts", "domain"]),
        "telling" => is_one_of(&["breaker", "contracts", "domain", "identity", "wording"]),
        "http-edge" => is_one_of(&["contracts", "domain", "idempotency", "limits"]),
        "lambda-boot" | "providers" => is_one_of(&["contracts", "domain", "https"]),
        "testkit" => is_one_of(&[
            "audit",
            "breaker",
            "contracts",
            "domain",
            "http-edge",
            "idempotency",
            "limits",
            "wording",
        ]),
        "bench" => true,
        "tests" => other != "bench",
        "cli" => {
            is_one_of(&ADAPTERS)
                || is_one_of(&[
                    "audit",
                    "contracts",
                    "cost",
                    "domain",
                    "event-archive",
                    "event-samples",
                    "http-edge",
                    "identity",
                    "metrics-aggregator",
                    "profile-sync",
                    "search-rebuild",
                ])
        }
        "dynamo-store" => is_one_of(&[
            "audit",
            "breaker",
            "contracts",
            "domain",
            "idempotency",
            "limits",
        ]),
        "cloudwatch" | "messaging" | "object-store" | "sockets" => {
            is_one_of(&["audit", "aws-calls", "contracts", "domain", "https"])
        }
        name if ADAPTERS.contains(&name) => is_one_of(&["contracts", "domain"]),
        _ => folder.starts_with("functions/") && (is_one_of(&ADAPTERS) || is_one_of(&PARTS)),
    }
}

fn may_use_in_tests(manifest: &Manifest, other: &str) -> bool {
    // Adapters of third parties are tried against what plays them.
    let far_end = manifest.name == "providers" && other == "provider-stand-ins";
    // What is sent back, or skipped, is tried on the consumer's own inbox.
    let inbox = manifest.name == "cli" && other == "consumer";
    // What a client missed is tried beside what is pushed to it.
    let pushed = manifest.name == "realtime" && other == "push-updates";
    // What leaves the database, and comes back, is tried on a real one.
    let archived = ["analytics-db", "event-archive"].contains(&manifest.name.as_str())
        && ["event-archive", "event-samples"].contains(&other);
    other == "testkit"
        || archived
        || far_end
        || inbox
        || pushed
        || may_know(&manifest.name, &manifest.folder, other)
}

fn may_reach_outside(crate_name: &str, library: &str) -> bool {
    // The command line asks the API over HTTP, as a customer does.
    let asks_the_api = crate_name == "cli" && library == "reqwest";
    // Third parties call back.
    let tells = crate_name == "provider-stand-ins" && library == "reqwest";
    // API Gateway calls functions.
    let calls = crate_name == "gateway" && library == "reqwest";
    ADAPTERS.contains(&crate_name)
        || ["bench", "reporting", "tests"].contains(&crate_name)
        || asks_the_api
        || tells
        || calls
}

/// Who depends on whom against the direction `functions → adapters → contracts → domain`.
fn wrong_directions(crates: &[Manifest]) -> Vec<String> {
    let mut wrong = Vec::new();
    for manifest in crates {
        let ours = |name: &str| crates.iter().any(|other| other.name == name);
        for dependency in &manifest.dependencies {
            let (name, other) = (&manifest.name, &dependency.name);
            let folder = &manifest.folder;
            if ours(other) && !may_know(name, folder, other) {
                wrong.push(format!("{folder} must not depend on {other}"));
            }
            let outside = OUTSIDE.iter().any(|prefix| other.starts_with(prefix));
            if outside && !may_reach_outside(name, other) {
                wrong.push(format!("{folder} names {other}: only adapters do"));
            }
            let impure = IMPURE.iter().any(|prefix| other.starts_with(prefix));
            let reads_json = name == "cost" && other.starts_with("serde");
            if PURE.contains(&name.as_str()) && impure && !reads_json {
                wrong.push(format!("{folder} is pure and depends on {other}"));
            }
        }
        for dependency in &manifest.dev_dependencies {
            let other = dependency.name.as_str();
            if ours(other) && !may_use_in_tests(manifest, other) {
                wrong.push(format!("tests of {} must not use {other}", manifest.folder));
            }
        }
    }
    wrong
}

/// Crates, folders and binaries that are not called alike, and names that say nothing.
fn wrong_names(crates: &[Manifest]) -> Vec<String> {
    let mut wrong = Vec::new();
    for manifest in crates {
        let (folder, name) = (manifest.folder.as_str(), manifest.name.as_str());
        let known = OTHER_NAMES.contains(&(folder, name));
        if manifest.folder_name() != name && !known {
            wrong.push(format!("the crate in {folder} is called {name}"));
        }
        for binary in &manifest.binaries {
            let known = OTHER_BINARIES.contains(&(folder, binary.as_str()));
            if binary != name && !known {
                wrong.push(format!("the binary of {folder} is called {binary}"));
            }
        }
        if VAGUE.contains(&name) {
            wrong.push(format!("{name} does not say what the crate knows"));
        }
    }
    wrong
}

/// Manifests that decide for themselves what the workspace decides.
fn own_ways(crates: &[Manifest]) -> Vec<String> {
    let mut wrong = Vec::new();
    for manifest in crates {
        let folder = &manifest.folder;
        if !manifest.keeps_to_the_workspace {
            wrong.push(format!("{folder} lacks `publish.workspace` or `[lints]`"));
        }
        let all = manifest
            .dependencies
            .iter()
            .chain(&manifest.dev_dependencies);
        for dependency in all.filter(|dependency| !dependency.inherited) {
            let name = &dependency.name;
            wrong.push(format!("{folder} gives a version of {name} of its own"));
        }
    }
    wrong
}

#[test]
fn crates_depend_in_one_direction_only() {
    assert_none(&wrong_directions(&manifest::all()));
}

#[test]
fn crates_are_called_as_their_folders() {
    assert_none(&wrong_names(&manifest::all()));
}

#[test]
fn versions_and_lints_stand_in_the_workspace() {
    assert_none(&own_ways(&manifest::all()));
}

fn a_crate(folder: &str, dependencies: &[&str]) -> Manifest {
    let name = must_have(folder.rsplit('/').next());
    let mut text = format!("[package]\nname = \"{name}\"\n[dependencies]\n");
    for dependency in dependencies {
        text.push_str(&format!("{dependency}.workspace = true\n"));
    }
    Manifest::parse(folder, &text)
}

/// A small workspace in which one crate depends on something.
fn with(folder: &str, dependency: &str) -> Vec<String> {
    let mut crates = vec![a_crate(folder, &[dependency])];
    for other in [
        "shared/domain",
        "shared/contracts",
        "shared/mailer",
        "shared/testkit",
        "functions/orders",
    ] {
        if other != folder {
            crates.push(a_crate(other, &[]));
        }
    }
    wrong_directions(&crates)
}

#[test]
fn a_wrong_direction_is_found() {
    for (folder, dependency) in [
        ("shared/domain", "contracts"),
        ("shared/domain", "tokio"),
        ("shared/domain", "serde"),
        ("shared/cost", "contracts"),
        ("shared/cost", "tokio"),
        ("shared/contracts", "mailer"),
        ("shared/workflow", "mailer"),
        ("shared/http-edge", "mailer"),
        ("functions/notify", "orders"),
        ("functions/notify", "testkit"),
        ("functions/notify", "aws-sdk-sns"),
        ("shared/lambda-boot", "reqwest"),
        ("shared/cli", "aws-sdk-dynamodb"),
    ] {
        assert_eq!(with(folder, dependency).len(), 1, "{folder} → {dependency}");
    }
    for (folder, dependency) in [
        ("shared/contracts", "domain"),
        ("shared/cost", "serde_json"),
        ("shared/mailer", "aws-sdk-sesv2"),
        ("functions/notify", "mailer"),
        ("shared/cli", "reqwest"),
    ] {
        assert_none(&with(folder, dependency));
    }
}

#[test]
fn a_wrong_name_is_found() {
    let text = "[package]\nname = \"two\"\n[[bin]]\nname = \"three\"\n";
    assert_eq!(wrong_names(&[Manifest::parse("shared/one", text)]).len(), 2);
    assert_eq!(wrong_names(&[a_crate("shared/utils", &[])]).len(), 1);
}

#[test]
fn an_own_version_or_missing_lints_are_found() {
    let text = "[package]\nname = \"one\"\n[dependencies]\nserde = \"1\"\n";
    assert_eq!(own_ways(&[Manifest::parse("shared/one", text)]).len(), 2);
}
