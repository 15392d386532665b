//! What `notify` cannot take in goes to its dead letters, and its order goes on by the command line.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use contracts::events::{Envelope, envelopes_of_order};
use domain::ports::{CountDeliveries, Inbox, Load};
use domain::{Order, Sequence};
use futures::FutureExt;
use messaging::{Letters, Queue, Roots};
use serde_json::Value;
use testkit::{must, must_have};
use tests::emulator::audit_log::says;
use tests::emulator::aws;
use tests::emulator::cart::Cart;
use tests::emulator::inbox::{all_applied, told};
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{SOON, Shop, now, stamp};
use tests::emulator::stack::Stack;
use tests::emulator::wait::until;

use crate::command_line::{cartwright, told_in};
use crate::refunds::cancel;

/// Orders beside those that are poisoned.
const OTHERS: usize = 18;
/// How long a message that failed is away, in seconds: in the template, and here, where it fails ten times.
const AWAY: u32 = 180;
const AWAY_HERE: u32 = 2;
/// How long it may take to be given up.
const GIVEN_UP: Duration = Duration::from_secs(180);

/// An empty queue that keeps an order.
async fn a_queue() -> Letters {
    let stack = Stack::open().await;
    let name = format!("letters-{}.fifo", stamp());
    let (url, _) = aws::make_queue(&stack, &name).await;
    let queue = Queue::connect(&stack.aws, &Roots::amazon(), &url);
    must(queue).letters(now)
}

mod queue {
    testkit::check_queue!(super::a_queue());
}

/// While a message that failed comes back at once. Whatever happens, the queue is left as it was.
async fn while_tries_are_short(shop: &Shop, test: impl Future<Output = ()>) {
    let queue = shop.stack.get("NOTIFY_QUEUE_URL");
    aws::hide_for(&shop.stack, queue, AWAY_HERE).await;
    let tested = AssertUnwindSafe(test).catch_unwind().await;
    aws::hide_for(&shop.stack, queue, AWAY).await;
    if let Err(panic) = tested {
        resume_unwind(panic);
    }
}

fn group(cart: &Cart) -> String {
    format!("order/{}", cart.id())
}

/// The mail that tells how the order ended.
fn mail(cart: &Cart) -> String {
    format!("{}/2", group(cart))
}

/// Nobody can read how often that mail was tried: a person has to look.
async fn poison(shop: &Shop, cart: &Cart) {
    must(shop.tables.realtime.claim(&mail(cart)).await);
    shop.tables.spoil_tries(&mail(cart)).await;
}

async fn events_of(shop: &Shop, cart: &Cart) -> Vec<Envelope> {
    let order: Option<Order> = must(shop.tables.orders.load(&cart.id()).await);
    envelopes_of_order(&must_have(order), Sequence::NONE)
}

/// Sequences of what `dead-letters show` says of an order.
async fn dead(shop: &Shop, cart: &Cart) -> Vec<u64> {
    let aggregate = group(cart);
    let show = [
        "dead-letters",
        "show",
        "notify",
        "--aggregate",
        &aggregate,
        "--json",
    ];
    let (code, said) = cartwright(shop, &show).await;
    assert_eq!(code, Some(0));
    let sequence = |line| {
        let shown: Value = must(serde_json::from_str(line));
        must_have(shown["sequence"].as_u64())
    };
    said.lines().map(sequence).collect()
}

/// Confirmed, charged and paid back; nothing after its placement was applied, and the rest is held.
async fn is_stuck(shop: &Shop, cart: &Cart) {
    until("it to be given up", GIVEN_UP, || async {
        dead(shop, cart).await.first().copied()
    })
    .await;
    assert_eq!(cancel(shop, cart).await.status, 202);
    until("the rest to be held", SOON, || async {
        let last = must_have(events_of(shop, cart).await.pop()).sequence;
        let taken = must(shop.tables.realtime.taken(&group(cart)).await);
        let all = last == 4 && taken.held.contains_key(&Sequence(last));
        (all && taken.applied == Sequence(1)).then_some(())
    })
    .await;
}

async fn replay(shop: &Shop, cart: &Cart, more: &[&str]) -> (Option<i32>, String) {
    let aggregate = group(cart);
    let command = [
        "dead-letters",
        "replay",
        "notify",
        "--aggregate",
        &aggregate,
    ];
    cartwright(shop, &[&command[..], more].concat()).await
}

/// Says what would be done, and does nothing.
async fn nothing_is_changed_by_looking(shop: &Shop, cart: &Cart) {
    let before = dead(shop, cart).await;
    let (code, said) = replay(shop, cart, &["--dry-run"]).await;
    assert_eq!(code, Some(0));
    let words = format!("{} would be sent back", before.len());
    assert!(said.contains(&words), "{said}");
    let (code, said) = cartwright(shop, &["dead-letters", "list"]).await;
    assert_eq!(code, Some(0));
    assert!(said.lines().any(|it| it.starts_with("notify ")), "{said}");
    assert!(dead(shop, cart).await.len() >= before.len());
}

/// The queue that it is to go back to is away.
async fn nothing_is_removed_that_is_not_sent(shop: &Shop, cart: &Cart) {
    let before = dead(shop, cart).await;
    let mut elsewhere = shop.stack.environment().clone();
    let names = must_have(elsewhere.get_mut("DEAD_LETTER_QUEUES"));
    *names = names.replace("-notify.fifo", "-nobody.fifo");
    let aggregate = group(cart);
    let command = [
        "dead-letters",
        "replay",
        "notify",
        "--aggregate",
        &aggregate,
    ];
    let (code, said) = told_in(&elsewhere, &command, "").await;
    assert_eq!(code, Some(1));
    assert!(said.starts_with("0 sent back"), "{said}");
    assert!(dead(shop, cart).await.len() >= before.len());
}

/// Sends back what is there until nothing comes any more: copies may have been on their way.
async fn replay_all(shop: &Shop, cart: &Cart) {
    until("nothing to be left", GIVEN_UP, || async {
        let (code, _) = replay(shop, cart, &[]).await;
        assert_eq!(code, Some(0));
        dead(shop, cart).await.is_empty().then_some(())
    })
    .await;
}

async fn skip(shop: &Shop, cart: &Cart, sequence: &str, more: &[&str]) -> Option<i32> {
    let aggregate = group(cart);
    let command = [
        "events",
        "skip",
        "--consumer",
        "notify",
        "--aggregate",
        &aggregate,
    ];
    let who = [
        "--sequence",
        sequence,
        "--by",
        "dora",
        "--reason",
        "it arrived",
    ];
    let (code, _) = cartwright(shop, &[&command[..], &who[..], more].concat()).await;
    code
}

/// It can be read again that the mail was not sent.
async fn mended(shop: &Shop, cart: &Cart) {
    let realtime = &shop.tables.realtime;
    must(realtime.given_up(&mail(cart)).await);
    for _ in 0..2 {
        must(realtime.not_sent(&mail(cart)).await);
    }
    replay_all(shop, cart).await;
    all_applied(&shop.tables.realtime, &events_of(shop, cart).await).await;
    let told = mails_to(&shop.stack, &cart.email()).await;
    let [confirmed, refunded] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(confirmed.contains("is confirmed"), "{confirmed}");
    assert!(refunded.contains("went back"), "{refunded}");
}

/// Somebody says that it arrived: the order goes on without it.
async fn skipped(shop: &Shop, cart: &Cart) {
    for sequence in ["1", "3", "9"] {
        assert_eq!(skip(shop, cart, sequence, &[]).await, Some(1), "{sequence}");
    }
    assert_eq!(skip(shop, cart, "2", &["--dry-run"]).await, Some(0));
    let taken = must(shop.tables.realtime.taken(&group(cart)).await);
    assert_eq!(taken.applied, Sequence(1));
    assert_eq!(skip(shop, cart, "2", &[]).await, Some(0));
    all_applied(&shop.tables.realtime, &events_of(shop, cart).await).await;
    let told = mails_to(&shop.stack, &cart.email()).await;
    assert!(told.len() == 1 && told[0].contains("went back"), "{told:?}");
    let entry = "done event.skipped 2 by notify: it arrived by operator dora".to_owned();
    says(shop, &group(cart), &[entry]).await;
    assert_eq!(skip(shop, cart, "2", &[]).await, Some(1), "it is over");
    // Whoever hears of it again knows it.
    replay_all(shop, cart).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
}

/// Among others, which hear of their orders as ever.
#[tokio::test]
async fn f18_what_cannot_be_applied_waits_alone_and_goes_on_in_order() {
    let shop = Shop::alone("poison").await;
    shop.sell("tea", 1_200, 100).await;
    let [mend, leave] = [shop.cart(&[("tea", 1)]), shop.cart(&[("tea", 1)])];
    while_tries_are_short(&shop, async {
        for cart in [&mend, &leave] {
            poison(&shop, cart).await;
            shop.place(cart).await;
        }
        for _ in 0..OTHERS {
            let cart = shop.cart(&[("tea", 1)]);
            shop.place(&cart).await;
            shop.ends(&cart, SOON, "confirmed", None).await;
            told(&shop, &cart).await;
            assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
        }
        for cart in [&mend, &leave] {
            is_stuck(&shop, cart).await;
        }
        nothing_is_changed_by_looking(&shop, &mend).await;
        nothing_is_removed_that_is_not_sent(&shop, &mend).await;
        mended(&shop, &mend).await;
        skipped(&shop, &leave).await;
    })
    .await;
    must(shop.tables.realtime.given_up(&mail(&leave)).await);
    shop.check().await;
}
