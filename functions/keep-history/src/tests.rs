//! Real stream events through the runner, against a history in memory.

use domain::ports::ReadHistory;
use domain::{CustomerId, Notification, TenantId};
use lambda_boot::stream;
use serde_json::{Value, json};
use testkit::build::{a_notice, customer, tenant};
use testkit::fakes::FakeHistory;
use testkit::stream::{ItemChange, stream_event};

use super::*;

fn image(number: u64, read: bool) -> Value {
    let notice = a_notice(number);
    let mut image = json!({
        "pk": {"S": format!("NOTIFICATION#main#alice#{number:020}")},
        "entity": {"S": "notification"},
        "id": {"S": notice.id},
        "kind": {"S": notice.kind.name()},
        "title": {"S": notice.title},
        "message": {"S": notice.message},
        "data": {"M": {"order_id": {"S": notice.data["order_id"]}}},
        "at": {"N": notice.at.as_nanosecond().to_string()},
        "expires": {"N": "1787140803"},
    });
    if read {
        image["read"] = json!({"BOOL": true});
    }
    image
}

fn list(closed: bool) -> Value {
    let mut list = json!({
        "pk": {"S": "NOTIFICATIONS#main#alice"},
        "entity": {"S": "notifications"},
        "last": {"N": "3"},
    });
    if closed {
        list["closed"] = json!({"BOOL": true});
    }
    list
}

fn told(number: u64) -> ItemChange {
    ItemChange::inserted(image(number, false))
}

fn marked(number: u64) -> ItemChange {
    ItemChange::modified(image(number, false), image(number, true))
}

async fn run(
    history: &FakeHistory,
    changes: &[ItemChange],
    failure: StreamFailure,
) -> Result<Value, String> {
    let handler = |records| handle(history, records);
    let answer = stream::answer(handler, stream_event(changes), failure).await;
    answer.map_err(|error| error.error_type)
}

async fn takes(history: &FakeHistory, changes: &[ItemChange]) {
    let answer = run(history, changes, StreamFailure::Items).await;
    assert_eq!(answer, Ok(json!({"batchItemFailures": []})));
}

fn alice() -> (TenantId, CustomerId) {
    (tenant(), customer("alice"))
}

async fn kept(history: &FakeHistory) -> Vec<Notification> {
    let (tenant, alice) = alice();
    let found = history.remembered((&tenant, &alice), 1, 100).await;
    found.unwrap()
}

async fn marks(history: &FakeHistory) -> Vec<(u64, bool)> {
    let found = kept(history).await.into_iter();
    found.map(|it| (it.number, it.read)).collect()
}

#[tokio::test]
async fn what_somebody_is_told_is_kept_as_it_stands_in_their_list() {
    let history = FakeHistory::default();
    takes(&history, &[told(2)]).await;
    let wanted = Notification {
        number: 2,
        notice: a_notice(2),
        by_mail: domain::ByMail::Sent,
        texted: false,
        read: false,
    };
    assert_eq!(kept(&history).await, [wanted]);
}

#[tokio::test]
async fn it_stays_when_it_leaves_the_list_and_marks_stay_in_any_order() {
    let history = FakeHistory::default();
    let left = ItemChange::removed(image(1, false));
    takes(&history, &[marked(1), told(2), told(1), left]).await;
    takes(&history, &[told(2), marked(3), told(3)]).await;
    let wanted = [(1, true), (2, false), (3, true)];
    assert_eq!(marks(&history).await, wanted);
}

/// The stream has a shard for the list and others for what is in it: the end may come first.
#[tokio::test]
async fn nothing_is_kept_of_a_reader_who_was_erased_whatever_comes_late() {
    let history = FakeHistory::default();
    takes(
        &history,
        &[told(1), ItemChange::modified(list(false), list(false))],
    )
    .await;
    assert_eq!(marks(&history).await, [(1, false)]);
    let closed = ItemChange::modified(list(false), list(true));
    takes(&history, &[closed, marked(1), told(2)]).await;
    assert_eq!(marks(&history).await, []);
}

#[tokio::test]
async fn while_the_database_is_away_the_stream_waits_and_nobody_waits_for_each_record() {
    let history = FakeHistory::default();
    takes(&history, &[told(1)]).await;
    history.set_away(true);
    let (asked, changes) = (history.asked(), [told(2), told(3), told(4)]);
    let answer = run(&history, &changes, StreamFailure::Items).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
    assert_eq!(answer, Ok(first));
    assert_eq!(history.asked() - asked, 1);
    let answer = run(&history, &changes, StreamFailure::Batch).await;
    assert_eq!(answer, Err("Unavailable".to_owned()));
    history.set_away(false);
    takes(&history, &changes).await;
    let wanted = [(1, false), (2, false), (3, false), (4, false)];
    assert_eq!(marks(&history).await, wanted);
}

#[tokio::test]
async fn an_image_that_cannot_be_read_is_parked_and_holds_nothing_up() {
    let history = FakeHistory::default();
    let mut broken = image(2, false);
    broken["kind"] = json!({"S": "unheard-of"});
    takes(&history, &[told(1), ItemChange::inserted(broken), told(3)]).await;
    assert_eq!(marks(&history).await, [(1, false), (3, false)]);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["DATABASE_URL", "STREAM_FAILURE"]);
}
