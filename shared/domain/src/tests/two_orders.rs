//! Two orders on one unit of stock, over the pure aggregates and a pure stand-in for provider
//! and carrier: a small cousin of the exhaustive model. Whatever was once sent or answered may
//! land, or be acted on, at any later moment and any number of times, or never.

mod life;

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{LeaseState, OrderState, PaymentState, ShipmentState};
use life::{Book, Life, Parcel, Step};

#[derive(Debug)]
struct World {
    stock: u32,
    lives: [Life; 2],
}

impl World {
    fn take(&mut self, which: usize, step: Step) {
        let life = &mut self.lives[which];
        let before = life.order.state.name();
        life.take(step, &mut self.stock);
        super::lives::assert_along(&super::lives::ORDER_GRAPH, before, life.order.state.name());
        assert_invariants(life);
        let held = self.lives.iter().filter(|life| holds_stock(life)).count();
        assert_eq!(self.stock as usize + held, 1, "I3: stock is conserved");
    }
}

fn holds_stock(life: &Life) -> bool {
    matches!(life.lease.state, LeaseState::Held { .. } | LeaseState::Sold)
}

fn assert_invariants(life: &Life) {
    let captured = life.book == Book::Captured;
    let booked: i64 = life.payment.ledger().iter().map(|entry| entry.minor).sum();
    assert_eq!(booked, 0, "I1: the ledger");
    assert!(life.captures <= 1, "I2: captured twice");
    assert!(
        captured || life.payment.state != PaymentState::Captured,
        "I1: the books differ"
    );
    match &life.order.state {
        OrderState::Pending => assert!(!captured, "I1: charged before the decision"),
        OrderState::Charging { .. } => assert!(holds_stock(life), "I3: charging without stock"),
        OrderState::Unwinding { .. } => assert!(!captured, "I1: charged, yet unwinding"),
        // Nobody ships or refunds here.
        OrderState::Confirmed { .. }
        | OrderState::Shipped { .. }
        | OrderState::Delivered { .. }
        | OrderState::Refunded { .. } => {
            assert!(captured && life.payment.state == PaymentState::Captured);
            assert_eq!(life.lease.state, LeaseState::Sold, "I3");
            assert_eq!(life.parcel, Parcel::Made, "confirmed, yet not shipped");
        }
        OrderState::Failed { .. } | OrderState::Cancelled => {
            assert!(!captured, "I1: charged, yet failed");
            assert_ne!(life.book, Book::Open, "I2: an authorisation is left open");
            assert_eq!(life.lease.state, LeaseState::Released, "I3");
            assert_ne!(life.parcel, Parcel::Made, "ended, yet shipped");
            assert_eq!(life.shipment.state, ShipmentState::Cancelled);
        }
    }
}

/// Seldom ones, each of which turns an order round: rarer, so that all ends are tried.
const TURNS: [Step; 5] = [
    Step::ProviderDeclines,
    Step::Expire,
    Step::DecideUnwinding,
    Step::Close,
    Step::TakeOver,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn two_orders_on_one_unit_keep_every_invariant(
        schedule in vec((0_usize..2, any::<Index>(), weighted(0.04), weighted(0.5)), 0..300),
    ) {
        let mut world = World { stock: 1, lives: [Life::new(1), Life::new(2)] };
        for (which, pick, turn, repeat) in schedule {
            let open = world.lives[which].open_steps(repeat);
            let open: Vec<_> = open.filter(|step| TURNS.contains(step) == turn).collect();
            if !open.is_empty() {
                world.take(which, *pick.get(&open));
            }
        }
        // The faults stop: whatever may happen, happens, and both orders end.
        for step in Step::ALL.iter().cycle().take(Step::ALL.len() * 8) {
            world.take(0, *step);
            world.take(1, *step);
        }
        for life in &world.lives {
            prop_assert!(life.order.state.is_ended(), "{:?}", life);
        }
    }
}

#[test]
fn when_all_goes_well_one_order_gets_the_unit_and_the_other_ends_clean() {
    let lives = [Life::new(1), Life::new(2)];
    let mut world = World { stock: 1, lives };
    let fair = |step: &&Step| {
        !matches!(
            step,
            Step::ProviderDeclines | Step::Expire | Step::DecideUnwinding | Step::Close
        )
    };
    for step in Step::ALL.iter().filter(fair) {
        world.take(0, *step);
    }
    for _ in 0..4 {
        Step::ALL.iter().for_each(|step| world.take(1, *step));
    }
    let ends = world.lives.each_ref().map(|life| life.order.state.name());
    assert_eq!(ends, ["confirmed", "cancelled"]);
    assert_eq!(world.stock, 0);
}
