//! Lists of notifications where calls are refused in between.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{
    CountDeliveries, KeepChoices, KeepNotifications, ReadNotifications, StoreError,
};
use domain::{ByMail, Notice, Notification, NotificationKind};
use dynamo_store::RealtimeTable;
use testkit::build::{a_notice, customer, tenant};
use testkit::must_fail;
use testkit::port_checks::notifications::forgets_what_was_left_of_a_list;

use crate::local::{database, refusing_table};
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

/// Whom a course was told is known for ninety days, whatever became of the mail; of an order, for good.
#[tokio::test]
async fn whom_a_course_was_told_is_forgotten_in_the_end() {
    let (_, client) = database().await;
    let table = RealtimeTable::with_client(client.clone(), "Realtime");
    let (tenant, alice) = (tenant(), customer("alice"));
    let kinds = [
        NotificationKind::CourseCreated,
        NotificationKind::OrderShipped,
    ];
    for (number, kind) in (1..).zip(kinds) {
        let notice = Notice {
            kind,
            ..a_notice(number)
        };
        let (id, at) = (notice.id.clone(), notice.at.as_second());
        let notification = Notification {
            number,
            notice,
            by_mail: ByMail::Sent,
            texted: false,
            read: false,
        };
        table.keep((&tenant, &alice), notification).await.unwrap();
        table.claim(&id).await.unwrap();
        table.sent(&id).await.unwrap();
        let key = AttributeValue::S(format!("MAIL#{id}"));
        let mark = client.get_item().table_name("Realtime").key("pk", key);
        let mark = mark.send().await.unwrap().item.unwrap();
        let ninety_days = AttributeValue::N((at + 90 * 24 * 3_600).to_string());
        let expires = (kind == NotificationKind::CourseCreated).then_some(&ninety_days);
        assert_eq!(mark.get("expires"), expires, "{kind:?}");
    }
}
