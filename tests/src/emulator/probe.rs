//! A queue of the tests' own that hears everything the topic publishes.

use std::collections::BTreeMap;

use contracts::events::Envelope;
use tokio::sync::{Mutex, OnceCell};

use super::aws;
use super::shop::stamp;
use super::stack::Stack;

/// The queue and what came out of it so far, in order per aggregate.
struct Probe {
    queue: String,
    heard: Mutex<BTreeMap<String, Vec<Envelope>>>,
}

static PROBE: OnceCell<Probe> = OnceCell::const_new();

async fn probe(stack: &Stack) -> &'static Probe {
    let listen = || async {
        let name = format!("probe-{}.fifo", stamp());
        let (queue, arn) = aws::make_queue(stack, &name).await;
        aws::subscribe(stack, &arn).await;
        let heard = Mutex::default();
        Probe { queue, heard }
    };
    PROBE.get_or_init(listen).await
}

/// Begins to listen. What was published before is not heard.
pub async fn listen(stack: &Stack) {
    probe(stack).await;
}

/// Takes out what is in the queue now.
pub async fn drain(stack: &Stack) {
    let probe = probe(stack).await;
    let mut heard = probe.heard.lock().await;
    loop {
        let messages = aws::receive(stack, &probe.queue).await;
        if messages.is_empty() {
            break;
        }
        aws::delete(stack, &probe.queue, &messages).await;
        for message in messages {
            let subject = message.event.subject.clone();
            heard.entry(subject).or_default().push(message.event);
        }
    }
}

/// What was published about these subjects until now, with repeats, in order per aggregate.
pub async fn published(stack: &Stack, about: impl Fn(&str) -> bool) -> Vec<Envelope> {
    drain(stack).await;
    let heard = probe(stack).await.heard.lock().await;
    let wanted = heard.iter().filter(|(subject, _)| about(subject));
    wanted.flat_map(|(_, events)| events.clone()).collect()
}
