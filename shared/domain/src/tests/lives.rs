//! Properties of whole lives: any commands at any times, in any order, some of them repeated.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::samples::{
    at, cancelled, declined, eur, facts, order_id, payment_terms, reference, reserve,
    shipment_terms, stock_line,
};
use crate::{
    Aggregate, CarrierName, Epoch, Handover, Lease, LeaseCommand, LeaseEvent, Order, OrderCommand,
    OrderEvent, Payment, PaymentCommand, PaymentEvent, RefundId, RefundOf, RefundWanted,
    ReturnedLine, Sequence, Shipment, ShipmentCommand, Totals, TrackingNumber,
};

/// Status graph of architecture section 4 (I7).
pub(super) const ORDER_GRAPH: [(&str, &str); 11] = [
    ("pending", "charging"),
    ("pending", "unwinding"),
    ("charging", "confirmed"),
    ("charging", "unwinding"),
    ("unwinding", "failed"),
    ("unwinding", "cancelled"),
    ("confirmed", "shipped"),
    ("shipped", "delivered"),
    ("confirmed", "refunded"),
    ("shipped", "refunded"),
    ("delivered", "refunded"),
];

const LEASE_GRAPH: [(&str, &str); 4] = [
    ("none", "held"),
    ("none", "released"),
    ("held", "released"),
    ("held", "sold"),
];

const PAYMENT_GRAPH: [(&str, &str); 14] = [
    ("none", "authorising"),
    ("none", "closed"),
    ("authorising", "authorised"),
    ("authorising", "declined"),
    ("authorising", "closing"),
    ("authorised", "capturing"),
    ("authorised", "captured"),
    ("authorised", "closing"),
    ("declined", "closing"),
    ("capturing", "captured"),
    ("capturing", "closing"),
    ("closing", "closed"),
    ("closing", "captured"),
    // The provider's word may come even after it was believed closed.
    ("closed", "captured"),
];

const SHIPMENT_GRAPH: [(&str, &str); 15] = [
    ("none", "creating"),
    ("none", "cancelled"),
    ("creating", "created"),
    ("creating", "refused"),
    ("creating", "cancelling"),
    ("created", "cancelling"),
    ("refused", "cancelling"),
    ("cancelling", "cancelled"),
    ("creating", "handed_over"),
    ("creating", "delivered"),
    ("created", "handed_over"),
    ("created", "delivered"),
    ("cancelling", "handed_over"),
    ("cancelling", "delivered"),
    ("handed_over", "delivered"),
];

/// One command, then the same again: the second changes nothing, or is refused the same way.
fn step_twice<A>(aggregate: &mut A, command: &A::Command, now: Timestamp)
where
    A: Aggregate + PartialEq + std::fmt::Debug,
    A::Rejection: PartialEq,
{
    let before = aggregate.clone();
    let first = aggregate.execute(command, now);
    if first.is_err() {
        assert_eq!(*aggregate, before, "a refusal changed something");
    }
    let after = aggregate.clone();
    let second = aggregate.execute(command, now);
    assert_eq!(second, first, "the repeat was answered otherwise");
    assert_eq!(*aggregate, after, "the repeat changed something");
}

/// What others are told of counts 1, 2, 3 …; all else has the number of the last before it.
fn assert_numbered<A: Aggregate>(aggregate: &A) {
    let mut last = 0;
    for raised in aggregate.events().all() {
        last += u32::from(A::is_news(&raised.event));
        assert_eq!(raised.sequence, Sequence(last), "{raised:?}");
    }
    assert_eq!(aggregate.events().last_sequence(), Sequence(last));
}

pub(super) fn assert_along(graph: &[(&str, &str)], from: &'static str, to: &'static str) {
    assert!(from == to || graph.contains(&(from, to)), "{from} to {to}");
}

/// The events alone make the state again.
fn folded<A: Aggregate>(mut fresh: A, lived: &A) -> A {
    for raised in lived.events().all() {
        fresh.apply(&raised.event, raised.at);
    }
    fresh
}

/// An order that can be refunded in parts.
fn three_lamps() -> Order {
    let mut facts = facts(1);
    facts.lines[0].quantity = 3;
    facts.totals = Totals::new(eur(3_600), eur(490), eur(777)).unwrap();
    Order::place(facts)
}

fn lamps(quantity: u32) -> ReturnedLine {
    ReturnedLine {
        product_id: facts(1).lines[0].product_id.clone(),
        quantity,
    }
}

fn refund(id: &str, of: RefundOf) -> OrderCommand {
    let id = RefundId::parse(id).unwrap();
    let wanted = RefundWanted { of, restock: true };
    OrderCommand::RequestRefund { id, wanted }
}

fn times() -> impl Strategy<Value = Timestamp> {
    (-10_000_i64..10_000).prop_map(at)
}

fn order_commands() -> impl Strategy<Value = OrderCommand> {
    (1_u32..4, 0_u8..14).prop_map(|(epoch, which)| {
        let epoch = Epoch(epoch);
        let failure = if which == 1 { declined() } else { cancelled() };
        match which {
            0 => OrderCommand::DecideCharging { epoch },
            1 | 2 => OrderCommand::DecideUnwinding { epoch, failure },
            3 => OrderCommand::UnwindClosed { epoch },
            4 => OrderCommand::Complete { epoch },
            5 => OrderCommand::Fail { epoch },
            6 => OrderCommand::Flag { epoch },
            7 => OrderCommand::RequestCancel,
            8 => refund("one", RefundOf::Lines(vec![lamps(1)])),
            9 => refund("rest", RefundOf::Everything),
            10 => OrderCommand::RecordRefunded {
                id: RefundId::of_cancel(),
            },
            11 => OrderCommand::RecordRefunded {
                id: RefundId::parse("one").unwrap(),
            },
            12 => OrderCommand::RecordShipped {
                tracking: TrackingNumber::parse("JD0002").unwrap(),
            },
            _ => OrderCommand::RecordDelivered,
        }
    })
}

fn assert_refunds_fit(order: &Order) {
    let total = order.facts.totals.total().minor();
    let refunds = order.refunds();
    let granted: i64 = refunds.iter().map(|it| it.refund.amount.minor()).sum();
    assert!(granted <= total, "{granted} granted of {total}");
    let back = order.refunded_minor();
    assert_eq!(order.state.name() == "refunded", back == total);
    let charged = order.state.is_fulfilled() || order.state.name() == "refunded";
    assert!(charged || refunds.is_empty(), "refunded without a charge");
}

/// What an order can be told: a command, or that somebody takes it over.
#[derive(Clone, Debug)]
enum Told {
    Command(OrderCommand),
    TakeOver(Epoch),
}

fn told() -> impl Strategy<Value = Told> {
    prop_oneof![
        6 => order_commands().prop_map(Told::Command),
        1 => (1_u32..4).prop_map(|epoch| Told::TakeOver(Epoch(epoch))),
    ]
}

fn assert_decided_once(order: &Order) {
    let decisions: Vec<_> = order
        .events
        .all()
        .iter()
        .filter_map(|raised| match &raised.event {
            OrderEvent::ChargingDecided => Some("charging"),
            OrderEvent::UnwindingDecided { .. } => Some("unwinding"),
            OrderEvent::Completed => Some("completed"),
            OrderEvent::Failed | OrderEvent::Cancelled => Some("taken back"),
            _ => None,
        })
        .collect();
    let allowed: [&[&str]; 3] = [
        &["charging", "completed"],
        &["charging", "unwinding", "taken back"],
        &["unwinding", "taken back"],
    ];
    let fits = allowed.iter().any(|life| life.starts_with(&decisions));
    assert!(fits, "{decisions:?}");
}

proptest! {
    #[test]
    fn an_order_keeps_its_rules_whatever_it_is_told(life in vec((told(), times()), 0..40)) {
        let mut order = three_lamps();
        for (told, now) in life {
            let (from, epoch) = (order.state.name(), order.epoch);
            match told {
                Told::Command(command) => step_twice(&mut order, &command, now),
                Told::TakeOver(acting) => {
                    let taken = order.take_over(acting, now).is_ok();
                    prop_assert_eq!(order.epoch > epoch, taken);
                }
            }
            assert_along(&ORDER_GRAPH, from, order.state.name());
            prop_assert!(order.epoch >= epoch);
        }
        assert_numbered(&order);
        assert_decided_once(&order);
        assert_refunds_fit(&order);
        let again = folded(three_lamps(), &order);
        prop_assert_eq!(again.state, order.state);
        prop_assert_eq!(again.needs_attention, order.needs_attention);
    }

    #[test]
    fn a_lease_keeps_its_rules_whatever_it_is_told(
        life in vec((select(lease_commands()), times()), 0..12),
    ) {
        let fresh = Lease::none(order_id(1));
        let mut lease = fresh.clone();
        lease.lines = vec![stock_line(2)];
        for (command, now) in life {
            let from = lease.state.name();
            step_twice(&mut lease, &command, now);
            assert_along(&LEASE_GRAPH, from, lease.state.name());
        }
        assert_numbered(&lease);
        let came_back: u32 = lease.events.all().iter().map(|it| match &it.event {
            LeaseEvent::Restocked { lines, .. } => lines.iter().map(|line| line.quantity).sum(),
            _ => 0,
        }).sum();
        prop_assert!(came_back <= 2);
        prop_assert_eq!(folded(fresh, &lease).state, lease.state);
    }

    #[test]
    fn a_payment_keeps_its_rules_whatever_it_is_told(
        terms_known in any::<bool>(),
        life in vec((select(payment_commands()), times()), 0..40),
    ) {
        let fresh = Payment::none(order_id(1));
        let mut payment = fresh.clone();
        if terms_known {
            payment.start(payment_terms(), at(0)).unwrap();
        }
        for (command, now) in life {
            let from = payment.state.name();
            step_twice(&mut payment, &command, now);
            let to = payment.state.name();
            assert_along(&PAYMENT_GRAPH, from, to);
            let booked: i64 = payment.ledger().iter().map(|entry| entry.minor).sum();
            prop_assert_eq!(booked, 0);
        }
        assert_numbered(&payment);
        let captured = |raised: &&crate::Raised<PaymentEvent>| {
            matches!(raised.event, PaymentEvent::Captured { .. })
        };
        let captures = payment.events.all().iter().filter(captured).count();
        prop_assert!(captures <= 1);
        prop_assert_eq!(payment.state.name() == "captured", captures == 1);
        prop_assert!((0..=1_200).contains(&payment.kept_minor()));
        let again = folded(fresh, &payment);
        prop_assert_eq!((again.state, again.reference), (payment.state, payment.reference));
    }

    #[test]
    fn a_shipment_keeps_its_rules_whatever_it_is_told(
        life in vec((select(shipment_commands()), times()), 0..30),
    ) {
        let fresh = Shipment::none(order_id(1));
        let mut shipment = fresh.clone();
        shipment.terms = Some(shipment_terms());
        for (command, now) in life {
            let from = shipment.state.name();
            step_twice(&mut shipment, &command, now);
            assert_along(&SHIPMENT_GRAPH, from, shipment.state.name());
        }
        assert_numbered(&shipment);
        let again = folded(fresh, &shipment);
        prop_assert_eq!((again.state, again.reference), (shipment.state, shipment.reference));
    }
}

fn start_refund(id: &str, minor: i64) -> PaymentCommand {
    PaymentCommand::StartRefund {
        id: RefundId::parse(id).unwrap(),
        amount: eur(minor),
    }
}

fn lease_commands() -> Vec<LeaseCommand> {
    let restock = |id: &str, quantity| LeaseCommand::Restock {
        id: RefundId::parse(id).unwrap(),
        lines: vec![stock_line(quantity)],
    };
    vec![
        reserve(2),
        LeaseCommand::Release,
        LeaseCommand::Commit,
        restock("one", 1),
        restock("two", 2),
    ]
}

fn payment_commands() -> Vec<PaymentCommand> {
    let reference = reference("pi_1");
    vec![
        PaymentCommand::StartAuthorisation,
        PaymentCommand::RecordAuthorised {
            reference: reference.clone(),
        },
        PaymentCommand::RecordDeclined {
            reason: "no".to_owned(),
        },
        PaymentCommand::RecordCaptureUnheard,
        PaymentCommand::RecordCaptured {
            reference: reference.clone(),
        },
        start_refund("one", 700),
        start_refund("two", 700),
        start_refund("three", 500),
        PaymentCommand::RecordRefunded {
            id: RefundId::parse("one").unwrap(),
            reference: reference.clone(),
        },
        PaymentCommand::RecordRefunded {
            id: RefundId::parse("three").unwrap(),
            reference,
        },
        PaymentCommand::StartClosing,
        PaymentCommand::RecordClosed,
    ]
}

fn shipment_commands() -> Vec<ShipmentCommand> {
    let handover = Handover {
        carrier: CarrierName::parse("parcelwise").unwrap(),
        tracking_number: TrackingNumber::parse("parcel-1").unwrap(),
    };
    vec![
        ShipmentCommand::RecordHandedOver {
            handover: handover.clone(),
        },
        ShipmentCommand::RecordDelivered { handover },
        ShipmentCommand::StartCreation,
        ShipmentCommand::RecordCreated {
            reference: reference("parcel-1"),
        },
        ShipmentCommand::RecordRefused {
            reason: "no".to_owned(),
        },
        ShipmentCommand::StartCancellation,
        ShipmentCommand::RecordCancelled,
    ]
}
