//! Anchors: signed, named backwards in time, and each the continuation of the one before.

use audit::{
    Anchor, AnchorError, Appended, Bad, ExtendError, Head, PublicKey, Shard, SigningKey, Why,
    anchor_name, append, extend,
};
use testkit::build::{an_audit_record, at};
use testkit::fakes::FakeChains;
use testkit::{must, must_fail, must_have};

fn key() -> SigningKey {
    must(SigningKey::parse(&"2a".repeat(32)))
}

/// Writes so many entries, each to an object of its own.
async fn write(store: &FakeChains, numbers: std::ops::Range<u32>) {
    let mut heads: Vec<Head> = Shard::all().map(Head::empty).collect();
    for head in &mut heads {
        *head = must(audit::last(store, *head).await);
    }
    for number in numbers {
        let mut record = an_audit_record(&format!("m/{number}"));
        record.object = format!("order/{number}");
        let shard = usize::from(Shard::of(&record.object).number());
        let Appended::Now(head) = must(append(store, heads[shard], &record).await) else {
            panic!("{number} was written before");
        };
        heads[shard] = head;
    }
}

async fn anchored(store: &FakeChains, before: &Anchor) -> Result<Anchor, Bad> {
    match extend(store, before, at(60), 10_000).await {
        Ok(anchor) => Ok(anchor),
        Err(ExtendError::Bad(bad)) => Err(bad),
        Err(error) => panic!("{error}"),
    }
}

fn longest(anchor: &Anchor) -> Head {
    must_have(
        anchor
            .heads
            .iter()
            .copied()
            .max_by_key(|head| head.position),
    )
}

#[tokio::test]
async fn an_anchor_is_read_back_by_its_key_only() {
    let store = FakeChains::default();
    write(&store, 0..100).await;
    let anchor = must(anchored(&store, &Anchor::beginning()).await);
    let text = anchor.sign(&key());
    assert_eq!(Anchor::read(&text, &key().public()), Ok(anchor));
    let other = must(SigningKey::parse(&"2b".repeat(32))).public();
    assert_eq!(Anchor::read(&text, &other), Err(AnchorError::Signature));
    let public = must(PublicKey::parse(&key().public().to_string()));
    assert_eq!(public, key().public());
}

#[test]
fn a_changed_anchor_is_no_anchor() {
    let text = Anchor::beginning().sign(&key());
    for (from, to) in [
        ("1970", "1971"),
        ("\n0 0 ", "\n0 1 "),
        ("signature ", "signature 00"),
        ("anchor-1", "anchor-2"),
        ("\n1 0 ", "\n0 0 "),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let error = must_fail(Anchor::read(&changed, &key().public()));
        assert_eq!(error, AnchorError::Signature, "{from}");
    }
    for nonsense in ["", "signature ", "signature 00\n", "a\nsignature x"] {
        Anchor::read(nonsense, &key().public()).unwrap_err();
    }
}

#[test]
fn an_anchor_that_leaves_a_chain_out_is_no_anchor() {
    let mut short = Anchor::beginning();
    short.heads.pop();
    let text = short.sign(&key());
    assert_eq!(Anchor::read(&text, &key().public()), Err(AnchorError::Form));
}

#[test]
fn newer_anchors_have_names_that_sort_first() {
    let names = [0, 60, 3_600, 1_000_000].map(|second| anchor_name(at(second)));
    assert_eq!(names[0], "anchors/970257519-2026-07-20T12-00Z.txt");
    assert!(names.is_sorted_by(|one, next| one > next), "{names:?}");
    assert_eq!(anchor_name(at(0)), anchor_name(at(59)));
}

#[tokio::test]
async fn each_anchor_continues_the_one_before() {
    let store = FakeChains::default();
    write(&store, 0..40).await;
    let first = must(anchored(&store, &Anchor::beginning()).await);
    let same = must(anchored(&store, &first).await);
    assert_eq!(same.heads, first.heads);
    write(&store, 40..200).await;
    let second = must(anchored(&store, &first).await);
    let total: u64 = second.heads.iter().map(|head| head.position).sum();
    assert_eq!(total, 200);
}

#[tokio::test]
async fn a_minute_that_brought_nothing_costs_two_reads_of_each_chain() {
    let store = FakeChains::default();
    write(&store, 0..200).await;
    let first = must(anchored(&store, &Anchor::beginning()).await);
    let before = store.reads();
    must(anchored(&store, &first).await);
    assert_eq!(store.reads() - before, 2 * first.heads.len());
}

#[tokio::test]
async fn a_long_way_is_anchored_in_parts() {
    let store = FakeChains::default();
    write(&store, 0..3_000).await;
    let mut anchor = Anchor::beginning();
    for part in 1..=6 {
        anchor = must(extend(&store, &anchor, at(0), 50).await);
        assert!(longest(&anchor).position <= 50 * part, "{part}");
    }
    let total: u64 = anchor.heads.iter().map(|head| head.position).sum();
    assert_eq!(total, 3_000);
}

#[tokio::test]
async fn nothing_is_anchored_on_a_chain_that_was_rewritten() {
    let store = FakeChains::default();
    write(&store, 0..100).await;
    let first = must(anchored(&store, &Anchor::beginning()).await);
    let head = longest(&first);
    let last = || {
        let all = store.all();
        must_have(all.into_iter().find(|entry| entry.head() == head))
    };
    let bad = |why| {
        Err(Bad {
            shard: head.shard,
            position: head.position,
            why,
        })
    };
    let good = last();

    let mut edited = good.clone();
    edited.record.action.push('x');
    store.tamper(edited);
    assert_eq!(anchored(&store, &first).await, bad(Why::Altered));

    let mut rewritten = good.clone();
    rewritten.hash.0[0] ^= 1;
    store.tamper(rewritten);
    assert_eq!(anchored(&store, &first).await, bad(Why::Unanchored));

    store.remove(head.shard, head.position);
    assert_eq!(anchored(&store, &first).await, bad(Why::Missing));

    store.tamper(good);
    must(anchored(&store, &first).await);
}

#[tokio::test]
async fn nothing_is_anchored_that_does_not_follow() {
    let store = FakeChains::default();
    write(&store, 0..100).await;
    let first = must(anchored(&store, &Anchor::beginning()).await);
    write(&store, 100..200).await;
    let newer = |entry: &audit::Entry| {
        let anchored = first.heads.iter().find(|head| head.shard == entry.shard);
        anchored.is_some_and(|head| entry.position == head.position + 1)
    };
    let mut entry = must_have(store.all().into_iter().find(newer));
    entry.record.object.push('x');
    store.tamper(entry.clone());
    let bad = Bad {
        shard: entry.shard,
        position: entry.position,
        why: Why::Altered,
    };
    assert_eq!(anchored(&store, &first).await, Err(bad));
}

#[tokio::test]
async fn the_end_of_a_long_chain_is_found_in_few_reads() {
    let store = FakeChains::default();
    let shard = must_have(Shard::new(0));
    let mut head = Head::empty(shard);
    for number in 0..1_000 {
        let record = an_audit_record(&format!("m/{number}"));
        let Appended::Now(next) = must(append(&store, head, &record).await) else {
            panic!("{number} was written before");
        };
        head = next;
    }
    let before = store.reads();
    assert_eq!(must(audit::last(&store, Head::empty(shard)).await), head);
    assert!(store.reads() - before <= 22, "{}", store.reads() - before);
    assert_eq!(must(audit::last(&store, head).await), head);
}
