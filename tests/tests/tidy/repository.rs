//! The files of the repository, as a fresh clone has them.

use std::fs;
use std::path::{Path, PathBuf};

use testkit::{must, must_have};

/// Folders that are made here and never committed.
const MADE: [&str; 6] = [
    ".git",
    ".local",
    "target",
    "node_modules",
    "__pycache__",
    "profraw",
];

/// A text file.
pub(crate) struct File {
    /// From the root, with `/` between folders.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    must_have(tests.parent()).to_path_buf()
}

/// The text of a file that must be there.
pub(crate) fn read(path: &str) -> String {
    must(fs::read_to_string(root().join(path)))
}

/// Names of what is in a folder, sorted.
pub(crate) fn names_in(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = must(fs::read_dir(root().join(folder)))
        .map(|entry| must(must(entry).file_name().into_string()))
        .filter(|name| !MADE.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// Every text file, but for what is made and for what only this machine's owner has.
pub(crate) fn files() -> Vec<File> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    files
}

/// Every Rust source.
pub(crate) fn rust_files() -> Vec<File> {
    let mut files = files();
    files.retain(|file| file.path.ends_with(".rs"));
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in must(fs::read_dir(folder)) {
        let entry = must(entry);
        let name = must(entry.file_name().into_string());
        let path = format!("{prefix}{name}");
        if MADE.contains(&name.as_str()) || is_personal(&path) {
            continue;
        }
        if must(entry.file_type()).is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}

/// Named in `.gitignore`.
fn is_personal(path: &str) -> bool {
    ["infra/parameters/aws.json", ".env"].contains(&path)
}

#[test]
fn the_files_of_a_fresh_clone_are_seen_and_no_others() {
    let paths: Vec<_> = files().into_iter().map(|file| file.path).collect();
    for known in ["Cargo.toml", "README.md", "tests/tests/tidy/main.rs"] {
        assert!(paths.iter().any(|path| path == known), "{known}");
    }
    assert!(!paths.iter().any(|path| path.contains("target/")));
}
