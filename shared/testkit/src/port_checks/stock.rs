//! Checks of [`KeepStock`](domain::ports::KeepStock): movements happen once, nothing below 0, and
//! what is low is listed exactly while it is.

use domain::ports::{HoldError, MoveError, Moved};
use domain::{Aggregate, LeaseCommand, MovementId, MovementKind, Stock, StockMovement};

use super::inventory::InventoryStore;
use crate::build::{a_lease, at, customer, order_id, pieces, sku, tenant};
use crate::{must, must_fail, must_have};

/// A movement asked for under a key.
fn movement(key: &str, id: &str, by: i32) -> StockMovement {
    StockMovement {
        id: MovementId::asked(&tenant(), &customer("dora"), key),
        sku: sku(id),
        by,
        kind: MovementKind::Restock,
        reason: "as a test wants it".to_owned(),
        who: "dora".to_owned(),
        at: at(1),
    }
}

fn adjustment(key: &str, id: &str, by: i32) -> StockMovement {
    StockMovement {
        kind: MovementKind::Adjustment,
        ..movement(key, id, by)
    }
}

async fn counts(store: &impl InventoryStore, id: &str) -> (u32, u32, u32) {
    let stock = must_have(must(store.stock(&sku(id)).await));
    (stock.available, stock.taken(), stock.put_in)
}

/// A movement that is asked for twice is done once, and tells the first time what it was.
pub async fn a_movement_happens_once(store: &impl InventoryStore) {
    let first = movement("k", "sku-tea", 5);
    let done = must(store.move_stock(first.clone()).await);
    let fresh = |movement: &StockMovement| Moved {
        movement: movement.clone(),
        replayed: false,
    };
    assert_eq!(done, fresh(&first));
    let later = StockMovement {
        at: at(9),
        ..first.clone()
    };
    let again = must(store.move_stock(later).await);
    let replayed = Moved {
        movement: first.clone(),
        replayed: true,
    };
    assert_eq!(again, replayed);
    assert_eq!(counts(store, "sku-tea").await, (5, 0, 5));
    let other = must_fail(store.move_stock(movement("k", "sku-tea", 6)).await);
    assert_eq!(other, MoveError::KeyReused);
    let elsewhere = must_fail(store.move_stock(movement("k", "sku-mug", 5)).await);
    assert_eq!(elsewhere, MoveError::KeyReused);
    must(store.move_stock(movement("l", "sku-tea", 5)).await);
    assert_eq!(counts(store, "sku-tea").await, (10, 0, 10));
}

/// Movements of one SKU at once all count, each once.
pub async fn movements_at_once_all_count(store: &impl InventoryStore) {
    let go = |key, seconds| {
        let at = at(seconds);
        store.move_stock(StockMovement {
            at,
            ..movement(key, "sku-tea", 2)
        })
    };
    let (one, same, two, three) = tokio::join!(go("a", 1), go("a", 2), go("b", 1), go("c", 1));
    let replays = [one, same, two, three].map(|it| must(it).replayed);
    assert_eq!(replays.iter().filter(|it| **it).count(), 1, "{replays:?}");
    assert_eq!(counts(store, "sku-tea").await, (6, 0, 6));
}

/// What is held or sold cannot be adjusted away.
pub async fn an_adjustment_takes_what_is_available_only(store: &impl InventoryStore) {
    must(store.move_stock(movement("k", "sku-tea", 5)).await);
    let lease = a_lease().of_pieces(&[pieces("sku-tea", 3)]).held();
    let mut lease = must(store.hold(lease, at(1)).await);
    assert_eq!(counts(store, "sku-tea").await, (2, 3, 5));
    let refused = must_fail(store.move_stock(adjustment("a", "sku-tea", -3)).await);
    assert_eq!(refused, MoveError::TooFew { available: 2 });
    must(store.move_stock(adjustment("b", "sku-tea", -2)).await);
    assert_eq!(counts(store, "sku-tea").await, (0, 3, 3));
    must(lease.execute(&LeaseCommand::Release, at(5)));
    must(store.give_back(lease, at(5)).await);
    assert_eq!(counts(store, "sku-tea").await, (3, 0, 3));
    must(store.move_stock(adjustment("c", "sku-tea", 4)).await);
    assert_eq!(counts(store, "sku-tea").await, (7, 0, 7));
}

/// A SKU becomes known by pieces that come in, not by a count that is put right.
pub async fn an_adjustment_of_an_unknown_sku_is_refused(store: &impl InventoryStore) {
    for by in [-1, 1] {
        let refused = must_fail(store.move_stock(adjustment("a", "sku-yeti", by)).await);
        assert_eq!(refused, MoveError::UnknownSku(sku("sku-yeti")));
    }
    assert_eq!(must(store.stock(&sku("sku-yeti")).await), None);
}

/// No sum of pieces overflows.
pub async fn there_are_never_more_than_the_most(store: &impl InventoryStore) {
    let most = i32::try_from(Stock::MAX).unwrap_or(i32::MAX);
    must(store.move_stock(movement("a", "sku-tea", most)).await);
    for one in [movement("b", "sku-tea", 1), adjustment("c", "sku-tea", 1)] {
        let refused = must_fail(store.move_stock(one).await);
        assert_eq!(refused, MoveError::TooMany);
    }
    assert_eq!(counts(store, "sku-tea").await.0, Stock::MAX);
}

async fn low(store: &impl InventoryStore) -> Vec<String> {
    let page = must(store.list_low(None, 100).await);
    page.items.iter().map(|it| it.sku.to_string()).collect()
}

/// Five pieces of tea and of mugs; tea is low at three.
async fn five_of_each(store: &impl InventoryStore) {
    for (key, id) in [("tea", "sku-tea"), ("mug", "sku-mug")] {
        must(store.move_stock(movement(key, id, 5)).await);
    }
    let stock = must_have(must(store.set_low_at(&sku("sku-tea"), 3, at(2)).await));
    assert_eq!((stock.low_at, stock.available), (3, 5));
    assert!(low(store).await.is_empty());
}

/// One order after the other makes stock low, and one release after the other makes it so no
/// longer: it is listed exactly while it is.
pub async fn orders_make_stock_low_and_releases_undo_it(store: &impl InventoryStore) {
    five_of_each(store).await;
    let mut held = Vec::new();
    for (number, expected) in [(1, vec![]), (2, vec!["sku-tea"]), (3, vec!["sku-tea"])] {
        let lines = [pieces("sku-tea", 1), pieces("sku-mug", 1)];
        let lease = a_lease().of(order_id(number)).of_pieces(&lines).held();
        held.push(must(store.hold(lease, at(3)).await));
        assert_eq!(low(store).await, expected, "{number}");
    }
    assert_eq!(counts(store, "sku-tea").await, (2, 3, 5));
    for expected in [vec!["sku-tea"], vec![]] {
        let mut lease = must_have(held.pop());
        must(lease.execute(&LeaseCommand::Release, at(5)));
        must(store.give_back(lease, at(5)).await);
        assert_eq!(low(store).await, expected);
    }
}

/// So it is where counts are put right and pieces come in.
pub async fn movements_make_stock_low_and_undo_it(store: &impl InventoryStore) {
    five_of_each(store).await;
    must(store.move_stock(adjustment("a", "sku-tea", -3)).await);
    assert_eq!(low(store).await, ["sku-tea"]);
    must(store.move_stock(movement("b", "sku-tea", 1)).await);
    assert_eq!(low(store).await, ["sku-tea"]);
    must(store.move_stock(movement("c", "sku-tea", 1)).await);
    assert!(low(store).await.is_empty());
}

/// So it is by another threshold, which an unknown SKU has not.
pub async fn a_threshold_makes_stock_low_and_undoes_it(store: &impl InventoryStore) {
    five_of_each(store).await;
    must(store.set_low_at(&sku("sku-tea"), 5, at(6)).await);
    assert_eq!(low(store).await, ["sku-tea"]);
    must(store.set_low_at(&sku("sku-tea"), 4, at(7)).await);
    assert!(low(store).await.is_empty());
    let unknown = store.set_low_at(&sku("sku-yeti"), 4, at(8)).await;
    assert_eq!(must(unknown), None);
}

/// What is sold out is low unless said otherwise, and is not sold again.
pub async fn what_is_sold_out_is_low(store: &impl InventoryStore) {
    must(store.move_stock(movement("k", "sku-tea", 2)).await);
    let lease = a_lease().of_pieces(&[pieces("sku-tea", 2)]).held();
    must(store.hold(lease, at(1)).await);
    assert_eq!(low(store).await, ["sku-tea"]);
    let late = store.hold(a_lease().of(order_id(2)).held(), at(2)).await;
    let short = HoldError::OutOfStock {
        sku: sku("sku-tea"),
        wanted: 1,
        available: 0,
    };
    assert_eq!(must_fail(late), short);
    assert_eq!(counts(store, "sku-tea").await, (0, 2, 2));
}

/// By SKU, page by page.
pub async fn pages_through_what_is_low(store: &impl InventoryStore) {
    for (key, id) in [("a", "c"), ("b", "a"), ("c", "b")] {
        must(store.move_stock(movement(key, id, 1)).await);
        must(store.set_low_at(&sku(id), 1, at(2)).await);
    }
    let first = must(store.list_low(None, 2).await);
    let ids: Vec<_> = first.items.iter().map(|it| it.sku.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    let second = must(store.list_low(first.next.as_deref(), 2).await);
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.next, None);
}
