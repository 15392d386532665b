//! Where settings come from, and what is said of those that are missing.

use std::collections::BTreeMap;

use super::{Settings, SettingsError};

fn environment<const N: usize>(values: [(&str, &str); N]) -> BTreeMap<String, String> {
    Settings::of(values).0
}

const FILE: &str = "\
# written by make run
export API_URL=http://127.0.0.1:4566/_aws/execute-api/abc
export AWS_ENDPOINT_URL='http://127.0.0.1:4566'
export AWS_ACCESS_KEY_ID=test

export CUSTOMER_TOKEN=\"from file\"
export ODD='it'\"'\"'s'
";

#[test]
fn reads_the_file_where_the_environment_names_no_stack() {
    let outside = environment([("AWS_PROFILE", "work"), ("HOME", "/root")]);
    let settings = Settings::new(outside, Some(FILE)).unwrap();
    let url = "http://127.0.0.1:4566/_aws/execute-api/abc";
    assert_eq!(settings.optional("API_URL"), Some(url));
    assert_eq!(settings.optional("CUSTOMER_TOKEN"), Some("from file"));
    assert_eq!(settings.optional("ODD"), Some("it's"));
    assert_eq!(settings.optional("AWS_PROFILE"), None, "of another account");
    assert_eq!(settings.optional("HOME"), Some("/root"));
}

#[test]
fn does_not_mix_the_file_into_an_environment_that_names_a_stack() {
    let outside = environment([("ORDERS_TABLE", "orders"), ("AWS_PROFILE", "work")]);
    let settings = Settings::new(outside, Some(FILE)).unwrap();
    assert_eq!(settings.optional("AWS_PROFILE"), Some("work"));
    assert_eq!(settings.optional("AWS_ENDPOINT_URL"), None);
    assert_eq!(settings.optional("API_URL"), None);
}

#[test]
fn takes_the_customer_from_the_environment_first() {
    let outside = environment([("CUSTOMER_TOKEN", "mine")]);
    let settings = Settings::new(outside, Some(FILE)).unwrap();
    assert_eq!(settings.optional("CUSTOMER_TOKEN"), Some("mine"));
    assert!(settings.optional("API_URL").is_some());
}

#[test]
fn names_everything_that_is_missing() {
    let outside = environment([("ORDERS_TABLE", "orders"), ("API_URL", "")]);
    let settings = Settings::new(outside, None).unwrap();
    let error = settings
        .all(["API_URL", "ORDERS_TABLE", "CATALOG_TABLE"])
        .unwrap_err();
    assert!(
        matches!(&error, SettingsError::Missing(names) if *names == ["API_URL", "CATALOG_TABLE"])
    );
    assert!(
        error
            .to_string()
            .starts_with("API_URL, CATALOG_TABLE not set")
    );
}

#[test]
fn refuses_lines_that_a_shell_would_expand() {
    for line in [
        "no assignment",
        "A=$HOME",
        "A='open",
        "A=`id`",
        "B C=d",
        "A=\"$(id)\"",
    ] {
        let text = format!("export FINE=1\n{line}\n");
        let refused = Settings::new(BTreeMap::new(), Some(&text));
        assert!(matches!(refused, Err(SettingsError::Line(2))), "{line}");
    }
}
