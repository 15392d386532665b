//! Documents that must keep up with the code.

use std::collections::BTreeSet;
use std::path::Path;

use contracts::errors::ErrorName;
use contracts::events::EventType;
use dynamo_store::schema::TABLES;

use crate::assert_none;
use crate::repository::{self, File};

const README_LINES: usize = 150;

/// Targets of a Makefile.
fn targets(makefile: &str) -> BTreeSet<&str> {
    let rule = |line: &'_ str| {
        let (name, _) = line.split_once(':')?;
        let plain = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        (!name.is_empty() && name.chars().all(plain)).then_some(())?;
        Some(line.len())
    };
    let rules = makefile.lines().filter(|line| rule(line).is_some());
    rules.filter_map(|line| line.split(':').next()).collect()
}

/// `make …` in backticks whose target does not exist.
fn unknown_targets(text: &str, makefile: &str) -> Vec<String> {
    let known = targets(makefile);
    let commands = text.split('`').skip(1).step_by(2);
    let named = commands.filter_map(|command| command.strip_prefix("make "));
    let words = named.filter_map(|command| command.split_whitespace().next());
    let lowercase = words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    let unknown = lowercase.filter(|word| !known.contains(word));
    unknown
        .map(|word| format!("there is no `make {word}`"))
        .collect()
}

/// Numbers of decisions that are missing, doubled or malformed.
fn wrong_numbers(names: &[String]) -> Vec<String> {
    let decisions = names.iter().filter(|name| *name != "README.md");
    let wrong = decisions.zip(1..).filter(|(name, number)| {
        let expected = format!("{number:04}-");
        !name.starts_with(&expected) || !name.ends_with(".md")
    });
    wrong
        .map(|(name, number)| format!("docs/adr/{name} is where {number:04} should be"))
        .collect()
}

/// Relative links that lead nowhere, by a function that knows what exists.
fn dead_links(file: &File, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let mut dead = Vec::new();
    for part in file.text.split("](").skip(1) {
        let link = part.split([')', '#']).next().unwrap_or_default();
        let relative =
            !link.is_empty() && !link.contains("://") && !link.contains(char::is_whitespace);
        if relative && !exists(&folder.join(link)) {
            dead.push(format!("{} links to {link}", file.path));
        }
    }
    dead
}

/// What a document must name in backticks and does not.
fn unnamed<'a>(document: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let names = names.into_iter();
    let missing = names.filter(|name| !document.contains(&format!("`{name}`")));
    missing
        .map(|name| format!("`{name}` is not documented"))
        .collect()
}

#[test]
fn the_readme_stays_short() {
    let lines = repository::read("README.md").lines().count();
    assert!(lines <= README_LINES, "{lines} lines");
}

#[test]
fn every_route_is_documented_and_every_documented_route_is_there() {
    let page = repository::read("docs/api.md");
    let known: BTreeSet<String> = tests::front_door::doors()
        .into_iter()
        .map(|door| format!("{} {}", door.route.method, door.route.path))
        .collect();
    let methods = ["GET ", "POST ", "PUT ", "DELETE "];
    let spans = page.split('`').skip(1).step_by(2);
    let named = spans.filter(|span| methods.iter().any(|method| span.starts_with(method)));
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    let different = known.symmetric_difference(&named);
    assert_none(&different.cloned().collect::<Vec<_>>());
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = repository::read("Makefile");
    let files = repository::files();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let unknown = unknown_targets(&file.text, &makefile);
        assert!(unknown.is_empty(), "{}: {unknown:?}", file.path);
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    assert_none(&wrong_numbers(&repository::names_in("docs/adr")));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = repository::root();
    let files = repository::files();
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    let dead = documents.flat_map(|file| dead_links(file, |path| root.join(path).exists()));
    assert_none(&dead.collect::<Vec<_>>());
}

#[test]
fn every_table_and_index_is_documented() {
    let text = repository::read("docs/tables.md");
    for table in &TABLES {
        assert!(
            text.contains(&format!("| {} |", table.name)),
            "{}",
            table.name
        );
        let indexes = table.indexes.iter().map(|index| index.name);
        assert_none(&unnamed(&text, indexes));
    }
}

#[test]
fn every_error_name_is_documented() {
    let text = repository::read("docs/errors.md");
    for name in ErrorName::ALL {
        assert!(text.contains(&format!("| {name} |")), "{name}");
    }
}

#[test]
fn every_event_type_is_documented_and_has_a_fixture() {
    let text = repository::read("docs/events.md");
    assert_none(&unnamed(
        &text,
        EventType::ALL.iter().map(|each| each.as_str()),
    ));
    let mut expected: Vec<_> = EventType::ALL
        .iter()
        .map(|each| format!("{}.json", each.as_str()))
        .collect();
    expected.sort();
    let found = repository::names_in("shared/contracts/fixtures/events");
    assert_eq!(found, expected);
}

#[test]
fn unknown_targets_are_found() {
    let makefile = "run: build ## Run\n\t@echo x: y\nVAR := a\ncheck-tidy:\n";
    assert_eq!(targets(makefile), BTreeSet::from(["run", "check-tidy"]));
    let text = "`make run`, `make`, `make check-tidy ARGS=1` and `make tea`, make coffee";
    assert_eq!(unknown_targets(text, makefile), ["there is no `make tea`"]);
}

#[test]
fn a_gap_in_the_decisions_is_found() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_none(&wrong_numbers(&names(&[
        "0001-a.md",
        "0002-b.md",
        "README.md",
    ])));
    for wrong in [
        names(&["0001-a.md", "0003-b.md"]),
        names(&["0001-a.md", "0001-b.md"]),
        names(&["1-a.md"]),
    ] {
        assert_eq!(wrong_numbers(&wrong).len(), 1, "{wrong:?}");
    }
}

#[test]
fn dead_links_and_undocumented_names_are_found() {
    let file = File {
        path: "docs/a.md".to_owned(),
        text: "[x](b.md#c) [y](../d.md) [z](https://e.example) [w](#f)".to_owned(),
    };
    let dead = dead_links(&file, |path| path == Path::new("docs/b.md"));
    assert_eq!(dead, ["docs/a.md links to ../d.md"]);
    assert_eq!(unnamed("`a`", ["a", "b"]), ["`b` is not documented"]);
}
