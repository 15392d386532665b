//! Checks of [`Load`], [`Save`] and the lists of orders.

use domain::ports::{
    KeepSweepMark, ListOpenOrders, ListOrders, ListOrdersByDay, ListPlaced, Load, OpenOrder,
    ReadOrders, Save, SaveError, SweepMark, change,
};
use domain::{
    Aggregate, Epoch, FailureCode, Order, OrderCommand, OrderId, OrderRejection, TenantId,
};

use crate::build::{an_order, at, customer, order_id, tenant};
use crate::{must, must_fail, must_have};

/// A day in seconds.
const DAY: i64 = 86_400;

/// Nothing is an answer, not an error.
pub async fn finds_nothing_where_nothing_was_stored(store: &impl Load<Order>) {
    assert_eq!(must(store.load(&order_id(1)).await), None);
}

/// What is read is what was written, version included.
pub async fn reads_back_every_state_of_an_order(store: &(impl Load<Order> + Save<Order>)) {
    let mut flagged = an_order().number(7).unwinding(FailureCode::OutOfStock);
    let (epoch, look) = (flagged.epoch, at(500));
    must(flagged.execute(&OrderCommand::Flag { epoch }, at(3)));
    must(flagged.look_again_at(epoch, look));
    let two_lines = an_order()
        .with_line("tea", 2, 1_200)
        .with_line("mug", 1, 900);
    let orders = [
        two_lines
            .with_contact("ada@example.com")
            .at_tariff(&must("tax=1900 EUR=490".parse()))
            .number(1)
            .pending(),
        an_order().number(2).charging(),
        an_order().number(3).unwinding(FailureCode::PaymentDeclined),
        an_order().number(4).confirmed(),
        an_order().number(5).failed(FailureCode::AddressRejected),
        an_order()
            .number(6)
            .failed(FailureCode::CancelledByCustomer),
        flagged,
    ];
    for order in orders {
        let id = order.facts.id;
        let saved = must(store.save(order).await);
        assert!(!saved.changes.is_changed(), "what was saved is unchanged");
        assert_eq!(saved.changes.stored_version(), 1);
        assert_eq!(must(store.load(&id).await), Some(saved));
    }
}

/// A second create is a conflict that tells what is stored.
pub async fn refuses_to_create_an_order_twice(store: &impl Save<Order>) {
    let first = must(store.save(an_order().pending()).await);
    let again = an_order().by(customer("bob")).pending();
    let error = must_fail(store.save(again).await);
    assert_eq!(error, SaveError::Conflict(Some(Box::new(first))));
}

/// A write from an old version is a conflict that tells what is stored.
pub async fn refuses_a_stale_version_and_tells_what_is_stored(
    store: &(impl Load<Order> + Save<Order>),
) {
    let placed = must(store.save(an_order().pending()).await);
    let mut newer = placed.clone();
    charge(&mut newer);
    let newer = must(store.save(newer).await);
    assert_eq!(newer.changes.stored_version(), 2);

    let mut stale = placed;
    unwind(&mut stale);
    let error = must_fail(store.save(stale).await);
    assert_eq!(error, SaveError::Conflict(Some(Box::new(newer.clone()))));
    assert_eq!(must(store.load(&order_id(1)).await), Some(newer));
}

/// Of two writers from one version one wins, and the other learns what won.
pub async fn lets_one_of_two_writers_win(store: &impl Save<Order>) {
    let placed = must(store.save(an_order().pending()).await);
    let (mut one, mut other) = (placed.clone(), placed);
    charge(&mut one);
    unwind(&mut other);
    let (one, other) = tokio::join!(store.save(one), store.save(other));
    match (one, other) {
        (Ok(won), Err(SaveError::Conflict(Some(stored))))
        | (Err(SaveError::Conflict(Some(stored))), Ok(won)) => assert_eq!(*stored, won),
        both => panic!("one of two must win, not {both:?}"),
    }
}

/// The first decision holds, whoever comes second.
pub async fn decides_anew_after_a_conflict(store: &(impl Load<Order> + Save<Order>)) {
    must(store.save(an_order().pending()).await);
    let (one, other) = tokio::join!(decide_charging(store), decide_unwinding(store));
    assert_eq!(one.state, other.state, "both read the first decision");
    assert_eq!(one.events.all().len(), 2);
}

async fn decide_charging(store: &(impl Load<Order> + Save<Order>)) -> Order {
    let id = order_id(1);
    let decided = change(store, &id, |order: Option<Order>| {
        let mut order = must_have(order);
        charge(&mut order);
        Ok::<_, OrderRejection>(order)
    });
    must(decided.await)
}

async fn decide_unwinding(store: &(impl Load<Order> + Save<Order>)) -> Order {
    let id = order_id(1);
    let decided = change(store, &id, |order: Option<Order>| {
        let mut order = must_have(order);
        unwind(&mut order);
        Ok::<_, OrderRejection>(order)
    });
    must(decided.await)
}

fn charge(order: &mut Order) {
    let epoch = Epoch::FIRST;
    must(order.execute(&OrderCommand::DecideCharging { epoch }, at(10)));
}

fn unwind(order: &mut Order) {
    let failure = domain::Failure::new(FailureCode::OutOfStock, "sku-tea");
    let epoch = Epoch::FIRST;
    must(order.execute(&OrderCommand::DecideUnwinding { epoch, failure }, at(11)));
}

/// Pages follow each other without gap or repeat, and the last one says so.
pub async fn pages_through_the_orders_of_a_customer_newest_first(
    store: &(impl ListOrders + Save<Order>),
) {
    for number in 1..=5 {
        save_at(store, number, number.cast_signed()).await;
    }
    let bobs = an_order().number(6).by(customer("bob")).pending();
    must(store.save(bobs).await);

    let (shop, alice) = (tenant(), customer("alice"));
    let first = must(store.of_customer((&shop, &alice), None, 2).await);
    assert_eq!(first.ids, ids(&[5, 4]));
    let second = must(
        store
            .of_customer((&shop, &alice), first.next.as_deref(), 2)
            .await,
    );
    assert_eq!(second.ids, ids(&[3, 2]));
    let third = must(
        store
            .of_customer((&shop, &alice), second.next.as_deref(), 2)
            .await,
    );
    assert_eq!(third.ids, ids(&[1]));
    assert_eq!(third.next, None);

    let nobody = must(
        store
            .of_customer((&shop, &customer("carol")), None, 2)
            .await,
    );
    assert_eq!((nobody.ids, nobody.next), (vec![], None));
    let elsewhere = must(TenantId::parse("another-shop"));
    let nobody = must(store.of_customer((&elsewhere, &alice), None, 2).await);
    assert_eq!((nobody.ids, nobody.next), (vec![], None));
}

/// Most overdue first over all shards, up to the limit; only what recovery looks after.
pub async fn lists_overdue_orders_first_by_first(store: &(impl ListOpenOrders + Save<Order>)) {
    for number in 1..=9 {
        save_looked_after(store, number, 100 - number.cast_signed()).await;
    }
    let never = an_order().number(10).pending();
    must(store.save(never).await);
    let open = must(store.overdue(at(96), 10).await);
    assert_eq!(open, ids(&[9, 8, 7, 6, 5]));
    let two = must(store.overdue(at(96), 2).await);
    assert_eq!(two, ids(&[9, 8]));
    let none = must(store.overdue(at(91), 2).await);
    assert_eq!(none, vec![]);
    let all = must(store.overdue(at(DAY), 20).await);
    assert_eq!(all, ids(&[9, 8, 7, 6, 5, 4, 3, 2, 1]));
}

async fn save_looked_after(store: &impl Save<Order>, number: u64, until: i64) {
    let mut order = an_order().number(number).pending();
    must(order.look_again_at(order.epoch, at(until)));
    must(store.save(order).await);
}

/// A later look moves an order back in the list, its end takes it out.
pub async fn leaves_ended_orders_out_of_the_open_ones(
    store: &(impl ListOpenOrders + Load<Order> + Save<Order>),
) {
    save_looked_after(store, 1, 10).await;
    save_looked_after(store, 2, 20).await;
    let mut order = must_have(must(store.load(&order_id(1)).await));
    let epoch = order.epoch;
    must(order.look_again_at(epoch, at(30)));
    let mut order = must(store.save(order).await);
    let open = must(store.overdue(at(DAY), 10).await);
    assert_eq!(open, ids(&[2, 1]));

    must(order.execute(&OrderCommand::DecideCharging { epoch }, at(19)));
    must(order.execute(&OrderCommand::Complete { epoch }, at(20)));
    must(store.save(order).await);
    let open = must(store.overdue(at(DAY), 10).await);
    assert_eq!(open, ids(&[2]));
}

/// More than one batch of them, some named twice; what is not there has not ended either.
pub async fn tells_which_orders_have_not_ended(store: &(impl ListOpenOrders + Save<Order>)) {
    let mut all = Vec::new();
    let mut open = Vec::new();
    for number in 1..=105 {
        let order = an_order().number(number);
        let mut order = match number % 3 {
            0 => order.confirmed(),
            1 => order.charging(),
            _ => order.failed(FailureCode::Internal),
        };
        all.push(order.facts.id);
        let next_look = (number % 2 == 0).then_some(at(60));
        order.next_look = next_look;
        let id = order.facts.id;
        open.extend((!order.is_at_rest()).then_some(OpenOrder { id, next_look }));
        must(store.save(order).await);
    }
    let (id, next_look) = (order_id(200), None);
    all.extend([id, order_id(1), order_id(1)]);
    open.push(OpenOrder { id, next_look });
    assert_eq!(must(store.unended(&all).await), open);
    assert_eq!(must(store.unended(&[]).await), vec![]);
}

/// Each once, in the order in which they were named.
pub async fn reads_many_orders_at_once(store: &(impl ReadOrders + Save<Order>)) {
    for number in 1..=105 {
        must(store.save(an_order().number(number).pending()).await);
    }
    let named: Vec<OrderId> = (1..=110).rev().map(order_id).collect();
    let found = must(store.orders(&named).await);
    let wanted: Vec<OrderId> = (1..=105).rev().map(order_id).collect();
    let found: Vec<OrderId> = found.iter().map(|order| order.facts.id).collect();
    assert_eq!(found, wanted);
    let twice = must(store.orders(&[order_id(1), order_id(1)]).await);
    assert_eq!(twice.len(), 1);
}

/// Over days and shards, without gap or repeat.
pub async fn lists_what_was_placed_page_by_page_newest_first(
    store: &(impl ListPlaced + Save<Order>),
) {
    for number in 1..=40 {
        let seconds = i64::try_from(number).unwrap_or_default() * DAY / 8;
        let order = an_order().number(number).placed_at(at(seconds)).pending();
        must(store.save(order).await);
    }
    let between = (at(4 * DAY / 8), at(36 * DAY / 8));
    let mut after: Option<String> = None;
    let mut listed = Vec::new();
    loop {
        let page = must(store.placed_page(between, after.as_deref(), 5).await);
        assert!(page.ids.len() <= 5);
        listed.extend(page.ids);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, (4..36).rev().map(order_id).collect::<Vec<_>>());
    // The range has moved on past the page's place, by less than a day.
    let page = must(store.placed_page(between, None, 1).await);
    let moved = (at(35 * DAY / 8 + 1), between.1);
    let page = must(store.placed_page(moved, page.next.as_deref(), 5).await);
    assert_eq!((page.ids, page.next), (vec![], None));
}

/// Unless a clock was wrong.
pub async fn moves_the_sweep_mark_forward_only(store: &impl KeepSweepMark) {
    assert_eq!(must(store.sweep_mark().await), None);
    let mark = |until: i64| SweepMark {
        until: at(until),
        left: (0..until.unsigned_abs() / 10).map(order_id).collect(),
    };
    for (noted, kept) in [(10, 10), (30, 30), (20, 30), (30, 30), (500, 500)] {
        must(store.note_swept(&mark(noted), at(500)).await);
        assert_eq!(must(store.sweep_mark().await), Some(mark(kept)));
    }
    let emptied = SweepMark {
        left: Vec::new(),
        ..mark(500)
    };
    must(store.note_swept(&emptied, at(500)).await);
    assert_eq!(must(store.sweep_mark().await), Some(emptied.clone()));
    must(store.note_swept(&mark(400), at(440)).await);
    assert_eq!(must(store.sweep_mark().await), Some(emptied));
    must(store.note_swept(&mark(400), at(439)).await);
    assert_eq!(must(store.sweep_mark().await), Some(mark(400)));
}

/// From the first time on, before the second, oldest first, over midnight.
pub async fn lists_orders_between_two_times_over_days(
    store: &(impl ListOrdersByDay + Save<Order>),
) {
    for number in 1..=8 {
        save_at(store, number, number.cast_signed() * DAY / 2).await;
    }
    let found = must(store.placed_between(at(DAY), at(3 * DAY)).await);
    assert_eq!(found, ids(&[2, 3, 4, 5]));
    let none = must(store.placed_between(at(DAY), at(DAY)).await);
    assert_eq!(none, vec![]);
}

async fn save_at(store: &impl Save<Order>, number: u64, second: i64) {
    let order = an_order().number(number).placed_at(at(second)).pending();
    must(store.save(order).await);
}

fn ids(numbers: &[u64]) -> Vec<OrderId> {
    numbers.iter().copied().map(order_id).collect()
}
