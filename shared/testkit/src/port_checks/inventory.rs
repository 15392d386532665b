//! Checks of [`HoldStock`] and [`KeepStock`].

use domain::ports::{HoldError, HoldStock, KeepStock, Load, Save, StockShelves};
use domain::{Aggregate, Lease, LeaseCommand, LeaseState, StockLine};

use crate::build::{a_lease, at, order_id, pieces, sku};
use crate::{must, must_fail};

/// All that the inventory table can do.
pub trait InventoryStore: HoldStock + KeepStock + Sync + Load<Lease> + Save<Lease> {}

impl<S: HoldStock + KeepStock + Sync + Load<Lease> + Save<Lease>> InventoryStore for S {}

async fn put_in(store: &impl InventoryStore, lines: &[StockLine]) {
    for line in lines {
        must(store.restock(line, at(0)).await);
    }
}

async fn available(store: &impl InventoryStore, id: &str) -> Option<u32> {
    must(store.available(&sku(id)).await)
}

fn released(mut lease: Lease) -> Lease {
    must(lease.execute(&LeaseCommand::Release, at(5)));
    lease
}

/// Pieces add up; an unknown SKU has no number.
pub async fn knows_a_sku_once_it_is_put_in(store: &impl InventoryStore) {
    assert_eq!(available(store, "sku-tea").await, None);
    put_in(store, &[pieces("sku-tea", 3), pieces("sku-tea", 4)]).await;
    assert_eq!(available(store, "sku-tea").await, Some(7));
}

/// A hold moves every line and stores the lease.
pub async fn hold_takes_all_lines(store: &impl InventoryStore) {
    let wanted = [pieces("sku-tea", 2), pieces("sku-mug", 5)];
    put_in(store, &[pieces("sku-tea", 3), pieces("sku-mug", 5)]).await;
    let lease = a_lease().of_pieces(&wanted).held();
    let held = must(store.hold(lease, at(1)).await);
    assert_eq!(held.changes.stored_version(), 1);
    assert_eq!(must(store.load(&order_id(1)).await), Some(held));
    assert_eq!(available(store, "sku-tea").await, Some(1));
    assert_eq!(available(store, "sku-mug").await, Some(0));
}

/// When one line is short, nothing moves and nothing is stored.
pub async fn hold_takes_all_lines_or_none(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 3), pieces("sku-mug", 1)]).await;
    let wanted = [pieces("sku-tea", 2), pieces("sku-mug", 2)];
    let lease = a_lease().of_pieces(&wanted).held();
    let error = must_fail(store.hold(lease, at(1)).await);
    let short = HoldError::OutOfStock {
        sku: sku("sku-mug"),
        wanted: 2,
        available: 1,
    };
    assert_eq!(error, short);
    assert_eq!(available(store, "sku-tea").await, Some(3));
    assert_eq!(available(store, "sku-mug").await, Some(1));
    assert_eq!(must(store.load(&order_id(1)).await), None);
}

/// A SKU that was never put in is not short, it is unknown.
pub async fn hold_names_a_sku_that_is_not_stocked(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 3)]).await;
    let wanted = [pieces("sku-tea", 1), pieces("sku-yeti", 1)];
    let lease = a_lease().of_pieces(&wanted).held();
    let error = must_fail(store.hold(lease, at(1)).await);
    assert_eq!(error, HoldError::UnknownSku(sku("sku-yeti")));
    assert_eq!(available(store, "sku-tea").await, Some(3));
}

/// A repeat takes nothing and learns that it was done.
pub async fn hold_of_a_held_lease_tells_what_is_stored(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 3)]).await;
    let held = must(store.hold(a_lease().held(), at(1)).await);
    let error = must_fail(store.hold(a_lease().held(), at(2)).await);
    assert_eq!(error, HoldError::Conflict(Some(Box::new(held))));
    assert_eq!(available(store, "sku-tea").await, Some(2));
}

/// A repeat after the last piece went to the same order is no shortage.
pub async fn a_held_lease_comes_before_a_shortage(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 1)]).await;
    let held = must(store.hold(a_lease().held(), at(1)).await);
    let error = must_fail(store.hold(a_lease().held(), at(2)).await);
    assert_eq!(error, HoldError::Conflict(Some(Box::new(held))));
}

/// A reserve that comes after its undo takes nothing.
pub async fn hold_after_a_tombstone_is_refused(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 1)]).await;
    let tombstone = must(store.give_back(a_lease().tombstone(), at(1)).await);
    let error = must_fail(store.hold(a_lease().held(), at(2)).await);
    assert_eq!(error, HoldError::Conflict(Some(Box::new(tombstone))));
    assert_eq!(available(store, "sku-tea").await, Some(1));
}

/// Pieces come back with the release, and only with the first.
pub async fn give_back_returns_the_pieces_once(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 3)]).await;
    let lease = a_lease().of_pieces(&[pieces("sku-tea", 2)]).held();
    let held = must(store.hold(lease, at(1)).await);
    let back = must(store.give_back(released(held.clone()), at(5)).await);
    assert_eq!(back.state, LeaseState::Released);
    assert_eq!(available(store, "sku-tea").await, Some(3));
    assert_eq!(must(store.load(&order_id(1)).await), Some(back.clone()));

    let error = must_fail(store.give_back(released(held), at(6)).await);
    assert_eq!(error, HoldError::Conflict(Some(Box::new(back.clone()))));
    must(store.give_back(released(back), at(7)).await);
    assert_eq!(available(store, "sku-tea").await, Some(3));
}

/// A release of nothing is stored and moves nothing.
pub async fn give_back_of_nothing_leaves_a_tombstone(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 1)]).await;
    let tombstone = must(store.give_back(a_lease().tombstone(), at(1)).await);
    assert_eq!(must(store.load(&order_id(1)).await), Some(tombstone));
    assert_eq!(available(store, "sku-tea").await, Some(1));
}

/// A release decided before the sale does not bring sold pieces back.
pub async fn give_back_of_a_sold_lease_is_refused(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 1)]).await;
    let held = must(store.hold(a_lease().held(), at(1)).await);
    let mut sold = held.clone();
    must(sold.execute(&LeaseCommand::Commit, at(4)));
    let sold = must(store.save(sold).await);
    let error = must_fail(store.give_back(released(held), at(5)).await);
    assert_eq!(error, HoldError::Conflict(Some(Box::new(sold))));
    assert_eq!(available(store, "sku-tea").await, Some(0));
}

/// Only hold and give back move stock.
pub async fn extends_and_sells_without_moving_stock(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 3)]).await;
    let mut lease = must(store.hold(a_lease().held(), at(1)).await);
    lease.extend(at(100));
    let mut lease = must(store.save(lease).await);
    assert_eq!(must(store.load(&order_id(1)).await), Some(lease.clone()));
    must(lease.execute(&LeaseCommand::Commit, at(200)));
    let sold = must(store.save(lease).await);
    assert_eq!(must(store.load(&order_id(1)).await), Some(sold));
    assert_eq!(available(store, "sku-tea").await, Some(2));
}

/// Four orders, one piece: one holds it.
pub async fn never_sells_the_last_piece_twice(store: &impl InventoryStore) {
    put_in(store, &[pieces("sku-tea", 1)]).await;
    let hold = |number| store.hold(a_lease().of(order_id(number)).held(), at(1));
    let (one, two, three, four) = tokio::join!(hold(1), hold(2), hold(3), hold(4));
    let all = [one, two, three, four];
    let held = all.iter().filter(|held| held.is_ok()).count();
    let short = |held: &&Result<Lease, HoldError>| {
        matches!(held, Err(HoldError::OutOfStock { available: 0, .. }))
    };
    assert_eq!((held, all.iter().filter(short).count()), (1, 3), "{all:?}");
    assert_eq!(available(store, "sku-tea").await, Some(0));
}
