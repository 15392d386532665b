//! Each step against shipments in memory and a carrier whose cancel is final.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::StockLine;
use domain::ports::ProviderError;
use serde_json::json;
use testkit::build::{a_shipment, address, at, order_id, pieces, traceparent};
use testkit::fakes::{FakeCarrier, FakeShipments, Fault, ProviderFault};

use super::*;

#[derive(Default)]
struct World {
    shipments: FakeShipments,
    carrier: FakeCarrier,
}

impl World {
    async fn run(&self, step: ShippingStep) -> Result<(), ErrorName> {
        let done = handle(&self.shipments, &self.carrier, at(10), step).await;
        done.map(|_| ()).map_err(|error| error.name())
    }

    fn state(&self) -> &'static str {
        let shipment = self.shipments.get(order_id(1));
        shipment.unwrap().state.name()
    }

    /// What was asked of the carrier, without the order.
    fn calls(&self) -> Vec<String> {
        let calls = self.carrier.calls();
        let tail = |call: &String| call.split_once(':').unwrap().1.to_owned();
        calls.iter().map(tail).collect()
    }

    /// Parcels ever booked, and parcels that are still to be delivered.
    fn parcels(&self) -> (u32, usize) {
        let booked = self.carrier.parcels().iter().map(|each| each.booked).sum();
        let open = self.carrier.book().iter().filter(|each| each.open).count();
        (booked, open)
    }
}

fn create() -> ShippingStep {
    ShippingStep::Create {
        order_id: order_id(1).0,
        tenant: "main".to_owned(),
        traceparent: traceparent().to_string(),
        ship_to: (&address()).into(),
        lines: vec![(&pieces("sku-tea", 1)).into()],
    }
}

fn cancel_after(decision: DecisionBody) -> ShippingStep {
    let order_id = order_id(1).0;
    ShippingStep::Cancel { order_id, decision }
}

fn cancel() -> ShippingStep {
    cancel_after(DecisionBody::Unwinding)
}

/// While the carrier books the parcel, another run starts to cancel the shipment.
struct CancelsMeanwhile<'a>(&'a World);

impl BookParcels for CancelsMeanwhile<'_> {
    async fn create(
        &self,
        order_id: OrderId,
        ship_to: &domain::Address,
        lines: &[StockLine],
    ) -> Result<Parcel, ProviderError> {
        let mut shipment = self.0.shipments.get(order_id).unwrap();
        shipment.cancel(at(9)).unwrap();
        self.0.shipments.meanwhile(shipment);
        self.0.carrier.create(order_id, ship_to, lines).await
    }

    async fn cancel(&self, order_id: OrderId) -> Result<Cancellation, ProviderError> {
        self.0.carrier.cancel(order_id).await
    }
}

#[tokio::test]
async fn books_one_parcel_however_often_it_is_asked() {
    let world = World::default();
    assert_eq!(world.run(create()).await, Ok(()));
    assert_eq!(world.run(create()).await, Ok(()));
    assert_eq!(world.state(), "created");
    assert_eq!(world.parcels(), (1, 1));
    assert_eq!(world.calls(), ["create"]);
}

#[tokio::test]
async fn the_create_is_stored_before_the_carrier_is_called() {
    let world = World::default();
    world.shipments.fail_next_write(Fault::FailBefore);
    assert_eq!(world.run(create()).await, Err(ErrorName::Unavailable));
    assert!(world.calls().is_empty());

    world.carrier.set_down(true);
    assert_eq!(world.run(create()).await, Err(ErrorName::ProviderDown));
    assert_eq!(world.state(), "creating");
}

#[tokio::test]
async fn a_refused_address_is_kept_and_not_tried_again() {
    let world = World::default();
    world.carrier.refuse_country("GB");
    for _ in 0..2 {
        assert_eq!(world.run(create()).await, Err(ErrorName::AddressRejected));
    }
    assert_eq!(world.state(), "refused");
    assert_eq!(world.calls(), ["create"]);
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_repeated_under_our_reference() {
    for fault in [ProviderFault::UnknownBefore, ProviderFault::UnknownAfter] {
        let world = World::default();
        world.carrier.fail_next(fault);
        assert_eq!(world.run(create()).await, Err(ErrorName::ShipmentUnknown));
        assert_eq!(world.run(create()).await, Ok(()));
        assert_eq!(world.parcels(), (1, 1));
    }
}

#[tokio::test]
async fn a_cancel_before_the_create_is_final() {
    let world = World::default();
    assert_eq!(world.run(cancel()).await, Ok(()));
    assert_eq!(world.state(), "cancelled");
    assert_eq!(world.run(create()).await, Err(ErrorName::ShipmentCancelled));
    assert!(world.calls().is_empty(), "nothing was ever sent");
}

#[tokio::test]
async fn a_create_that_lands_after_the_cancel_books_nothing() {
    let world = World::default();
    world.carrier.fail_next(ProviderFault::Late);
    assert_eq!(world.run(create()).await, Err(ErrorName::ShipmentUnknown));
    assert_eq!(world.run(cancel()).await, Ok(()));
    world.carrier.land_late();
    assert_eq!(world.parcels(), (0, 0));
    assert_eq!(world.state(), "cancelled");
}

#[tokio::test]
async fn cancels_a_booked_parcel_once() {
    let world = World::default();
    for step in [create(), cancel(), cancel()] {
        assert_eq!(world.run(step).await, Ok(()));
    }
    assert_eq!(world.parcels(), (1, 0));
    assert_eq!(world.calls(), ["create", "cancel"]);
    assert_eq!(world.run(create()).await, Err(ErrorName::ShipmentCancelled));
}

#[tokio::test]
async fn a_cancel_without_an_answer_stays_cancelling_and_is_repeated() {
    let world = World::default();
    assert_eq!(world.run(create()).await, Ok(()));
    world.carrier.fail_next(ProviderFault::UnknownBefore);
    assert_eq!(world.run(cancel()).await, Err(ErrorName::ShipmentUnknown));
    assert_eq!(world.state(), "cancelling");
    let shipment = world.shipments.get(order_id(1)).unwrap();
    assert_eq!(shipment.next_look, Some(at(10 + 15 * 60)));

    assert_eq!(world.run(cancel()).await, Ok(()));
    assert_eq!(world.state(), "cancelled");
    assert_eq!(world.parcels(), (1, 0));
}

#[tokio::test]
async fn a_refused_parcel_is_cancelled_at_the_carrier_too() {
    let world = World::default();
    world.carrier.refuse_country("GB");
    assert_eq!(world.run(create()).await, Err(ErrorName::AddressRejected));
    assert_eq!(world.run(cancel()).await, Ok(()));
    assert_eq!(world.calls(), ["create", "cancel"]);
}

#[tokio::test]
async fn a_carrier_that_has_it_cancelled_is_believed() {
    let world = World::default();
    world.carrier.cancel(order_id(1)).await.unwrap();
    assert_eq!(world.run(create()).await, Err(ErrorName::ShipmentCancelled));
    assert_eq!(world.parcels(), (0, 0));
}

#[tokio::test]
async fn a_shipment_that_is_cancelled_while_the_carrier_answers_stays_so() {
    let world = World::default();
    let carrier = CancelsMeanwhile(&world);
    let refused = handle(&world.shipments, &carrier, at(10), create()).await;
    assert_eq!(refused.unwrap_err().name(), ErrorName::ShipmentCancelled);
    assert_eq!(world.state(), "cancelling");
}

#[tokio::test]
async fn a_parcel_that_has_left_is_neither_cancelled_nor_called_back() {
    let world = World::default();
    assert_eq!(world.run(create()).await, Ok(()));
    world.carrier.hand_over(order_id(1));
    assert_eq!(
        world.run(cancel()).await,
        Err(ErrorName::ShipmentHandedOver)
    );
    // It is known to have left, whether or not the carrier tells: nobody asks again.
    assert_eq!((world.state(), world.parcels()), ("handed_over", (1, 1)));
    assert_eq!(world.shipments.get(order_id(1)).unwrap().next_look, None);
    let shipment = a_shipment().handed_over();
    for shipments in [world.shipments, FakeShipments::default().with(shipment)] {
        let step = ShippingStep::Recall {
            order_id: order_id(1).0,
            refund_id: "r-1".to_owned(),
        };
        let answer = handle(&shipments, &world.carrier, at(10), step)
            .await
            .unwrap();
        assert_eq!(
            answer,
            ShippingAnswer::Recalled(Recalled { returned: false })
        );
    }
}

#[tokio::test]
async fn a_cancel_follows_from_unwinding_only() {
    let world = World::default();
    for decision in [DecisionBody::Charging, DecisionBody::Ended] {
        let refused = world.run(cancel_after(decision)).await;
        assert_eq!(refused, Err(ErrorName::WrongDecision));
    }
    assert_eq!(world.shipments.writes(), 0);
}

#[tokio::test]
async fn an_address_that_cannot_be_is_bad_input() {
    let world = World::default();
    let mut step = create();
    if let ShippingStep::Create { ship_to, .. } = &mut step {
        ship_to.country = "Britain".to_owned();
    }
    assert_eq!(world.run(step).await, Err(ErrorName::BadInput));
    assert_eq!(world.shipments.writes(), 0);
}

#[tokio::test]
async fn a_shipment_that_ended_is_left_alone() {
    let world = World {
        shipments: FakeShipments::default().with(a_shipment().cancelled()),
        ..World::default()
    };
    assert_eq!(world.run(cancel()).await, Ok(()));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn answers_the_state_machine_through_the_runner() {
    let world = World::default();
    let handler = async |step| handle(&world.shipments, &world.carrier, at(10), step).await;
    let id = order_id(1).to_string();
    let create = json!({
        "step": "create",
        "order_id": id,
        "tenant": "main",
        "traceparent": "",
        "ship_to": {
            "name": "Ada", "street": "1 Mill Lane", "city": "Bath", "postcode": "BA1 1AA",
            "country": "GB",
        },
        "lines": [{"sku": "sku-tea", "quantity": 2}],
    });
    let answer = lambda_boot::task::answer(handler, create).await;
    assert_eq!(answer, Ok(json!({})));

    let cancel = json!({"step": "cancel", "order_id": id, "decision": "ended"});
    let error = lambda_boot::task::answer(handler, cancel).await;
    assert_eq!(error.unwrap_err().error_type, "WrongDecision");
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["SHIPPING_TABLE", "CARRIER_URL", "CARRIER_KEY"]);
}
