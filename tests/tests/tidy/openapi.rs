//! The OpenAPI document against the code it is made from.

use std::fs;

use serde_json::Value;
use testkit::must;
use tests::openapi::{document, operations, undeclared};

use crate::assert_none;
use crate::repository;

const FILE: &str = "docs/openapi.json";

#[test]
fn every_route_is_declared_once_and_every_declared_route_is_there() {
    assert_none(&undeclared());
}

/// `make openapi` writes it.
#[test]
fn the_document_is_what_the_code_says() {
    assert_written(FILE, &document(), ("UPDATE_OPENAPI", "make openapi"));
}

/// The file is the document; where the variable is set, it is written first.
pub(crate) fn assert_written(file: &str, document: &Value, (variable, command): (&str, &str)) {
    let mut text = must(serde_json::to_string_pretty(document));
    text.push('\n');
    #[expect(
        clippy::disallowed_methods,
        reason = "asked for by whoever runs the test, never by the product"
    )]
    let update = std::env::var_os(variable).is_some();
    if update {
        must(fs::write(repository::root().join(file), &text));
    }
    let stored = fs::read_to_string(repository::root().join(file)).unwrap_or_default();
    assert!(
        stored == text,
        "{file} is out of date; `{command}` writes it"
    );
}

#[test]
fn every_type_of_problem_is_documented() {
    let page = repository::read("docs/errors.md");
    let operations = operations();
    let slugs = operations
        .iter()
        .flat_map(|it| it.refusals.values())
        .flatten();
    let unknown = slugs.filter(|slug| !page.contains(&format!("`{slug}`")));
    assert_none(&unknown.map(ToString::to_string).collect::<Vec<_>>());
}
