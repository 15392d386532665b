//! A configuration is reported as a whole.

use super::*;

#[derive(Debug, PartialEq)]
struct Config {
    table: String,
    key: String,
    batch: u32,
    level: String,
}

fn config(env: &Env) -> Result<Config, ConfigError> {
    let mut read = env.reader();
    let table = read.text("ORDERS_TABLE");
    let key = read.text("PROVIDER_KEY");
    let batch = read.parsed::<u32>("BATCH");
    let level = read.text_or("LOG_LEVEL", "info");
    read.finish(|| {
        Some(Config {
            table: table?,
            key: key?,
            batch: batch?,
            level,
        })
    })
}

#[test]
fn reads_a_complete_environment() {
    let env = Env::from_pairs([("ORDERS_TABLE", "o"), ("PROVIDER_KEY", "k"), ("BATCH", "3")]);
    let read = Config {
        table: "o".into(),
        key: "k".into(),
        batch: 3,
        level: "info".into(),
    };
    assert_eq!(config(&env), Ok(read));
}

#[test]
fn reports_everything_missing_and_malformed_at_once() {
    let env = Env::from_pairs([("PROVIDER_KEY", ""), ("BATCH", "ten")]);
    let text = config(&env).unwrap_err().to_string();
    assert_eq!(
        text,
        "environment: ORDERS_TABLE is missing, PROVIDER_KEY is missing, \
         BATCH is malformed (invalid digit found in string)"
    );
}

#[test]
fn an_empty_environment_names_all_that_is_needed() {
    let error = config(&Env::default()).unwrap_err();
    let names: Vec<_> = error.names().collect();
    assert_eq!(names, ["ORDERS_TABLE", "PROVIDER_KEY", "BATCH"]);
}

#[test]
fn a_default_does_not_hide_a_malformed_value() {
    let env = Env::from_pairs([("BATCH", "-1")]);
    let mut read = env.reader();
    let batch = read.parsed_or::<u32>("BATCH", 10);
    assert!(read.finish(|| batch).is_err());
}

#[test]
fn values_never_show() {
    let env = Env::from_pairs([("PROVIDER_KEY", "hunter2")]);
    assert!(!format!("{env:?}").contains("hunter2"));
    assert!(!format!("{:?}", config(&env)).contains("hunter2"));
}
