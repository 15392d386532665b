//! Lists of notifications where calls are refused in between.

use dynamo_store::RealtimeTable;
use testkit::port_checks::notifications::forgets_what_was_left_of_a_list;

use crate::local::refusing_table;
use crate::refusals::Refusals;

#[tokio::test]
async fn an_erasure_that_was_interrupted_is_finished() {
    let refusals = Refusals::of("DeleteItem", "ThrottlingException");
    let table = refusing_table("Realtime", &refusals, RealtimeTable::with_client).await;
    forgets_what_was_left_of_a_list(&table, || refusals.refuse(100, 1)).await;
}
