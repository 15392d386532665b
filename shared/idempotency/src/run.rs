//! Claim, work, store, answer.

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;

use crate::{Answer, Claim, ClaimError, KeepClaims, Progress, Stored};

/// Whether the work may be done once more when nobody knows if it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// What it writes is itself conditional, so that a second time changes nothing: a claim past
    /// its deadline is taken over.
    Conditional,
    /// A second time would have a second effect: a claim past its deadline stays, and a person
    /// finds out what happened.
    Once,
}

/// One run of a request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it claims.
    pub claim: Claim,
    /// What its work is like.
    pub write: Write,
    /// The time.
    pub now: Timestamp,
}

/// Why work gave no answer.
#[derive(Debug, Error)]
pub enum Failed<E> {
    /// It is certain that nothing happened: the key is free again.
    #[error(transparent)]
    Nothing(E),
    /// It may have happened. The key is free again only where the write is conditional.
    #[error(transparent)]
    Unknown(E),
}

/// How a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The work was done now.
    First(Answer),
    /// It was done before; this is what was answered then.
    Replay(Answer),
    /// The key was used for another request.
    OtherRequest,
    /// Another run has it, at most until then.
    Running(Timestamp),
    /// A run ended without an answer, and its work must not be done twice.
    Stuck,
}

/// Why a request has no answer.
#[derive(Debug, Error)]
pub enum RunError<S, W> {
    /// The store of claims failed; the work may have been done.
    #[error("the claim could not be kept")]
    Store(S),
    /// The work failed.
    #[error(transparent)]
    Work(W),
}

/// Does the work if this is the first run of its key, and answers what the first one answered.
///
/// Whatever is answered was stored before, so that all answers under a key are equal: a run whose
/// claim was taken over meanwhile gives the other's answer, or none.
///
/// # Errors
/// [`RunError`].
pub async fn run<S, W, F>(
    store: &S,
    request: &Request,
    work: impl FnOnce() -> F,
) -> Result<Outcome, RunError<S::Error, W>>
where
    S: KeepClaims,
    F: Future<Output = Result<Answer, Failed<W>>>,
{
    if let Some(outcome) = claim(store, request).await.map_err(RunError::Store)? {
        return Ok(outcome);
    }
    match work().await {
        Ok(answer) => complete(store, &request.claim, answer)
            .await
            .map_err(RunError::Store),
        Err(failed) => Err(give_up(store, request, failed).await),
    }
}

/// Takes the key; or what is to be answered instead.
async fn claim<S: KeepClaims>(store: &S, request: &Request) -> Result<Option<Outcome>, S::Error> {
    let (mine, now) = (&request.claim, request.now);
    let stored = match met(store.claim(mine, None, now).await)? {
        Met::Nothing => return Ok(None),
        Met::Stored(stored) => stored,
    };
    let dead = match judge(request, stored.as_deref()) {
        Judged::Ours => return Ok(None),
        Judged::Answer(outcome) => return Ok(Some(outcome)),
        Judged::Dead(id) => id,
    };
    let stored = match met(store.claim(mine, Some(dead), now).await)? {
        Met::Nothing => return Ok(None),
        Met::Stored(stored) => stored,
    };
    Ok(match judge(request, stored.as_deref()) {
        Judged::Ours => None,
        Judged::Answer(outcome) => Some(outcome),
        Judged::Dead(_) => Some(Outcome::Running(mine.deadline)),
    })
}

/// What a write met.
enum Met {
    /// Nothing: it was written.
    Nothing,
    /// What is stored, where it still is.
    Stored(Option<Box<Stored>>),
}

fn met<E>(written: Result<(), ClaimError<E>>) -> Result<Met, E> {
    match written {
        Ok(()) => Ok(Met::Nothing),
        Err(ClaimError::Taken(stored)) => Ok(Met::Stored(stored)),
        Err(ClaimError::Store(error)) => Err(error),
    }
}

/// What follows from what is stored.
enum Judged {
    /// The claim's own write, whose answer was lost on the way.
    Ours,
    Answer(Outcome),
    /// Past its deadline, and may be taken over.
    Dead(uuid::Uuid),
}

fn judge(request: &Request, stored: Option<&Stored>) -> Judged {
    let mine = &request.claim;
    let Some(Stored { claim, progress }) = stored else {
        return Judged::Answer(Outcome::Running(mine.deadline));
    };
    if claim.fingerprint != mine.fingerprint {
        return Judged::Answer(Outcome::OtherRequest);
    }
    match progress {
        Progress::Done(answer) => Judged::Answer(Outcome::Replay(answer.clone())),
        Progress::Running if claim.id == mine.id => Judged::Ours,
        Progress::Running if request.now < claim.deadline => {
            Judged::Answer(Outcome::Running(claim.deadline))
        }
        Progress::Running if request.write == Write::Conditional => Judged::Dead(claim.id),
        Progress::Running => Judged::Answer(Outcome::Stuck),
    }
}

async fn complete<S: KeepClaims>(
    store: &S,
    mine: &Claim,
    answer: Answer,
) -> Result<Outcome, S::Error> {
    let stored = match met(store.complete(mine, &answer).await)? {
        Met::Nothing => return Ok(Outcome::First(answer)),
        Met::Stored(None) => return Ok(Outcome::Running(mine.deadline)),
        Met::Stored(Some(stored)) => *stored,
    };
    let ours = stored.claim.id == mine.id;
    Ok(match stored.progress {
        _ if stored.claim.fingerprint != mine.fingerprint => Outcome::OtherRequest,
        Progress::Done(stored) if ours => Outcome::First(stored),
        Progress::Done(stored) => Outcome::Replay(stored),
        Progress::Running => Outcome::Running(stored.claim.deadline),
    })
}

/// Gives the key back where that is safe. The work's failure comes before the store's.
async fn give_up<S: KeepClaims, W>(
    store: &S,
    request: &Request,
    failed: Failed<W>,
) -> RunError<S::Error, W> {
    let mine = &request.claim;
    let (free, error) = match failed {
        Failed::Nothing(error) => (true, error),
        Failed::Unknown(error) => (request.write == Write::Conditional, error),
    };
    if free {
        // Where this fails too, the claim stays until its deadline.
        drop(store.release(mine.key, mine.id).await);
    }
    RunError::Work(error)
}
