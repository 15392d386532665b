//! Chains and anchors in memory.

use audit::{Appended, Head, Shard, append};
use testkit::build::{an_audit_record, at};
use testkit::fakes::{FakeAnchors, FakeChains};
use testkit::must;

use super::*;

struct World {
    chains: FakeChains,
    anchors: FakeAnchors,
    key: SigningKey,
    head: Head,
}

impl World {
    fn new() -> Self {
        Self {
            chains: FakeChains::default(),
            anchors: FakeAnchors::default(),
            key: must(SigningKey::parse(&"2a".repeat(32))),
            head: Head::empty(Shard::of("order/1")),
        }
    }

    /// Writes so many entries.
    async fn write(&mut self, count: u64) {
        for _ in 0..count {
            let message = format!("m/{}", self.head.position);
            let record = an_audit_record(&message);
            let Appended::Now(head) = must(append(&self.chains, self.head, &record).await) else {
                panic!("{message} was written before");
            };
            self.head = head;
        }
    }

    async fn tick(&self, minute: i64) -> Result<Anchored, AnchorAuditError> {
        handle(&self.chains, &self.anchors, &self.key, at(60 * minute)).await
    }

    fn newest(&self) -> Anchor {
        let all = self.anchors.all();
        let text = all.values().next().unwrap();
        must(Anchor::read(text, &self.key.public()))
    }
}

#[tokio::test]
async fn every_minute_says_how_far_the_chains_go() {
    let mut world = World::new();
    assert_eq!(must(world.tick(0).await), Anchored { entries: 0, new: 0 });
    world.write(5).await;
    assert_eq!(must(world.tick(1).await), Anchored { entries: 5, new: 5 });
    assert!(world.newest().heads.contains(&world.head));
    world.write(3).await;
    assert_eq!(must(world.tick(2).await), Anchored { entries: 8, new: 3 });
    assert_eq!(must(world.tick(3).await), Anchored { entries: 8, new: 0 });
    assert_eq!(world.anchors.all().len(), 4);
    assert_eq!(world.newest().at, at(180));
}

#[tokio::test]
async fn a_second_anchor_of_a_minute_is_not_kept() {
    let mut world = World::new();
    must(world.tick(0).await);
    let first = world.anchors.all();
    world.write(1).await;
    must(world.tick(0).await);
    assert_eq!(world.anchors.all(), first);
}

#[tokio::test]
async fn nothing_is_signed_where_a_chain_was_changed() {
    let mut world = World::new();
    world.write(5).await;
    must(world.tick(0).await);
    let mut entry = world.chains.all().pop().unwrap();
    entry.record.object.push('x');
    world.chains.tamper(entry);
    let refused = world.tick(1).await.unwrap_err();
    assert!(matches!(refused, AnchorAuditError::Bad(_)), "{refused:?}");
    assert_eq!(refused.name(), ErrorName::Internal);
    assert_eq!(world.anchors.all().len(), 1);
}

#[tokio::test]
async fn nothing_is_signed_after_an_anchor_that_is_not_ours() {
    let world = World::new();
    must(world.tick(0).await);
    let other = must(SigningKey::parse(&"2b".repeat(32)));
    let forged = Anchor::beginning().sign(&other);
    world.anchors.tamper(&anchor_name(at(60)), &forged);
    let refused = world.tick(2).await.unwrap_err();
    assert_eq!(refused.name(), ErrorName::Internal);
    assert_eq!(world.anchors.all().len(), 2);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["AUDIT_TABLE", "AUDIT_ANCHORS", "AUDIT_KEY"]);
    let odd = Env::from_pairs([
        ("AUDIT_TABLE", "t"),
        ("AUDIT_ANCHORS", "b"),
        ("AUDIT_KEY", "x"),
    ]);
    let text = Config::from_env(&odd).unwrap_err().to_string();
    assert!(text.contains("AUDIT_KEY"), "{text}");
}
