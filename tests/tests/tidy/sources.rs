//! How Rust sources look: sizes, headers, names, and what has no place in them.

use crate::assert_none;
use crate::repository::{self, File};
use crate::rust::code_of;

/// Most lines of a source file; a generated or declarative one may have a reason for more.
const FILE: usize = 500;
/// Most lines of `main.rs` of a function.
const MAIN: usize = 40;
/// Most lines of code of a function's crate: tests, comments and blank lines aside, so that nobody
/// saves on explanations.
const FUNCTION: usize = 400;
/// Modules named so know nothing in particular.
const VAGUE: [&str; 8] = [
    "common", "helper", "helpers", "manager", "misc", "prelude", "shared", "utils",
];

fn lines(text: &str) -> usize {
    text.lines().count()
}

fn lines_of_code(text: &str) -> usize {
    let code = code_of(text);
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_of_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Files and function crates that have grown too large.
fn too_large(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let mut functions: Vec<(&str, usize)> = Vec::new();
    for File { path, text } in files {
        let length = lines(text);
        if length > FILE {
            found.push(format!("{path} has {length} lines, {FILE} are enough"));
        }
        let inner = path.strip_prefix("functions/");
        let Some((folder, file)) = inner.and_then(|inner| inner.split_once('/')) else {
            continue;
        };
        if file == "src/main.rs" && length > MAIN {
            found.push(format!("{path} has {length} lines, {MAIN} are enough"));
        }
        if path.ends_with(".rs") && !is_of_tests(path) {
            let length = lines_of_code(text);
            match functions.iter_mut().find(|(known, _)| *known == folder) {
                Some((_, sum)) => *sum += length,
                None => functions.push((folder, length)),
            }
        }
    }
    let large = functions.iter().filter(|(_, sum)| *sum > FUNCTION);
    found.extend(large.map(|(folder, sum)| {
        format!("functions/{folder} has {sum} lines of code, {FUNCTION} are enough")
    }));
    found
}

/// Files that do not begin by saying why they exist.
fn without_header(files: &[File]) -> Vec<String> {
    let silent = files.iter().filter(|file| !file.text.starts_with("//! "));
    silent
        .map(|file| format!("{} does not open with `//!`", file.path))
        .collect()
}

/// Modules with a name that says nothing, and the old way to lay modules out.
fn misnamed(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for File { path, .. } in files {
        let module = name(path).strip_suffix(".rs").unwrap_or_default();
        if module == "mod" {
            found.push(format!("{path}: call it as its folder"));
        }
        if VAGUE.contains(&module) {
            found.push(format!("{path} does not say what it knows"));
        }
    }
    found
}

/// Why a line of code has no place here.
fn objection(line: &str) -> Option<&'static str> {
    let flat: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let objections = [
        ("#[allow(", "say `#[expect(…, reason = …)]`"),
        ("#![allow(", "say `#[expect(…, reason = …)]`"),
        ("#[ignore", "a test runs or goes"),
        ("#[should_panic", "assert on what went wrong"),
        ("todo!(", "do it or leave it out"),
        ("unimplemented!(", "do it or leave it out"),
        ("thread::sleep(", "poll with a limit"),
        ("pub mod prelude", "name what you use"),
    ];
    let named = objections.iter().find(|(what, _)| flat.contains(what));
    let named = named.map(|(_, why)| *why);
    named.or_else(|| binds_to_nothing(&flat).then_some("a result that nobody looks at"))
}

/// `let _name = …`: no lint sees that a result is dropped so. `let _: T = …` does not compile for
/// the wrong type and so shows what is dropped.
fn binds_to_nothing(line: &str) -> bool {
    let Some((_, after)) = line.split_once("let _") else {
        return false;
    };
    after.starts_with(|letter: char| letter.is_ascii_lowercase())
}

/// What has no place in code, with its line.
fn objections(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for File { path, text } in files {
        for (number, line) in code_of(text).lines().enumerate() {
            if let Some(why) = objection(line) {
                let line = line.trim();
                found.push(format!("{path}:{}: {line} ({why})", number + 1));
            }
        }
    }
    found
}

/// `#[expect(…)]` without a reason.
fn without_reason(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for File { path, text } in files {
        let code = code_of(text);
        for part in code.split("#[expect(").skip(1) {
            let attribute = part.split(")]").next().unwrap_or_default();
            if !attribute.contains("reason =") {
                let lint = attribute.trim();
                found.push(format!("{path}: why is {lint} expected?"));
            }
        }
    }
    found
}

#[test]
fn nothing_grows_too_large() {
    assert_none(&too_large(&repository::rust_files()));
}

#[test]
fn every_file_says_why_it_exists() {
    assert_none(&without_header(&repository::rust_files()));
}

#[test]
fn every_module_says_what_it_knows() {
    assert_none(&misnamed(&repository::rust_files()));
}

#[test]
fn nothing_is_in_the_code_that_has_no_place_there() {
    assert_none(&objections(&repository::rust_files()));
}

#[test]
fn every_expected_lint_has_a_reason() {
    assert_none(&without_reason(&repository::rust_files()));
}

fn file(path: &str, text: &str) -> Vec<File> {
    let (path, text) = (path.to_owned(), text.to_owned());
    vec![File { path, text }]
}

#[test]
fn what_is_too_large_is_found() {
    for (path, lines, found) in [
        ("shared/domain/src/order.rs", 501, 1),
        ("shared/domain/src/order.rs", 500, 0),
        ("functions/orders/src/main.rs", 41, 1),
        ("functions/orders/src/lib.rs", 401, 1),
        ("functions/orders/src/tests.rs", 450, 0),
    ] {
        let files = file(path, &"f();\n".repeat(lines));
        assert_eq!(too_large(&files).len(), found, "{path} {lines}");
    }
}

#[test]
fn missing_headers_and_vague_names_are_found() {
    assert_eq!(without_header(&file("a.rs", "use b;\n")).len(), 1);
    for path in ["a/src/mod.rs", "a/src/utils.rs", "a/src/common.rs"] {
        assert_eq!(misnamed(&file(path, "")).len(), 1, "{path}");
    }
}

#[test]
fn what_has_no_place_is_found() {
    for line in [
        "#[allow(dead_code)]",
        "#[ignore = \"flaky\"]",
        "#[should_panic]",
        "todo!()",
        "let _sent = topic.publish(&events).await;",
        "let _ignored: Result<(), E> = f();",
        "std::thread::sleep(second);",
    ] {
        assert_eq!(objections(&file("a.rs", line)).len(), 1, "{line}");
    }
    for line in [
        "// todo!()",
        "let text = \"#[allow(x)]\";",
        "let (_, b) = c;",
        "#[expect(clippy::x, reason = \"y\")]",
    ] {
        assert_none(&objections(&file("a.rs", line)));
    }
}

#[test]
fn an_expected_lint_without_reason_is_found() {
    let bare = file("a.rs", "#[expect(dead_code)]\nfn f() {}");
    assert_eq!(without_reason(&bare).len(), 1);
    let explained = file("a.rs", "#[expect(\n    dead_code,\n    reason = \"x\"\n)]");
    assert_none(&without_reason(&explained));
}
