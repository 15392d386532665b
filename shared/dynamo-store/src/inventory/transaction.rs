//! The transaction of a lease and the stock of its lines.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::ports::StoreError;
use domain::{Aggregate, Lease, StockLine};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::inventory::shelf::{Change, Mark};
use crate::store::encoded;
use crate::table::CAPACITY;
use crate::writing::writing;

/// Where the pieces go.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// From the shelf to the lease.
    Out,
    /// From the lease to the shelf.
    Back,
}

impl Direction {
    /// By how many pieces the shelf changes.
    pub(super) fn by(self, line: &StockLine) -> i64 {
        let quantity = i64::from(line.quantity);
        match self {
            Self::Out => -quantity,
            Self::Back => quantity,
        }
    }
}

pub(super) struct Transaction {
    writes: Vec<TransactWriteItem>,
    token: String,
}

impl Transaction {
    pub(super) fn new(
        table: &str,
        lease: &Lease,
        (direction, marks): (Direction, &[Mark]),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut writes = vec![writing(
            table,
            encoded(lease)?,
            lease.changes().stored_version(),
        )?];
        for (line, mark) in moved(lease, direction).iter().zip(marks) {
            let by = direction.by(line);
            let change = Change::of_lease(line.sku.clone(), by, *mark);
            writes.push(change.write(table, now)?);
        }
        Ok(Self {
            writes,
            token: token(lease, (direction, marks), now),
        })
    }

    pub(super) async fn send(
        &self,
        client: &Client,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        client
            .transact_write_items()
            .return_consumed_capacity(CAPACITY)
            .set_transact_items(Some(self.writes.clone()))
            .client_request_token(&self.token)
            .send()
            .await
            .map(|_| ())
    }

    /// Tells this change from others.
    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

/// What moves, in the order of the writes that follow the lease's.
pub(super) fn moved(lease: &Lease, direction: Direction) -> &[StockLine] {
    match direction {
        Direction::Out => &lease.lines,
        Direction::Back => lease.given_back(),
    }
}

/// The same change of the same lease always has the same token, so that a repeat after a lost
/// answer has no second effect.
pub(super) fn token(
    lease: &Lease,
    (direction, marks): (Direction, &[Mark]),
    now: Timestamp,
) -> String {
    let way = match direction {
        Direction::Out => "out",
        Direction::Back => "back",
    };
    let (id, version) = (lease.order_id, lease.changes().next_version());
    let marks: String = marks.iter().map(|mark| mark.letter()).collect();
    let now = now.as_nanosecond();
    token_of(&format!("{id} {version} {way} {now} {marks}"))
}

/// A transaction's token from what tells it from others.
pub(super) fn token_of(what: &str) -> String {
    let digest = Sha256::digest(what);
    let mut first = [0_u8; 16];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    Uuid::new_v8(first).to_string()
}
