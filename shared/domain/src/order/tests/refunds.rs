//! Cancelling after the decision, and money that goes back.

use super::*;
use crate::tests::samples::eur;
use crate::{Tariff, Totals};

fn product(text: &str) -> ProductId {
    ProductId::parse(text).unwrap()
}

fn pieces(text: &str, quantity: u32) -> ReturnedLine {
    ReturnedLine {
        product_id: product(text),
        quantity,
    }
}

/// Two lamps at 12.00 and three bulbs at 3.50, confirmed. Shipping is 0.40.
fn bought() -> Order {
    let mut facts = facts(1);
    let mut bulb = facts.lines[0].clone();
    facts.lines[0].quantity = 2;
    bulb.product_id = product("bulb");
    bulb.quantity = 3;
    bulb.unit_price = eur(350);
    facts.lines.push(bulb);
    facts.totals = Totals::new(eur(3_450), eur(40), eur(0)).unwrap();
    let epoch = EPOCH;
    told(
        Order::place(facts),
        &[
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Complete { epoch },
        ],
    )
}

fn ask(id: &str, of: RefundOf, restock: bool) -> OrderCommand {
    OrderCommand::RequestRefund {
        id: RefundId::parse(id).unwrap(),
        wanted: RefundWanted { of, restock },
    }
}

fn back(id: &str) -> OrderCommand {
    let id = RefundId::parse(id).unwrap();
    OrderCommand::RecordRefunded { id }
}

fn refusal(order: &Order, command: &OrderCommand) -> RefundRejection {
    match order.decide(command).unwrap_err() {
        OrderRejection::Refund(rejection) => rejection,
        other => panic!("{other}"),
    }
}

#[test]
fn a_cancel_before_the_decision_is_the_decision() {
    let order = told(order(), &[OrderCommand::RequestCancel]);
    let failure = Failure::new(FailureCode::CancelledByCustomer, "");
    assert_eq!(order.state, OrderState::Unwinding { failure });
    assert_eq!(order.refunds(), []);
}

#[test]
fn a_cancel_while_it_is_charged_gives_all_back_once_it_is_confirmed() {
    let epoch = EPOCH;
    let asked = told(charging(), &[OrderCommand::RequestCancel]);
    assert!(asked.is_cancel_requested());
    assert_eq!(asked.refund_due(), None);
    let mut confirmed = asked;
    confirmed
        .execute(&OrderCommand::Complete { epoch }, at(30))
        .unwrap();
    let due = confirmed.refund_due().unwrap();
    assert_eq!((due.amount, due.goods), (eur(1_200), Goods::Recalled));
    assert!(!confirmed.is_at_rest());
    assert_eq!(confirmed.next_look, Some(at(30) + REFUND_WITHIN));
    let refunded = told(confirmed, &[done()]);
    assert_eq!(refunded.state.name(), "refunded");
    assert!(refunded.is_at_rest());
}

#[test]
fn a_cancel_while_it_is_charged_that_ends_in_a_close_ends_as_cancelled() {
    let epoch = EPOCH;
    let order = told(
        charging(),
        &[
            OrderCommand::RequestCancel,
            OrderCommand::UnwindClosed { epoch },
            OrderCommand::Fail { epoch },
        ],
    );
    assert_eq!(order.state, OrderState::Cancelled);
}

#[test]
fn a_second_cancel_changes_nothing() {
    for order in [charging(), confirmed()] {
        let once = told(order, &[OrderCommand::RequestCancel]);
        assert_eq!(told(once.clone(), &[OrderCommand::RequestCancel]), once);
    }
}

#[test]
fn lines_are_paid_back_at_the_price_they_were_ordered_for() {
    let lines = RefundOf::Lines(vec![pieces("bulb", 2), pieces("lamp", 1)]);
    let order = told(bought(), &[ask("one", lines, true)]);
    let refund = order.refund_due().unwrap();
    assert_eq!(refund.amount, eur(1_200 + 700));
    assert_eq!(refund.lines, [pieces("lamp", 1), pieces("bulb", 2)]);
    assert_eq!(refund.goods, Goods::Restocked);
}

#[test]
fn the_last_refund_takes_what_the_others_left() {
    let first = RefundOf::Lines(vec![pieces("lamp", 2)]);
    let last = RefundOf::Lines(vec![pieces("bulb", 3)]);
    let order = told(
        bought(),
        &[
            ask("one", first, false),
            back("one"),
            ask("two", last, false),
        ],
    );
    assert_eq!(order.state.name(), "confirmed");
    assert_eq!(order.refunded_minor(), 2_400);
    assert_eq!(order.refund_due().unwrap().amount, eur(1_090));
    assert_eq!(told(order, &[back("two")]).state.name(), "refunded");
}

#[test]
fn no_piece_is_paid_back_twice() {
    let two = RefundOf::Lines(vec![pieces("lamp", 2)]);
    let order = told(bought(), &[ask("one", two.clone(), false)]);
    let product_id = product("lamp");
    assert_eq!(
        refusal(&order, &ask("two", two, false)),
        RefundRejection::UnknownProduct(product_id.clone())
    );
    let three = RefundOf::Lines(vec![pieces("lamp", 3)]);
    let left = 2;
    assert_eq!(
        refusal(&bought(), &ask("one", three, false)),
        RefundRejection::TooManyPieces { product_id, left }
    );
}

#[test]
fn the_same_refund_asked_for_again_is_one_refund() {
    let lamp = RefundOf::Lines(vec![pieces("lamp", 1)]);
    let order = told(bought(), &[ask("one", lamp.clone(), true)]);
    assert_eq!(
        told(order.clone(), &[ask("one", lamp.clone(), true)]),
        order
    );
    for other in [
        ask("one", RefundOf::Everything, true),
        ask("one", RefundOf::Lines(vec![pieces("lamp", 2)]), true),
        ask("one", lamp, false),
    ] {
        assert_eq!(refusal(&order, &other), RefundRejection::Differs);
    }
}

/// A repeat is known in whatever order it names them.
#[test]
fn the_order_in_which_products_are_named_says_nothing() {
    let named = |lines| ask("one", RefundOf::Lines(lines), false);
    let order = told(
        bought(),
        &[named(vec![pieces("bulb", 1), pieces("lamp", 1)])],
    );
    for again in [
        named(vec![pieces("bulb", 1), pieces("lamp", 1)]),
        named(vec![pieces("lamp", 1), pieces("bulb", 1)]),
    ] {
        assert_eq!(told(order.clone(), &[again]), order);
    }
}

/// Whether it is asked for as all of it or line by line: nobody gets money and parcel.
#[test]
fn the_parcel_of_an_order_that_is_refunded_as_a_whole_is_called_back() {
    let all = RefundOf::Lines(vec![pieces("lamp", 2), pieces("bulb", 3)]);
    for of in [all, RefundOf::Everything] {
        let order = told(bought(), &[ask("one", of, false)]);
        assert_eq!(order.refund_due().unwrap().goods, Goods::Recalled);
    }
}

#[test]
fn a_refund_names_each_product_once_and_some_pieces_of_it() {
    for lines in [
        vec![],
        vec![pieces("lamp", 0)],
        vec![pieces("lamp", 1), pieces("lamp", 1)],
    ] {
        let asked = ask("one", RefundOf::Lines(lines), false);
        assert_eq!(refusal(&bought(), &asked), RefundRejection::NoPieces);
    }
}

#[test]
fn after_everything_nothing_is_left() {
    let all = told(bought(), &[ask("one", RefundOf::Everything, false)]);
    let more = ask("two", RefundOf::Everything, false);
    assert_eq!(refusal(&all, &more), RefundRejection::NothingLeft);
    let refunded = told(all, &[back("one")]);
    assert_eq!(refusal(&refunded, &more), RefundRejection::NothingLeft);
}

#[test]
fn an_order_has_so_many_refunds_and_no_more() {
    let mut facts = facts(1);
    facts.lines[0].quantity = 20;
    facts.totals = Totals::of_pieces(eur(24_000));
    let epoch = EPOCH;
    let mut order = told(
        Order::place(facts),
        &[
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Complete { epoch },
        ],
    );
    let one = || RefundOf::Lines(vec![pieces("lamp", 1)]);
    for number in 0..MAX_REFUNDS {
        order = told(order, &[ask(&format!("r{number}"), one(), false)]);
    }
    let more = ask("more", one(), false);
    assert_eq!(refusal(&order, &more), RefundRejection::TooManyRefunds);
    // Nobody is held to the rest: it goes back at once, also by a cancel.
    let order = told(order, &[OrderCommand::RequestCancel]);
    assert_eq!(order.refunds().last().unwrap().refund.amount, eur(12_000));
    let more = ask("more", RefundOf::Everything, false);
    assert_eq!(refusal(&order, &more), RefundRejection::NothingLeft);
}

#[test]
fn what_was_shipped_is_not_called_back() {
    for (restock, goods) in [(true, Goods::Restocked), (false, Goods::Gone)] {
        let order = told(shipped(), &[ask("one", RefundOf::Everything, restock)]);
        assert_eq!(order.refund_due().unwrap().goods, goods);
    }
}

#[test]
fn a_flag_on_an_order_with_a_refund_on_its_way_comes_down_with_the_money() {
    let epoch = EPOCH;
    let flag = OrderCommand::Flag { epoch };
    let asked = told(confirmed(), &[OrderCommand::RequestCancel, flag]);
    assert!(asked.needs_attention);
    assert!(!told(asked, &[done()]).needs_attention);
}

#[test]
fn an_order_whose_money_is_on_its_way_back_is_taken_over_like_an_open_one() {
    let mut order = told(confirmed(), &[OrderCommand::RequestCancel]);
    order.take_over(EPOCH, at(500)).unwrap();
    assert_eq!((order.epoch, order.next_look), (Epoch(2), Some(at(500))));
}

/// Three lamps at 3.33, shipping 4.90, 19 % tax on all of it: 14.89 and 2.83.
fn taxed() -> Order {
    let mut facts = facts(1);
    facts.lines[0].quantity = 3;
    facts.lines[0].unit_price = eur(333);
    let tariff: Tariff = "tax=1900 EUR=490".parse().unwrap();
    facts.totals = tariff.totals(eur(999)).unwrap();
    assert_eq!(facts.totals.total(), eur(1_772));
    let epoch = EPOCH;
    told(
        Order::place(facts),
        &[
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Complete { epoch },
        ],
    )
}

fn amounts(order: &Order) -> Vec<i64> {
    let refunds = order.refunds().into_iter();
    refunds.map(|it| it.refund.amount.minor()).collect()
}

#[test]
fn pieces_are_paid_back_with_their_tax_and_shipping_goes_back_with_the_last() {
    let mut order = taxed();
    for id in ["a", "b", "c"] {
        let one = RefundOf::Lines(vec![pieces("lamp", 1)]);
        order = told(order, &[ask(id, one, false), back(id)]);
    }
    // Of 283 tax on 1489 there are 63 on one lamp and 126 on two, rounded down.
    assert_eq!(amounts(&order), [396, 396, 980]);
    assert_eq!(order.state.name(), "refunded");
}

#[test]
fn how_pieces_are_split_over_refunds_changes_no_cent() {
    let two = RefundOf::Lines(vec![pieces("lamp", 2)]);
    let everything = RefundOf::Everything;
    let order = told(
        taxed(),
        &[ask("a", two, false), ask("b", everything, false)],
    );
    assert_eq!(amounts(&order), [792, 980]);
    let whole = told(taxed(), &[ask("a", RefundOf::Everything, false)]);
    assert_eq!(amounts(&whole), [1_772]);
}

/// What was paid back before the parcel left was dealt with then: the recall brings the others.
#[test]
fn a_recall_brings_back_the_pieces_that_were_not_paid_back_before() {
    for restock in [false, true] {
        let bulb = RefundOf::Lines(vec![pieces("bulb", 1)]);
        let mut order = told(bought(), &[ask("one", bulb, restock), back("one")]);
        order = told(order, &[OrderCommand::RequestCancel]);
        let rest = order.refund_due().unwrap();
        assert_eq!(rest.goods, Goods::Recalled);
        assert_eq!(rest.lines, [pieces("lamp", 2), pieces("bulb", 2)]);
    }
}
