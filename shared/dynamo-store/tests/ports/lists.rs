//! Lists of notifications where calls are refused in between.

use domain::NotificationKind;
use domain::ports::{KeepChoices, ReadNotifications, StoreError};
use dynamo_store::RealtimeTable;
use testkit::build::{customer, tenant};
use testkit::must_fail;
use testkit::port_checks::notifications::forgets_what_was_left_of_a_list;

use crate::local::refusing_table;
use crate::refusals::Refusals;

#[tokio::test]
async fn an_erasure_that_was_interrupted_is_finished() {
    let refusals = Refusals::of("DeleteItem", "ThrottlingException");
    let table = refusing_table("Realtime", &refusals, RealtimeTable::with_client).await;
    forgets_what_was_left_of_a_list(&table, || refusals.refuse(100, 1)).await;
}

/// What somebody marks or switches off while they are told something is not lost.
#[tokio::test]
async fn an_update_that_meets_a_transaction_is_sent_again() {
    let refusals = Refusals::of("UpdateItem", "TransactionConflictException");
    let table = refusing_table("Realtime", &refusals, RealtimeTable::with_client).await;
    let (tenant, alice) = (tenant(), customer("alice"));
    let reader = (&tenant, &alice);
    let shipped = NotificationKind::OrderShipped;
    refusals.refuse(0, 2);
    table.switch_off(reader, shipped).await.unwrap();
    let list = table.list_of(reader).await.unwrap();
    assert!(!list.email.want_mailed(shipped));
    refusals.refuse(0, 5);
    let error = must_fail(table.switch_off(reader, shipped).await);
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    table.switch_off(reader, shipped).await.unwrap();
}
