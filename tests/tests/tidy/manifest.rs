//! What a `Cargo.toml` says, as far as the rules need it. Our manifests have one entry a line.

use testkit::must_have;

use crate::repository;

/// A crate of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manifest {
    /// Its folder, from the root.
    pub(crate) folder: String,
    /// Its name.
    pub(crate) name: String,
    /// Names of its binaries, where they are said.
    pub(crate) binaries: Vec<String>,
    /// What it is built on.
    pub(crate) dependencies: Vec<Dependency>,
    /// What its tests are built on.
    pub(crate) dev_dependencies: Vec<Dependency>,
    /// Whether it may be published, and whether it has the lints of the workspace.
    pub(crate) keeps_to_the_workspace: bool,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// Of the other crate.
    pub(crate) name: String,
    /// Whether its version stands in the workspace.
    pub(crate) inherited: bool,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn parse(folder: &str, text: &str) -> Self {
        let mut manifest = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        let mut section = "";
        let (mut unpublished, mut linted) = (false, false);
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
                continue;
            }
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            match (section, key) {
                ("[package]", "name") => manifest.name = value.replace('"', ""),
                ("[[bin]]", "name") => manifest.binaries.push(value.replace('"', "")),
                ("[package]", "publish.workspace") => unpublished = value == "true",
                ("[lints]", "workspace") => linted = value == "true",
                ("[dependencies]", _) => manifest.dependencies.push(dependency(key, value)),
                ("[dev-dependencies]" | "[build-dependencies]", _) => {
                    manifest.dev_dependencies.push(dependency(key, value));
                }
                _ => {}
            }
        }
        manifest.keeps_to_the_workspace = unpublished && linted;
        manifest
    }

    /// The last part of its folder.
    pub(crate) fn folder_name(&self) -> &str {
        must_have(self.folder.rsplit('/').next())
    }
}

fn dependency(key: &str, value: &str) -> Dependency {
    let name = key.split('.').next().unwrap_or(key);
    Dependency {
        name: name.to_owned(),
        inherited: key.ends_with(".workspace") || value.contains("workspace = true"),
    }
}

/// Every crate of the workspace.
pub(crate) fn all() -> Vec<Manifest> {
    let alone = [
        "localstack/providers",
        "localstack/proxy",
        "tests",
        "tests/bench",
    ];
    let mut folders: Vec<String> = alone.map(str::to_owned).to_vec();
    for parent in ["functions", "shared"] {
        let inner = repository::names_in(parent);
        folders.extend(inner.iter().map(|name| format!("{parent}/{name}")));
    }
    let read = |folder: &String| {
        let text = repository::read(&format!("{folder}/Cargo.toml"));
        Manifest::parse(folder, &text)
    };
    folders.iter().map(read).collect()
}

#[test]
fn reads_both_ways_of_writing_an_entry() {
    let text = "[package]\nname = \"one\"\npublish.workspace = true\n[[bin]]\nname = \"two\"\n\
                [dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\n\
                c = \"1\"\n[dev-dependencies]\nd.workspace = true\n[lints]\nworkspace = true\n";
    let manifest = Manifest::parse("shared/one", text);
    assert_eq!(manifest.name, "one");
    assert_eq!(manifest.binaries, ["two"]);
    assert!(manifest.keeps_to_the_workspace);
    let inherited: Vec<_> = manifest
        .dependencies
        .iter()
        .map(|dependency| (dependency.name.as_str(), dependency.inherited))
        .collect();
    assert_eq!(inherited, [("a", true), ("b", true), ("c", false)]);
    assert_eq!(manifest.dev_dependencies.len(), 1);
}
