//! The command on the sample of `shared/cost`.

use std::path::Path;

use clap::Parser;
use serde_json::Value;

use super::Cost;
use crate::failure::Failure;
use crate::output::{Format, Output};
use crate::{Arguments, Command};

/// A file of the crate that the command shows.
fn file(name: &str) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../cost").join(name).display().to_string()
}

fn command(words: &[&str]) -> Cost {
    let line = ["cartwright", "cost"].iter().chain(words);
    let arguments = Arguments::try_parse_from(line).unwrap();
    let Command::Cost(cost) = arguments.command else {
        panic!("{words:?}");
    };
    cost
}

fn say(words: &[&str], format: Format) -> Result<String, Failure> {
    let mut output = Output::new(format, Vec::new());
    command(words).run(&mut output)?;
    Ok(String::from_utf8(output.into_sink()).unwrap())
}

#[test]
fn shows_every_choice_and_the_lines_of_express_on_arm64() {
    let text = say(&[&file("fixtures/sample.json")], Format::Text).unwrap();
    for line in [
        "express, x86_64        12.6908        119.2434",
        "standard, arm64       235.9832        342.4996",
        "saga express, arm64, 128 MB",
        "DynamoDB writes                       8.0000  write unit                5.0000",
    ] {
        assert!(text.lines().any(|said| said == line), "{line}\n{text}");
    }
    assert!(!text.contains("a month"), "{text}");
}

#[test]
fn says_one_json_object() {
    let trace = file("fixtures/sample.json");
    let words = [
        trace.as_str(),
        "--saga=standard",
        "--architecture=x86-64",
        "--memory-mb=256",
        "--orders-per-day=50000",
    ];
    let text = say(&words, Format::Json).unwrap();
    assert_eq!(text.lines().count(), 1);
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["combinations"].as_array().unwrap().len(), 4);
    let options = serde_json::json!({
        "saga": "standard", "architecture": "x86_64", "memory_mb": 256, "orders_per_day": 50_000,
    });
    assert_eq!(said["bill"]["options"], options);
    assert_eq!(said["bill"]["day"]["orders"], 50_000);
}

#[test]
fn a_trace_that_cannot_be_read_is_a_wrong_argument() {
    for (name, words) in [
        ("fixtures/none.json", "none.json cannot be read: "),
        (
            "Cargo.toml",
            "Cargo.toml is no trace: the trace cannot be read: ",
        ),
    ] {
        let failure = say(&[&file(name)], Format::Text).unwrap_err();
        let said = failure.in_words();
        assert!(said.contains(words), "{said}");
        assert_eq!(failure.exit_code(), std::process::ExitCode::from(2));
    }
}
