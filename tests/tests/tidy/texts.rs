//! What no committed text may contain: traces of one machine.

use crate::assert_none;
use crate::repository::{self, File};

/// Folders of one machine, written so that this file does not contain them.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/t", "mp/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

/// Settings that send a client to another registry than its own default one.
const REGISTRY_SETTINGS: [&str; 6] = [
    concat!("index", "-url"),
    concat!("replace", "-with"),
    concat!("npm_config_", "registry"),
    concat!("\"resolved\": ", "\"http"),
    concat!("GO", "PROXY"),
    concat!("PIP_", "INDEX"),
];

/// Every crate comes from here, and the lock file says so by this name whatever the mirror.
const CRATES: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

fn traces(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for File { path, text } in files {
        for (number, line) in text.lines().enumerate() {
            let known = MACHINE_PATHS.iter().chain(&REGISTRY_SETTINGS);
            let trace = known.copied().find(|trace| line.contains(trace));
            let foreign = path == "Cargo.lock" && line.starts_with("source =") && line != CRATES;
            if foreign || trace.is_some() {
                let what = trace.unwrap_or(line);
                found.push(format!("{path}:{}: {what}", number + 1));
            }
        }
    }
    found
}

#[test]
fn no_text_shows_on_which_machine_it_was_written() {
    assert_none(&traces(&repository::files()));
}

#[test]
fn a_trace_is_found() {
    let file = |path: &str, text: String| File {
        path: path.to_owned(),
        text,
    };
    for trace in MACHINE_PATHS.iter().chain(&REGISTRY_SETTINGS) {
        let files = [file("a.md", format!("see {trace}x"))];
        assert_eq!(traces(&files).len(), 1, "{trace}");
    }
    let elsewhere = "source = \"sparse+https://mirror.example/\"".to_owned();
    assert_eq!(traces(&[file("Cargo.lock", elsewhere)]).len(), 1);
    let crates_io = CRATES.to_owned();
    assert_none(&traces(&[file("Cargo.lock", crates_io)]));
}
