//! Tickets, and which sockets are told about what.

use std::future::Future;

use super::StoreError;
use crate::{SecretHash, Socket, Ticket, Topic};

/// Keeps tickets until they are used.
pub trait KeepTickets {
    /// Keeps a ticket under the hash of its secret.
    fn put_ticket(
        &self,
        secret: SecretHash,
        ticket: &Ticket,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Takes tickets.
pub trait TakeTickets {
    /// The ticket with this secret, which nobody gets after that; none where there is none, or none
    /// any more. It may have ended.
    fn take_ticket(
        &self,
        secret: SecretHash,
    ) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send;
}

/// Keeps which sockets are told about what.
pub trait KeepSockets {
    /// Adds a socket to a topic; again is the same. Answers whether there was room.
    fn join(
        &self,
        topic: &Topic,
        socket: &Socket,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Takes sockets out of a topic; those that are not in it are passed over.
    fn leave(
        &self,
        topic: &Topic,
        sockets: &[Socket],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The sockets of a topic as they are now, in order.
    fn sockets_of(
        &self,
        topic: &Topic,
    ) -> impl Future<Output = Result<Vec<Socket>, StoreError>> + Send;
}

/// Reads a part of a topic's sockets, for whoever posts to that part only.
pub trait ReadSlices: KeepSockets {
    /// The sockets of one row of a topic ([`Topic::slices`]) as they are now, in order.
    fn sockets_in(
        &self,
        topic: &Topic,
        slice: u8,
    ) -> impl Future<Output = Result<Vec<Socket>, StoreError>> + Send;
}

/// Most sockets in one row of a topic. A row of DynamoDB has 400 KB, and each change is paid for by
/// all of it.
pub const MOST_SOCKETS: usize = 500;
