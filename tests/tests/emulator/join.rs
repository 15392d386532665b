//! Another team's queue, made of the template that is there to be copied, read by the example of the guide.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use jiff::Timestamp;
use testkit::{must, must_have};
use tests::emulator::aws;
use tests::emulator::shop::{SOON, Shop, now, stamp};
use tests::emulator::stack::Stack;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const TEMPLATE: &str = include_str!("../../../infra/subscribe.yaml");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The example, as somebody runs it who has the guide. It ends with what holds it.
fn listen(stack: &Stack, queue: &str, made: Timestamp) -> (Child, BufReader<ChildStdout>) {
    let started = Command::new(root().join(".local/venv/bin/python"))
        .arg(root().join("docs/guides/hear_orders.py"))
        .args([queue, &made.to_string()])
        .env_clear()
        .envs(stack.environment())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut started = must(started);
    let said = BufReader::new(must_have(started.stdout.take()));
    (started, said)
}

#[tokio::test]
async fn a_queue_of_another_team_gets_the_events_of_an_order_once_and_in_order() {
    let shop = Shop::open("join").await;
    shop.sell("tea", 1_200, 10).await;
    let name = format!("team-{}", stamp());
    let made = now();
    let parameters = [
        ("EventsTopicArn", shop.stack.get("EVENTS_TOPIC_ARN")),
        ("Service", name.as_str()),
    ];
    aws::make_stack(&shop.stack, &name, TEMPLATE, &parameters).await;
    let queue = aws::resource_id(&shop.stack, &name, "Queue").await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let (listener, mut said) = listen(&shop.stack, &queue, made);
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let mut line = String::new();
        must(must(timeout(SOON, said.read_line(&mut line)).await));
        assert!(!line.is_empty(), "the example ended");
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        // Others place orders at the same time.
        if words[0] == cart.id().to_string() {
            heard.push((words[1].clone(), words[2].clone()));
        }
    }
    drop(listener);
    let expected = [
        "cartwright.order.placed.v1",
        "cartwright.order.completed.v1",
    ];
    let expected = expected.into_iter().zip(["1", "2"]);
    let expected = expected.map(|(kind, number)| (number.to_owned(), kind.to_owned()));
    assert_eq!(heard, expected.collect::<Vec<_>>());
    aws::remove_stack(&shop.stack, &name).await;
    shop.check().await;
}
