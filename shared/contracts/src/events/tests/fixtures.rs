//! One fixture per type, in `fixtures/events/<type>.json`, for whoever reads our events. The
//! promise is kept as long as this test passes with the files as they are.
//! `UPDATE_FIXTURES=1 cargo test -p contracts` writes them, and the schemas, anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Envelope, EventType, all_events};
use crate::samples::{EMAIL, address, facts};

pub(super) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The fullest event of a type: its first in the sample lives.
pub(super) fn sample(event_type: EventType) -> Envelope {
    let fits = |event: &Envelope| event.event_type == event_type.as_str();
    all_events().into_iter().find(fits).unwrap()
}

/// Compares with the stored file, or writes it when asked to.
pub(super) fn compare(path: &Path, json: &Value) {
    let mut text = serde_json::to_string_pretty(json).unwrap();
    text.push('\n');
    #[expect(
        clippy::disallowed_methods,
        reason = "asked for by whoever runs the test, never by the product"
    )]
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    if update {
        fs::write(path, &text).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(stored, text, "{} has changed", path.display());
}

pub(super) fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(ending).unwrap().to_owned())
        .collect()
}

pub(super) fn type_names() -> BTreeSet<String> {
    let name = |event_type: &EventType| event_type.as_str().to_owned();
    EventType::ALL.iter().map(name).collect()
}

#[test]
fn every_event_is_written_as_its_fixture_says() {
    let folder = folder("fixtures/events");
    for event_type in EventType::ALL {
        let json = serde_json::to_value(sample(*event_type)).unwrap();
        compare(&folder.join(format!("{}.json", event_type.as_str())), &json);
    }
}

#[test]
fn every_type_has_a_fixture_and_every_fixture_a_type() {
    assert_eq!(names(&folder("fixtures/events"), ".json"), type_names());
}

#[test]
fn every_fixture_reads_back_without_loss() {
    for event_type in EventType::ALL {
        let file = format!("{}.json", event_type.as_str());
        let text = fs::read_to_string(folder("fixtures/events").join(file)).unwrap();
        let event = Envelope::parse(&text).unwrap();
        assert_eq!(event, sample(*event_type));
        let again: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), again);
    }
}

/// No event of an order after its placement says whom to tell; none at all where to ship or how it
/// is paid. An account's events are about whom to tell.
#[test]
fn contact_data_of_an_order_is_in_its_placement_only() {
    let payment_method = facts().payment_method;
    let address = address();
    let of_orders = |event: &Envelope| event.aggregate_kind() != "account";
    for event in all_events().into_iter().filter(of_orders) {
        let text = serde_json::to_string(&event).unwrap();
        let placed = event.event_type == EventType::OrderPlaced.as_str();
        assert!(placed || !text.contains(EMAIL), "{text}");
        for secret in [&address.name, &address.street, &payment_method] {
            assert!(!text.contains(secret.as_str()), "{text}");
        }
    }
    let placed = sample(EventType::OrderPlaced);
    assert_eq!(placed.data["contact"]["email"], EMAIL);
}

#[test]
fn every_type_is_in_the_documentation() {
    let text = fs::read_to_string(folder("../../docs/events.md")).unwrap();
    for name in type_names() {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}
