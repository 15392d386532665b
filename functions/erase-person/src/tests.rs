//! Erasures against stores in memory: what is blank, what waits, and what becomes of a run that dies.

use audit::{Appended, Entry, Head, Record, Shard};
use contracts::events::account_changed;
use domain::ports::{
    Inbox, KeepContacts, KeepGroups, KeepMembers, KeepNotifications, ReadGroups, ReadNotifications,
};
use domain::{
    Account, Aggregate, Contact, FailureCode, Notice, NotificationList, OrderCommand, OrderId,
};
use testkit::build::{
    a_group, a_notice, a_payment, a_shipment, an_account, an_api_key, an_audit_record, an_order,
    at, customer, order_id, tenant,
};
use testkit::fakes::{
    FakeAccounts, FakeChains, FakeOrders, FakePayments, FakeRealtime, FakeShipments, Fault,
};

use super::*;

type World =
    Stores<FakeOrders, FakePayments, FakeShipments, FakeRealtime, FakeChains, FakeAccounts>;

/// Longer after the erasure than anything can take.
const LATER: i64 = 3_600;

/// Of Alice, who was erased in her second event.
fn erased() -> Envelope {
    let mut alice = Account {
        version: 2,
        ..an_account("alice")
    };
    alice.erase(at(0)).unwrap();
    account_changed(&alice)
}

async fn hear(world: &World, object: &str, last: u32) {
    for sequence in 1..=last {
        hear_of(world, object, &format!("{object}/{sequence}")).await;
    }
}

async fn hear_of(world: &World, object: &str, message: &str) {
    let record = Record {
        object: object.to_owned(),
        ..an_audit_record(message)
    };
    let head = Head::empty(Shard::of(object));
    let end = audit::last(&world.audit, head).await.unwrap();
    let appended = audit::append(&world.audit, end, &record).await.unwrap();
    assert!(matches!(appended, Appended::Now(_)));
}

/// An order of Alice's with all that belongs to it; not heard of.
fn with_order(world: &World, number: u64, order: Order) -> World {
    let id = order_id(number);
    let last = order.facts.id;
    assert_eq!(last, id);
    Stores {
        orders: world.orders.clone().with(order),
        payments: world.payments.clone().with(a_payment().of(id).captured()),
        shipments: world.shipments.clone().with(a_shipment().of(id).created()),
        ..world.clone()
    }
}

async fn heard(world: &World, id: OrderId) {
    let object = format!("order/{id}");
    let email = "ada@example.com".to_owned();
    world
        .realtime
        .put_contact(id, &Contact { email })
        .await
        .unwrap();
    let mut taken = world.realtime.taken(&object).await.unwrap();
    taken.advance(at(0));
    world.realtime.save_taken(&object, taken).await.unwrap();
    let order = world.orders.get(id).unwrap();
    hear(world, &object, order.events.last_sequence().0).await;
}

fn empty() -> World {
    Stores {
        orders: FakeOrders::default(),
        payments: FakePayments::default(),
        shipments: FakeShipments::default(),
        realtime: FakeRealtime::default(),
        audit: FakeChains::default(),
        keys: FakeAccounts::default(),
    }
}

fn of_alice(number: u64) -> testkit::build::OrderBuilder {
    an_order()
        .number(number)
        .by(customer("alice"))
        .with_contact("ada@example.com")
}

/// Alice with one confirmed order that everybody heard of.
async fn world() -> World {
    let world = with_order(&empty(), 1, of_alice(1).confirmed());
    heard(&world, order_id(1)).await;
    hear(&world, "account/alice", 2).await;
    for reader in ["alice", "bob"] {
        let reader = (tenant(), customer(reader));
        let list = NotificationList::default();
        let notice = Notice {
            id: format!("told/{}", reader.1),
            ..a_notice(1)
        };
        let told = list.next(notice, true).unwrap();
        let kept = world.realtime.keep((&reader.0, &reader.1), told);
        kept.await.unwrap();
    }
    world
}

#[tokio::test]
async fn who_is_erased_wants_to_hear_of_no_more_courses_and_others_still_do() {
    let world = world().await;
    let shop = tenant();
    let [alice, bob] = ["alice", "bob"].map(customer);
    for reader in [&alice, &bob] {
        world.realtime.subscribe((&shop, reader)).await.unwrap();
    }
    assert_eq!(erase(&world, LATER).await, Ok(()));
    for (reader, wanted) in [(&alice, false), (&bob, true)] {
        let known = world.realtime.is_subscribed((&shop, reader)).await;
        assert_eq!(known, Ok(wanted), "{reader}");
    }
}

#[tokio::test]
async fn they_belong_to_no_group_any_more_and_others_still_do() {
    let world = world().await;
    let (shop, group) = (tenant(), a_group(1));
    world.keys.create_group(&group).await.unwrap();
    let [alice, bob] = ["alice", "bob"].map(customer);
    for person in [&alice, &bob] {
        let joined = world.keys.add_member((&shop, person), group.id, at(0));
        assert_eq!(joined.await, Ok(true));
    }
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let members = world.keys.members((&shop, group.id), None, 10).await;
    assert_eq!(members.unwrap().items, [bob]);
    assert_eq!(world.keys.groups_of((&shop, &alice)).await, Ok(Vec::new()));
}

/// How much of what somebody was told is left, and whether they can be told more.
async fn told_to(world: &World, reader: &str) -> (usize, bool) {
    let reader = (tenant(), customer(reader));
    let list = world.realtime.list_of((&reader.0, &reader.1)).await;
    let left = world.realtime.told_to(&reader.0, &reader.1).len();
    (left, !list.unwrap().closed)
}

async fn erase(world: &World, seconds: i64) -> Result<(), ErrorName> {
    let done = world.handle(&erased(), at(seconds)).await;
    done.map_err(|error| error.name())
}

async fn is_blank(world: &World, id: OrderId) -> bool {
    let payment = world.payments.get(id).unwrap().terms.unwrap();
    let shipment = world.shipments.get(id).unwrap().terms.unwrap();
    world.orders.get(id).unwrap().is_blank()
        && payment.payment_method.is_empty()
        && shipment.ship_to == domain::Address::BLANK
        && world.realtime.contact(id).await.unwrap().is_none()
        && says_nothing(world, &format!("order/{id}"))
}

fn says_nothing(world: &World, object: &str) -> bool {
    let entries = world.audit.all();
    let mut own = entries.iter().filter(|entry| entry.record.object == object);
    own.all(|entry: &Entry| entry.record.personal().all(|value| value.value().is_none()))
}

#[tokio::test]
async fn everything_of_a_person_is_blank_and_the_books_and_chains_stay() {
    let world = world().await;
    let before = world.orders.get(order_id(1)).unwrap();
    let chains: Vec<_> = world.audit.all().iter().map(Entry::head).collect();
    assert_eq!(erase(&world, LATER).await, Ok(()));
    assert!(is_blank(&world, order_id(1)).await);
    assert!(says_nothing(&world, "account/alice"));
    assert_eq!(told_to(&world, "alice").await, (0, false));
    assert_eq!(told_to(&world, "bob").await, (1, true));
    let order = world.orders.get(order_id(1)).unwrap();
    assert_eq!(order.facts.lines, before.facts.lines);
    assert_eq!(
        (&order.facts.totals, &order.state),
        (&before.facts.totals, &before.state)
    );
    assert_eq!(order.events, before.events);
    let entries = world.audit.all();
    assert_eq!(entries.iter().map(Entry::head).collect::<Vec<_>>(), chains);
    for shard in Shard::all() {
        let of_chain = entries.iter().filter(|entry| entry.shard == shard);
        let of_chain: Vec<_> = of_chain.cloned().map(Some).collect();
        audit::verify(shard, &of_chain, &[]).unwrap();
    }
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let world = world().await;
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let writes = (
        world.orders.writes(),
        world.payments.writes(),
        world.shipments.writes(),
    );
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let again = (
        world.orders.writes(),
        world.payments.writes(),
        world.shipments.writes(),
    );
    assert_eq!(writes, again);
}

#[tokio::test]
async fn a_run_that_dies_anywhere_is_completed_by_the_next() {
    for fault in [Fault::FailBefore, Fault::AppliedButError, Fault::Conflict] {
        for store in 0..4 {
            let world = world().await;
            match store {
                0 => world.orders.fail_next_write(fault),
                1 => world.payments.fail_next_write(fault),
                2 => world.shipments.fail_next_write(fault),
                _ => world.realtime.fail_next_write(fault),
            }
            let first = erase(&world, LATER).await;
            assert_eq!(
                first.is_ok(),
                fault == Fault::Conflict,
                "{fault:?} in {store}"
            );
            assert_eq!(erase(&world, LATER).await, Ok(()));
            assert!(is_blank(&world, order_id(1)).await, "{fault:?} in {store}");
        }
    }
}

#[tokio::test]
async fn an_order_under_way_keeps_its_data_until_it_is_at_rest() {
    let world = with_order(&world().await, 2, of_alice(2).charging());
    heard(&world, order_id(2)).await;
    assert_eq!(erase(&world, LATER).await, Err(ErrorName::Conflict));
    assert!(
        is_blank(&world, order_id(1)).await,
        "the others are not kept waiting"
    );
    assert!(!is_blank(&world, order_id(2)).await);
    let mut order = world.orders.get(order_id(2)).unwrap();
    let complete = OrderCommand::Complete { epoch: order.epoch };
    order.execute(&complete, at(9)).unwrap();
    world.orders.save(order).await.unwrap();
    hear(&world, &format!("order/{}", order_id(2)), 0).await;
    assert_eq!(
        erase(&world, LATER).await,
        Err(ErrorName::Conflict),
        "its end was not heard"
    );
    let object = format!("order/{}", order_id(2));
    hear_of(&world, &object, &format!("{object}/2")).await;
    assert_eq!(erase(&world, LATER).await, Ok(()));
    assert!(is_blank(&world, order_id(2)).await);
}

/// Whoever hears of the placement after the contact was removed would note it again.
#[tokio::test]
async fn an_order_waits_until_its_placement_was_heard() {
    let world = with_order(&empty(), 1, of_alice(1).confirmed());
    hear(&world, "account/alice", 2).await;
    assert_eq!(erase(&world, LATER).await, Err(ErrorName::Conflict));
    assert!(!world.orders.get(order_id(1)).unwrap().is_blank());
    heard(&world, order_id(1)).await;
    assert_eq!(erase(&world, LATER).await, Ok(()));
    assert!(is_blank(&world, order_id(1)).await);
}

#[tokio::test]
async fn nothing_is_blank_while_a_token_of_before_may_be_good() {
    let world = world().await;
    assert_eq!(erase(&world, 14 * 60).await, Err(ErrorName::Conflict));
    assert!(!is_blank(&world, order_id(1)).await);
    let world = with_order(&world, 2, of_alice(2).confirmed());
    heard(&world, order_id(2)).await;
    assert_eq!(erase(&world, 15 * 60).await, Ok(()));
    assert!(is_blank(&world, order_id(2)).await);
}

/// A cancel in time is a decision, which is no event: the log has it as a note.
#[tokio::test]
async fn who_cancelled_in_time_is_not_said_either() {
    let world = with_order(
        &world().await,
        2,
        of_alice(2).failed(FailureCode::CancelledByCustomer),
    );
    heard(&world, order_id(2)).await;
    assert_eq!(
        erase(&world, LATER).await,
        Err(ErrorName::Conflict),
        "the cancel was not heard"
    );
    let object = format!("order/{}", order_id(2));
    let note = format!("note/order-{}/1", order_id(2));
    hear_of(&world, &object, &note).await;
    assert!(!says_nothing(&world, &object));
    assert_eq!(erase(&world, LATER).await, Ok(()));
    assert!(is_blank(&world, order_id(2)).await);
}

/// A cancel while the card was being charged is an event, and there is no note to wait for.
#[tokio::test]
async fn who_cancelled_while_it_was_charged_is_erased_as_well() {
    let mut order = of_alice(2).charging();
    let epoch = order.epoch;
    for command in [
        OrderCommand::RequestCancel,
        OrderCommand::UnwindClosed { epoch },
        OrderCommand::Fail { epoch },
    ] {
        order.execute(&command, at(9)).unwrap();
    }
    assert_eq!(order.state.name(), "cancelled");
    let world = with_order(&world().await, 2, order);
    heard(&world, order_id(2)).await;
    assert_eq!(erase(&world, LATER).await, Ok(()));
    assert!(is_blank(&world, order_id(2)).await);
}

#[tokio::test]
async fn the_log_hears_of_the_erasure_first() {
    let world = with_order(&empty(), 1, of_alice(1).confirmed());
    heard(&world, order_id(1)).await;
    hear(&world, "account/alice", 1).await;
    assert_eq!(erase(&world, LATER).await, Err(ErrorName::Conflict));
}

#[tokio::test]
async fn keys_that_they_made_are_taken_back_and_no_others() {
    let world = world().await;
    for (number, by) in [(1, "alice"), (2, "bob")] {
        let (mut key, _) = an_api_key(number);
        key.created_by = customer(by);
        world.keys.save_api_key(key).await.unwrap();
    }
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let left = world
        .keys
        .api_keys(&an_account("alice").tenant)
        .await
        .unwrap();
    let left: Vec<_> = left.iter().map(|key| key.created_by.as_str()).collect();
    assert_eq!(left, ["bob"]);
}

#[tokio::test]
async fn what_somebody_else_did_to_their_order_stays_theirs() {
    let world = world().await;
    let object = format!("order/{}", order_id(1));
    let mut entries = world.audit.all();
    entries.retain(|entry| entry.record.object == object);
    let mut second = entries.pop().unwrap();
    let dora = audit::Personal::of("dora", audit::Salt([9; 16]));
    second.record.actor.subject = Some(dora.clone());
    let place = (second.shard, second.position);
    world.audit.tamper(second);
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let all = world.audit.all();
    let kept = all.iter().find(|it| (it.shard, it.position) == place);
    assert_eq!(kept.unwrap().record.actor.subject, Some(dora));
    assert!(world.orders.get(order_id(1)).unwrap().is_blank());
}

#[tokio::test]
async fn nobody_elses_order_is_touched() {
    let world = with_order(
        &world().await,
        2,
        an_order().number(2).by(customer("bob")).confirmed(),
    );
    assert_eq!(erase(&world, LATER).await, Ok(()));
    let bob = world.orders.get(order_id(2)).unwrap();
    assert_eq!((bob.is_blank(), bob.changes.stored_version()), (false, 1));
}

#[tokio::test]
async fn other_events_are_none_of_its_business() {
    let world = world().await;
    let event = account_changed(&an_account("alice"));
    world.handle(&event, at(LATER)).await.unwrap();
    assert_eq!(world.orders.reads(), 0);
}

#[tokio::test]
async fn an_event_that_names_nobody_goes_back() {
    let mut event = erased();
    event.tenant = None;
    let refused = empty().handle(&event, at(0)).await.unwrap_err();
    assert_eq!(refused.name(), ErrorName::BadInput);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().count(), 6);
}
