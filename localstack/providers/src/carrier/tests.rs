//! The life of a parcel, action by action.

use serde_json::json;

use super::{Action, Command, Effect, Refusal, Shipments, after, decide};

#[derive(Default)]
struct Depot(Shipments);

impl Depot {
    fn run(&mut self, action: Action) -> Result<Option<Effect>, Refusal> {
        let command = Command {
            reference: "o-1".to_owned(),
            action,
        };
        let effect = decide(&self.0, &command, false, "1")?;
        if let Some(effect) = &effect {
            let next = after(self.0.get("o-1"), &effect.change);
            self.0.insert("o-1".to_owned(), next);
        }
        Ok(effect)
    }

    fn status(&self) -> Option<&'static str> {
        self.0.get("o-1").map(super::Shipment::status)
    }
}

fn create_in(country: &str, postcode: &str) -> Action {
    Action::Create {
        ship_to: json!({"country": country, "postcode": postcode}),
        lines: json!([{"sku": "a", "quantity": 1}]),
    }
}

fn create() -> Action {
    create_in("NL", "1011AB")
}

#[test]
fn creating_again_changes_nothing() {
    let mut depot = Depot::default();
    assert!(matches!(depot.run(create()), Ok(Some(_))));
    assert_eq!(depot.run(create()), Ok(None));
    assert_eq!(
        depot.run(create_in("BE", "1000")),
        Err(Refusal::ReferenceReused)
    );
}

#[test]
fn rejects_addresses_it_does_not_serve() {
    let mut depot = Depot::default();
    assert_eq!(
        depot.run(create_in("ZZ", "1011AB")),
        Err(Refusal::AddressRejected)
    );
    assert_eq!(
        depot.run(create_in("NL", "00012")),
        Err(Refusal::AddressRejected)
    );
    assert_eq!(depot.status(), None);
}

#[test]
fn a_cancellation_before_the_create_is_final() {
    let mut depot = Depot::default();
    assert!(matches!(depot.run(Action::Cancel), Ok(Some(_))));
    assert_eq!(depot.run(create()), Err(Refusal::Cancelled));
    assert_eq!(depot.run(Action::Cancel), Ok(None));
    assert_eq!(depot.status(), Some("cancelled"));
}

#[test]
fn a_cancellation_after_the_create_is_final() {
    let mut depot = Depot::default();
    assert!(depot.run(create()).is_ok());
    assert!(depot.run(Action::Cancel).is_ok());
    assert_eq!(depot.run(create()), Err(Refusal::Cancelled));
    assert_eq!(depot.run(Action::Ship), Err(Refusal::Cancelled));
}

#[test]
fn a_parcel_that_left_cannot_be_cancelled() {
    let mut depot = Depot::default();
    assert!(depot.run(create()).is_ok());
    assert_eq!(depot.run(Action::Deliver), Err(Refusal::NotShipped));
    assert!(depot.run(Action::Ship).is_ok());
    assert_eq!(depot.run(Action::Cancel), Err(Refusal::HandedOver));
    assert!(depot.run(Action::Deliver).is_ok());
    assert_eq!(depot.run(Action::Cancel), Err(Refusal::HandedOver));
    assert_eq!(depot.run(Action::Deliver), Ok(None));
    assert_eq!(depot.status(), Some("delivered"));
}

#[test]
fn does_not_know_a_shipment_that_nobody_named() {
    let mut depot = Depot::default();
    assert_eq!(depot.run(Action::Ship), Err(Refusal::NotFound));
    assert_eq!(depot.run(Action::Deliver), Err(Refusal::NotFound));
}
