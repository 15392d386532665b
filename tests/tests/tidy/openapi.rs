//! The OpenAPI document against the code it is made from.

use std::fs;

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
    let mut text = must(serde_json::to_string_pretty(&document()));
    text.push('\n');
    #[expect(
        clippy::disallowed_methods,
        reason = "asked for by whoever runs the test, never by the product"
    )]
    let update = std::env::var_os("UPDATE_OPENAPI").is_some();
    if update {
        must(fs::write(repository::root().join(FILE), &text));
    }
    let stored = fs::read_to_string(repository::root().join(FILE)).unwrap_or_default();
    assert!(
        stored == text,
        "{FILE} is out of date; `make openapi` writes it"
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
