//! Everything after the first write is at least once: a second execution of the same epoch, a
//! second delivery of every message.

use std::time::Duration;

use contracts::saga::OrderSagaInput;
use domain::ports::Load;
use domain::{Order, Sequence};
use futures::future::join_all;
use testkit::{must, must_have};
use tests::emulator::aws;
use tests::emulator::cart::Cart;
use tests::emulator::faults::Fault;
use tests::emulator::inbox::{all_taken, inbox};
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

/// How long an order with a fault on its way may take.
const PATIENT: Duration = Duration::from_secs(180);

async fn order(shop: &Shop, cart: &Cart) -> Order {
    let stored: Option<Order> = must(shop.tables.orders.load(&cart.id()).await);
    must_have(stored)
}

/// Starts the saga once more: same input, same epoch, another name, as Express may do by itself.
async fn start_twin(shop: &Shop, order: &Order, name: &str) {
    let mut input = OrderSagaInput::from(order);
    input.epoch = 1;
    let started = aws_sdk_sfn::Client::new(&shop.stack.aws)
        .start_execution()
        .state_machine_arn(shop.stack.get("SAGA_ARN"))
        .name(format!("{}-1-{name}", order.facts.id))
        .input(must(serde_json::to_string(&input)))
        .send()
        .await;
    must(started);
}

/// One way that an order can go, with the end that it must have.
struct Case {
    cart: Cart,
    fault: Option<Fault>,
    status: &'static str,
    reason: Option<&'static str>,
}

fn cases(shop: &Shop) -> Vec<Case> {
    let case = |cart, fault, status, reason| Case {
        cart,
        fault,
        status,
        reason,
    };
    let cart = || shop.cart(&[("tea", 1)]);
    let lost = |target| Some(Fault::new(target, "applied_no_answer").times(1));
    vec![
        case(cart(), None, "confirmed", None),
        case(
            cart().paid_with("pm_card_declined"),
            None,
            "failed",
            Some("payment_declined"),
        ),
        case(
            cart().to_country("ZZ"),
            None,
            "failed",
            Some("address_rejected"),
        ),
        case(
            shop.cart(&[("pot", 2)]),
            None,
            "failed",
            Some("out_of_stock"),
        ),
        case(cart(), lost("payment.create"), "confirmed", None),
        case(cart(), lost("payment.capture"), "confirmed", None),
        case(cart(), lost("carrier.create"), "confirmed", None),
        case(
            cart().to_country("ZZ"),
            lost("payment.cancel"),
            "failed",
            Some("address_rejected"),
        ),
    ]
}

async fn run(shop: &Shop, case: Case) {
    if let Some(fault) = case.fault {
        fault.on(&shop.stack, case.cart.id()).await;
    }
    shop.place(&case.cart).await;
    let placed = order(shop, &case.cart).await;
    start_twin(shop, &placed, "beside").await;
    shop.ends(&case.cart, PATIENT, case.status, case.reason)
        .await;
    start_twin(shop, &placed, "after").await;
}

#[tokio::test]
async fn a_second_execution_beside_the_first_and_after_its_end_changes_nothing() {
    let shop = Shop::open("twin").await;
    shop.sell("tea", 1_200, 100).await;
    shop.sell("pot", 4_900, 1).await;
    join_all(cases(&shop).into_iter().map(|case| run(&shop, case))).await;
    quiet(&shop).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 96);
    assert_eq!(shop.available("pot").await, 1);
}

/// No execution of this corner runs any more.
async fn quiet(shop: &Shop) {
    let client = aws_sdk_sfn::Client::new(&shop.stack.aws);
    let ids: Vec<String> = shop
        .noted()
        .orders
        .iter()
        .map(ToString::to_string)
        .collect();
    let still = || async {
        for machine in ["SAGA_ARN", "RECOVERY_ARN"] {
            let listed = client
                .list_executions()
                .state_machine_arn(shop.stack.get(machine))
                .status_filter(aws_sdk_sfn::types::ExecutionStatus::Running)
                .send()
                .await;
            let running = must(listed).executions;
            if running
                .iter()
                .any(|it| ids.iter().any(|id| it.name.starts_with(id)))
            {
                return None;
            }
        }
        Some(())
    };
    until("all executions have ended", PATIENT, still).await;
}

/// Confirmed, mailed, and nothing of it on its way any more.
async fn told(shop: &Shop) -> Cart {
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let applied = || async { (inbox(shop, &cart).await == Sequence(2)).then_some(()) };
    until("the inbox has all events", SOON, applied).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    shop.check().await;
    cart
}

#[tokio::test]
async fn a_message_that_comes_again_is_taken_once() {
    let shop = Shop::open("message").await;
    let cart = told(&shop).await;
    let queue = shop.stack.get("NOTIFY_QUEUE_URL");
    let world = shop.world().await;
    let events: Vec<_> = world
        .published
        .iter()
        .filter(|it| it.aggregate_kind() == "order")
        .collect();
    assert_eq!(events.len(), 2);
    for (round, event) in events.iter().rev().chain(&events).enumerate() {
        let dedupe = format!("{}-{round}", shop.name());
        aws::send(&shop.stack, queue, event, &dedupe).await;
    }
    assert_eq!(inbox(&shop, &cart).await, Sequence(2));
    all_taken(&shop, &cart).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    shop.check().await;
}

/// The records of a stream come again: the events go out again under the same ids.
#[tokio::test]
async fn a_stream_record_that_comes_again_changes_nothing() {
    let shop = Shop::open("record").await;
    let cart = told(&shop).await;
    let event = shop.tables.stream_record_of(cart.id()).await;
    for function in ["start-saga", "publish-events"] {
        for _ in 0..2 {
            let answer = aws::invoke(&shop.stack, function, &event).await;
            assert!(answer.is_ok(), "{function}: {answer:?}");
        }
    }
    quiet(&shop).await;
    all_taken(&shop, &cart).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    shop.check().await;
}
