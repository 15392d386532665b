//! Checks of [`KeepClaims`].

use domain::ports::StoreError;
use idempotency::{Answer, Claim, ClaimError, Fingerprint, KeepClaims, Key, Progress, Stored};
use uuid::Uuid;

use crate::build::at;
use crate::{must, must_have};

/// What a store of claims is here.
pub trait Claims: KeepClaims<Error = StoreError> {}
impl<S: KeepClaims<Error = StoreError>> Claims for S {}

fn claim(id: u128) -> Claim {
    Claim {
        key: Key::of(&["shop", "alice", "key-1"]),
        id: Uuid::from_u128(id),
        fingerprint: Fingerprint::of(&[b"asked"]),
        deadline: at(30),
        expires: at(3600),
    }
}

fn answer() -> Answer {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Answer {
        status: 201,
        headers: vec![header("location", "/there"), header("etag", "\"1\"")],
        // Bytes, not text: whatever was answered is answered again.
        body: vec![b'{', 0, 255, b'}'],
    }
}

fn stored_in(written: Result<(), ClaimError<StoreError>>) -> Stored {
    match written {
        Err(ClaimError::Taken(stored)) => *must_have(stored),
        other => panic!("taken, not {other:?}"),
    }
}

/// One of two has the key, and the other is told who.
pub async fn gives_a_key_to_one(store: &impl Claims) {
    must(store.claim(&claim(1), None, at(0)).await);
    let stored = stored_in(store.claim(&claim(2), None, at(1)).await);
    let holds = Stored {
        claim: claim(1),
        progress: Progress::Running,
    };
    assert_eq!(stored, holds);
    let other = Claim {
        key: Key::of(&["shop", "bob", "key-1"]),
        ..claim(3)
    };
    must(store.claim(&other, None, at(1)).await);
}

/// An answer is kept byte for byte, and only the first one.
pub async fn keeps_the_first_answer(store: &impl Claims) {
    must(store.claim(&claim(1), None, at(0)).await);
    must(store.complete(&claim(1), &answer()).await);
    let done = Stored {
        claim: claim(1),
        progress: Progress::Done(answer()),
    };
    assert_eq!(stored_in(store.claim(&claim(2), None, at(1)).await), done);
    let another = Answer {
        status: 500,
        headers: vec![],
        body: vec![],
    };
    assert_eq!(stored_in(store.complete(&claim(1), &another).await), done);
    assert_eq!(stored_in(store.claim(&claim(2), None, at(1)).await), done);
}

/// Who does not hold the key stores no answer.
pub async fn takes_an_answer_from_the_holder_only(store: &impl Claims) {
    let nobody = store.complete(&claim(1), &answer()).await;
    assert_eq!(nobody, Err(ClaimError::Taken(None)));
    must(store.claim(&claim(1), None, at(0)).await);
    let stored = stored_in(store.complete(&claim(2), &answer()).await);
    assert_eq!(stored.progress, Progress::Running);
}

/// A claim is taken over from the one that is named, once, and never after its answer.
pub async fn hands_a_claim_over_once(store: &impl Claims) {
    let over = |id| Some(Uuid::from_u128(id));
    let nothing = store.claim(&claim(2), over(1), at(40)).await;
    assert_eq!(nothing, Err(ClaimError::Taken(None)));
    must(store.claim(&claim(1), None, at(0)).await);
    must(store.claim(&claim(2), over(1), at(40)).await);
    let stored = stored_in(store.claim(&claim(3), over(1), at(40)).await);
    assert_eq!(stored.claim, claim(2));
    let late = stored_in(store.complete(&claim(1), &answer()).await);
    assert_eq!(late.claim, claim(2));
    must(store.complete(&claim(2), &answer()).await);
    let done = stored_in(store.claim(&claim(3), over(2), at(50)).await);
    assert_eq!(done.progress, Progress::Done(answer()));
}

/// A key is free again when its holder gives it back, and nobody else's is given back.
pub async fn gives_a_key_back(store: &impl Claims) {
    must(store.release(claim(1).key, claim(1).id).await);
    must(store.claim(&claim(1), None, at(0)).await);
    must(store.release(claim(2).key, claim(2).id).await);
    assert_eq!(
        stored_in(store.claim(&claim(2), None, at(1)).await).claim,
        claim(1)
    );
    must(store.release(claim(1).key, claim(1).id).await);
    must(store.claim(&claim(2), None, at(1)).await);
    must(store.complete(&claim(2), &answer()).await);
    must(store.release(claim(2).key, claim(2).id).await);
    let stays = stored_in(store.claim(&claim(3), None, at(2)).await);
    assert_eq!(stays.progress, Progress::Done(answer()));
}

/// What expired is forgotten, answered or not, whether or not it was removed yet.
pub async fn forgets_what_expired(store: &impl Claims) {
    must(store.claim(&claim(1), None, at(0)).await);
    must(store.complete(&claim(1), &answer()).await);
    assert_eq!(
        stored_in(store.claim(&claim(2), None, at(3600)).await).claim,
        claim(1)
    );
    let next = Claim {
        expires: at(7200),
        ..claim(2)
    };
    must(store.claim(&next, None, at(3601)).await);
    let stored = stored_in(store.claim(&claim(3), None, at(3602)).await);
    assert_eq!(stored.progress, Progress::Running);
}
