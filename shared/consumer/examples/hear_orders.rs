//! A consumer in a few lines: takes events, one a line, and tells of orders, each event once, in order.
//! What comes too early waits in the inbox for its turn.
//!
//! `cargo run -p consumer --example hear_orders < events`

use std::io::{self, BufRead};

use consumer::{ConsumeError, consume};
use contracts::events::Envelope;
use domain::ports::StoreError;
use jiff::Timestamp;
use testkit::fakes::FakeRealtime;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In a service: a table of its own, and a runner (`lambda_boot::serve_inbox`) around it.
    let inbox = FakeRealtime::default();
    for line in io::stdin().lock().lines() {
        hear(&inbox, Envelope::parse(&line?)?, &|told| println!("{told}")).await?;
    }
    Ok(())
}

async fn hear(
    inbox: &FakeRealtime,
    event: Envelope,
    tell: &impl Fn(String),
) -> Result<(), ConsumeError<StoreError>> {
    let now = Timestamp::UNIX_EPOCH;
    consume(inbox, event, now, async |event: Envelope| {
        tell(format!("{} {}", event.subject, event.event_type));
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use contracts::events::envelopes_of_order;
    use domain::Sequence;
    use testkit::build::{an_order, order_id};

    use super::*;

    #[tokio::test]
    async fn tells_of_each_event_once_and_in_order() {
        let events = envelopes_of_order(&an_order().confirmed(), Sequence::NONE);
        let (told, inbox) = (RefCell::new(Vec::new()), FakeRealtime::default());
        let tell = |text: String| told.borrow_mut().push(text);
        for event in events.iter().rev().chain(&events) {
            hear(&inbox, event.clone(), &tell).await.unwrap();
        }
        let expected = ["placed", "completed"];
        let line = |deed| format!("{} cartwright.order.{deed}.v1", order_id(1));
        assert_eq!(told.into_inner(), expected.map(line));
    }
}
