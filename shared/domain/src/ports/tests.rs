//! A change is decided anew on what somebody else stored meanwhile, and gives up in the end.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::tests::samples::{at, order_id, reserve};
use crate::{LeaseCommand, LeaseRejection, LeaseState};

/// A store whose next saves are answered as told; then it works.
#[derive(Debug)]
struct Shelf {
    stored: Mutex<Option<Lease>>,
    answers: Mutex<Vec<SaveError<Lease>>>,
    saves: Mutex<u32>,
}

impl Shelf {
    fn new(stored: Option<Lease>, answers: Vec<SaveError<Lease>>) -> Self {
        Self {
            stored: Mutex::new(stored),
            answers: Mutex::new(answers),
            saves: Mutex::new(0),
        }
    }

    fn saves(&self) -> u32 {
        *self.saves.lock().unwrap()
    }
}

impl Load<Lease> for Shelf {
    async fn load(&self, _id: &OrderId) -> Result<Option<Lease>, StoreError> {
        Ok(self.stored.lock().unwrap().clone())
    }
}

impl Save<Lease> for Shelf {
    async fn save(&self, mut lease: Lease) -> Result<Lease, SaveError<Lease>> {
        *self.saves.lock().unwrap() += 1;
        if let Some(answer) = self.answers.lock().unwrap().pop() {
            return Err(answer);
        }
        lease.changes.saved();
        *self.stored.lock().unwrap() = Some(lease.clone());
        Ok(lease)
    }
}

/// Nothing here ever waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn release(shelf: &Shelf) -> Result<Lease, ChangeError<LeaseRejection>> {
    let decide = |found: Option<Lease>| {
        let mut lease = found.unwrap_or_else(|| Lease::none(order_id(1)));
        lease.execute(&LeaseCommand::Release, at(1)).map(|()| lease)
    };
    now(change(shelf, &order_id(1), decide))
}

fn stored(command: &LeaseCommand) -> Lease {
    let mut lease = Lease::none(order_id(1));
    lease.reserve(reserve(1), at(0)).unwrap();
    lease.execute(command, at(0)).unwrap();
    lease.changes.saved();
    lease
}

#[test]
fn stores_what_was_decided() {
    let shelf = Shelf::new(None, vec![]);
    let lease = release(&shelf).unwrap();
    assert_eq!(lease.state, LeaseState::Released);
    assert_eq!(lease.changes.stored_version(), 1);
    assert!(!lease.changes.is_changed());
}

#[test]
fn writes_nothing_where_nothing_changed() {
    let shelf = Shelf::new(Some(stored(&LeaseCommand::Release)), vec![]);
    release(&shelf).unwrap();
    assert_eq!(shelf.saves(), 0);
}

#[test]
fn decides_anew_on_what_the_refusal_brought_back() {
    let sold = stored(&LeaseCommand::Commit);
    let conflict = SaveError::Conflict(Some(Box::new(sold)));
    let refused = release(&Shelf::new(None, vec![conflict]));
    assert!(matches!(
        refused,
        Err(ChangeError::Rejected(LeaseRejection::Sold))
    ));
}

#[test]
fn reads_again_where_the_refusal_brought_nothing_back() {
    let held = stored(&reserve(1));
    let shelf = Shelf::new(Some(held), vec![SaveError::Conflict(None)]);
    let lease = release(&shelf).unwrap();
    assert_eq!((shelf.saves(), lease.changes.stored_version()), (2, 2));
}

#[test]
fn gives_up_after_eight_conflicts() {
    let conflicts = (0..20).map(|_| SaveError::Conflict(None)).collect();
    let shelf = Shelf::new(None, conflicts);
    assert!(matches!(release(&shelf), Err(ChangeError::Contended)));
    assert_eq!(shelf.saves(), 8);
}

#[test]
fn does_not_ask_a_failing_store_again() {
    let down = StoreError::Unavailable(Cause("throttled".to_owned()));
    let shelf = Shelf::new(None, vec![SaveError::Store(down.clone())]);
    let failed = release(&shelf);
    assert!(matches!(failed, Err(ChangeError::Store(error)) if error == down));
    assert_eq!(shelf.saves(), 1);
}
