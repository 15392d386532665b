//! What was done to a chain after it was written is found, wherever it was done.

// The lints know helpers of tests by this attribute only.
#[cfg(test)]
mod anchors;

use std::sync::LazyLock;

use audit::{Bad, Entry, Head, Opened, Outcome, Personal, Record, Salt, Shard, Why, verify};
use proptest::prelude::*;
use testkit::build::{an_audit_record, at};
use testkit::must_have;

/// Entries of the chain that is spoiled.
const LENGTH: u64 = 120;
/// The position that was anchored last.
const ANCHORED: u64 = 100;

fn shard() -> Shard {
    must_have(Shard::new(5))
}

fn chain_of(shard: Shard, records: impl IntoIterator<Item = Record>) -> Vec<Entry> {
    let mut head = Head::empty(shard);
    let entry = |record| {
        let entry = Entry::after(&head, record);
        head = entry.head();
        entry
    };
    records.into_iter().map(entry).collect()
}

/// The chain that each test spoils a copy of.
static CHAIN: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let record = |number| Record {
        at: at(i64::try_from(number).unwrap_or_default()),
        object: format!("order/{}", number % 7),
        ..an_audit_record(&format!("order/{}/{number}", number % 7))
    };
    chain_of(shard(), (1..=LENGTH).map(record))
});

fn chain() -> Vec<Entry> {
    CHAIN.clone()
}

fn anchor(chain: &[Entry]) -> Head {
    let anchored = chain.iter().find(|entry| entry.position == ANCHORED);
    must_have(anchored).head()
}

fn judge(chain: Vec<Entry>, anchor: Head) -> Result<Head, Bad> {
    let entries: Vec<_> = chain.into_iter().map(Some).collect();
    verify(shard(), &entries, &[anchor])
}

fn index(position: u64) -> usize {
    usize::try_from(position - 1).unwrap_or_default()
}

type Edit = fn(&mut Entry);

/// Each part of an entry, changed.
const EDITS: [(&str, Edit, Why); 15] = [
    ("message", |it| it.record.message.push('x'), Why::Altered),
    ("time", |it| it.record.at = at(9_999), Why::Altered),
    (
        "kind",
        |it| it.record.actor.kind = audit::ActorKind::ApiKey,
        Why::Altered,
    ),
    ("tenant", |it| it.record.actor.tenant = None, Why::Altered),
    (
        "no actor",
        |it| it.record.actor.subject = None,
        Why::Altered,
    ),
    (
        "another actor",
        |it| it.record.actor.subject = Some(Personal::of("bob", Salt([7; 16]))),
        Why::Altered,
    ),
    (
        "value of the actor",
        |it| open(it).value = "bob".to_owned(),
        Why::Unsealed,
    ),
    (
        "salt of the actor",
        |it| open(it).salt = Salt([8; 16]),
        Why::Unsealed,
    ),
    (
        "action",
        |it| it.record.action = "other".to_owned(),
        Why::Altered,
    ),
    ("object", |it| it.record.object.push('0'), Why::Altered),
    (
        "address",
        |it| it.record.from.address = Some(Personal::of("::1", Salt([1; 16]))),
        Why::Altered,
    ),
    ("request", |it| it.record.from.request = None, Why::Altered),
    (
        "outcome",
        |it| it.record.outcome = Outcome::Refused(String::new()),
        Why::Altered,
    ),
    ("hash", |it| it.hash.0[0] ^= 1, Why::Altered),
    ("link", |it| it.previous.0[31] ^= 1, Why::Unlinked),
];

fn open(entry: &mut Entry) -> &mut Opened {
    let subject = entry.record.actor.subject.as_mut();
    must_have(subject.and_then(|subject| subject.opened.as_mut()))
}

fn a_thousand() -> ProptestConfig {
    ProptestConfig::with_cases(1_000)
}

proptest! {
    #![proptest_config(a_thousand())]

    #[test]
    fn an_edit_is_found_at_its_position(position in 1..=LENGTH, edit in 0..EDITS.len()) {
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        let (_, edit, why) = EDITS[edit];
        edit(&mut spoiled[index(position)]);
        prop_assert_eq!(judge(spoiled, anchor), Err(Bad { shard: shard(), position, why }));
    }

    #[test]
    fn a_removal_is_found_at_its_position(position in 1..LENGTH, close in any::<bool>()) {
        let whole = chain();
        let anchor = anchor(&whole);
        let mut entries: Vec<_> = whole.into_iter().map(Some).collect();
        let why = if close {
            entries.remove(index(position));
            Why::Misplaced
        } else {
            entries[index(position)] = None;
            Why::Missing
        };
        let found = verify(shard(), &entries, &[anchor]);
        prop_assert_eq!(found, Err(Bad { shard: shard(), position, why }));
    }

    #[test]
    fn a_removal_with_new_numbers_is_found_at_its_position(position in 1..LENGTH) {
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        spoiled.remove(index(position));
        for entry in &mut spoiled[index(position)..] {
            entry.position -= 1;
        }
        let why = Why::Unlinked;
        prop_assert_eq!(judge(spoiled, anchor), Err(Bad { shard: shard(), position, why }));
    }

    #[test]
    fn a_swap_is_found_at_the_first_of_both(one in 1..=LENGTH, other in 1..=LENGTH, renumber in any::<bool>()) {
        prop_assume!(one != other);
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        spoiled.swap(index(one), index(other));
        let why = if renumber {
            spoiled[index(one)].position = one;
            spoiled[index(other)].position = other;
            Why::Unlinked
        } else {
            Why::Misplaced
        };
        let position = one.min(other);
        prop_assert_eq!(judge(spoiled, anchor), Err(Bad { shard: shard(), position, why }));
    }

    #[test]
    fn swapped_records_are_found_at_the_first_of_both(one in 1..=LENGTH, other in 1..=LENGTH) {
        prop_assume!(one != other);
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        let record = spoiled[index(one)].record.clone();
        spoiled[index(one)].record = spoiled[index(other)].record.clone();
        spoiled[index(other)].record = record;
        let (position, why) = (one.min(other), Why::Altered);
        prop_assert_eq!(judge(spoiled, anchor), Err(Bad { shard: shard(), position, why }));
    }

    #[test]
    fn an_entry_that_was_put_in_is_found_at_the_latest_behind_itself(position in 1..=LENGTH, renumber in any::<bool>()) {
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        let before = match position {
            1 => Head::empty(shard()),
            later => spoiled[index(later - 1)].head(),
        };
        spoiled.insert(index(position), Entry::after(&before, an_audit_record("forged")));
        let why = if renumber {
            for entry in &mut spoiled[index(position + 1)..] {
                entry.position += 1;
            }
            Why::Unlinked
        } else {
            Why::Misplaced
        };
        // It follows from what is before it; but what it displaces does not follow from it.
        let (position, why) = match position {
            ANCHORED => (ANCHORED, Why::Unanchored),
            earlier_or_later => (earlier_or_later + 1, why),
        };
        let found = Err(Bad {
            shard: shard(),
            position,
            why,
        });
        prop_assert_eq!(judge(spoiled, anchor), found);
    }

    #[test]
    fn a_cut_tail_is_found_back_to_the_last_anchor(length in 0..LENGTH) {
        let mut spoiled = chain();
        let anchor = anchor(&spoiled);
        spoiled.truncate(usize::try_from(length).unwrap_or_default());
        let position = length + 1;
        let missing = Bad { shard: shard(), position, why: Why::Missing };
        match judge(spoiled, anchor) {
            Ok(head) => prop_assert!(length >= ANCHORED && head.position == length),
            Err(bad) => prop_assert!(length < ANCHORED && bad == missing, "{}", bad),
        }
    }

    #[test]
    fn what_was_rewritten_up_to_its_end_is_found_at_the_anchor(position in 1..=ANCHORED) {
        let whole = chain();
        let anchor = anchor(&whole);
        let mut records: Vec<_> = whole.into_iter().map(|entry| entry.record).collect();
        records[index(position)].object = "order/none".to_owned();
        let rewritten = chain_of(shard(), records);
        let found = Bad { shard: shard(), position: ANCHORED, why: Why::Unanchored };
        prop_assert_eq!(judge(rewritten, anchor), Err(found));
    }

    #[test]
    fn erasure_anywhere_breaks_nothing(positions in prop::collection::vec(1..=LENGTH, 1..40)) {
        let mut erased = chain();
        let (anchor, head) = (anchor(&erased), must_have(erased.last()).head());
        for position in positions {
            erased[index(position)].record.erase();
        }
        prop_assert_eq!(judge(erased, anchor), Ok(head));
    }
}

#[test]
fn a_chain_that_nobody_touched_is_good() {
    let chain = chain();
    let (anchor, head) = (anchor(&chain), must_have(chain.last()).head());
    assert_eq!(judge(chain, anchor), Ok(head));
    assert_eq!(verify(shard(), &[], &[]), Ok(Head::empty(shard())));
}

#[test]
fn an_entry_of_another_chain_is_found() {
    let other = must_have(Shard::new(6));
    let mut foreign = chain_of(other, [an_audit_record("a")]);
    let bad = |why| {
        Err(Bad {
            shard: shard(),
            position: 1,
            why,
        })
    };
    let found = verify(shard(), &[Some(foreign[0].clone())], &[]);
    assert_eq!(found, bad(Why::Misplaced));
    foreign[0].shard = shard();
    assert_eq!(
        verify(shard(), &[Some(foreign[0].clone())], &[]),
        bad(Why::Unlinked)
    );
}

#[test]
fn an_erased_value_is_nowhere_in_an_entry() {
    let mut entry = must_have(chain().into_iter().next());
    assert!(format!("{entry:?}").contains("alice"));
    entry.record.erase();
    assert!(!format!("{entry:?}").contains("alice"));
}

#[test]
fn objects_are_spread_over_all_chains() {
    let mut counts = [0_u32; 16];
    for number in 0..16_000 {
        let shard = Shard::of(&format!("order/{number}"));
        counts[usize::from(shard.number())] += 1;
    }
    for (shard, count) in counts.iter().enumerate() {
        assert!((850..1_150).contains(count), "{shard}: {count}");
    }
    assert_eq!(Shard::all().count(), 16);
    assert_eq!(must_have(Shard::all().last()).number(), 15);
    assert_eq!(Shard::new(16), None);
}

/// What the first entry of these tests hashes to.
const HASH: &str = "1c2d03d8c4176e7795c6f821b860d6785ab4a42a5b3e4d5482a5854474c4b18b";

/// The form of what is hashed is part of every chain ever written.
#[test]
fn the_hash_of_an_entry_does_not_change() {
    let entry = Entry::after(&Head::empty(shard()), an_audit_record("a"));
    assert_eq!(entry.hash.to_string(), HASH);
    let read = must_have(audit::Hash::parse(&entry.hash.to_string()));
    assert_eq!(read, entry.hash);
}
