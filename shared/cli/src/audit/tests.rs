//! Chains and anchors in memory, spoiled and not.

use audit::{Appended, SigningKey, anchor_name, append};
use serde_json::{Value, json};
use testkit::build::{an_audit_record, at};
use testkit::fakes::{FakeAnchors, FakeChains};
use testkit::must;

use super::*;
use crate::output::Format;

const OBJECT: &str = "order/1";

struct World {
    chains: FakeChains,
    anchors: FakeAnchors,
    key: SigningKey,
    head: Head,
}

impl World {
    /// A chain of so many entries, anchored at its end.
    async fn with(count: u64) -> Self {
        let mut world = Self {
            chains: FakeChains::default(),
            anchors: FakeAnchors::default(),
            key: must(SigningKey::parse(&"2a".repeat(32))),
            head: Head::empty(Shard::of(OBJECT)),
        };
        world.write(count).await;
        let mut anchor = Anchor::beginning();
        let heads = anchor.heads.iter_mut();
        heads
            .filter(|head| head.shard == world.head.shard)
            .for_each(|head| *head = world.head);
        let text = anchor.sign(&world.key);
        must(world.anchors.keep(&anchor_name(at(0)), &text).await);
        world
    }

    async fn write(&mut self, count: u64) {
        for _ in 0..count {
            let record = an_audit_record(&format!("m/{}", self.head.position));
            let Appended::Now(head) = must(append(&self.chains, self.head, &record).await) else {
                panic!("written before");
            };
            self.head = head;
        }
    }

    async fn verify(&self, shard: Option<u8>) -> (Ending, Vec<Value>) {
        let mut output = Output::new(Format::Json, Vec::new());
        let verify = Verify { shard };
        let (chains, anchors, key) = (&self.chains, &self.anchors, self.key.public());
        let ending = must(verify.run(chains, anchors, &key, &mut output).await);
        let text = must(String::from_utf8(output.into_sink()));
        let lines = text.lines();
        (
            ending,
            lines.map(|line| must(serde_json::from_str(line))).collect(),
        )
    }

    /// What is said of the one chain.
    async fn verdict(&self) -> (Ending, Value) {
        let (ending, mut said) = self.verify(Some(self.head.shard.number())).await;
        assert_eq!(said.len(), 1);
        (ending, said.remove(0))
    }
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_good() {
    let mut world = World::with(205).await;
    world.write(3).await;
    let (ending, said) = world.verify(None).await;
    assert_eq!(ending, Ending::Done);
    assert_eq!(said.len(), 16);
    let (_, own) = world.verdict().await;
    let chain = world.head.shard.number();
    assert_eq!(
        own,
        json!({"chain": chain, "entries": 208, "anchored": 205})
    );
}

#[tokio::test]
async fn an_edit_is_named_by_its_position() {
    let world = World::with(205).await;
    let mut entry = world.chains.all().remove(120);
    entry.record.object.push('x');
    world.chains.tamper(entry);
    let (ending, said) = world.verdict().await;
    assert_eq!(ending, Ending::Spoiled);
    assert_eq!(said["entries"], 120);
    let bad = json!({"position": 121, "why": "the entry was altered"});
    assert_eq!(said["bad"], bad);
}

#[tokio::test]
async fn a_removal_is_named_wherever_it_is() {
    for position in [1, 99, 100, 101, 199, 200, 204, 205] {
        let world = World::with(205).await;
        world.chains.remove(world.head.shard, position);
        let (ending, said) = world.verdict().await;
        assert_eq!(ending, Ending::Spoiled, "{position}");
        assert_eq!(said["bad"]["position"], position);
    }
}

#[tokio::test]
async fn a_cut_tail_is_named_back_to_the_anchor() {
    let world = World::with(205).await;
    for position in 150..=205 {
        world.chains.remove(world.head.shard, position);
    }
    let (ending, said) = world.verdict().await;
    assert_eq!(ending, Ending::Spoiled);
    let bad = json!({"position": 150, "why": "the entry is missing"});
    assert_eq!(said["bad"], bad);
}

#[tokio::test]
async fn an_anchor_of_somebody_else_verifies_nothing() {
    let world = World::with(5).await;
    let other = must(SigningKey::parse(&"2b".repeat(32))).public();
    let mut output = Output::new(Format::Text, Vec::new());
    let verify = Verify { shard: None };
    let (chains, anchors) = (&world.chains, &world.anchors);
    let failed = verify.run(chains, anchors, &other, &mut output).await;
    let words = failed.unwrap_err().in_words();
    let expected = "the newest anchor cannot be used: its signature is not ours";
    assert_eq!(words, expected);
}
