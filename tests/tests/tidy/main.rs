//! The rules of this workspace that a program can check. Each rule is a function from texts to
//! violations: one test runs it over the repository, others show on small texts that it bites.

mod asyncapi;
mod crates;
mod deployment;
mod documents;
mod machines;
mod manifest;
mod mutants;
mod openapi;
mod repository;
mod routes;
mod rust;
mod sources;
mod tables;
mod template;
mod texts;
mod yaml;

/// Fails with every violation at once.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}
