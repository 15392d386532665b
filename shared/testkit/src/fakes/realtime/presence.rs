//! Tickets and sockets in memory.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::{KeepSockets, KeepTickets, MOST_SOCKETS, ReadSlices, StoreError, TakeTickets};
use domain::{SecretHash, Socket, Ticket, Topic};

use super::FakeRealtime;

/// Tickets by their hashes, sockets by topic and slice.
#[derive(Debug, Default)]
pub(super) struct Presence {
    tickets: BTreeMap<[u8; 32], Ticket>,
    sockets: BTreeMap<(Topic, u8), BTreeSet<Socket>>,
}

impl Presence {
    fn slice(&mut self, topic: &Topic, socket: &Socket) -> &mut BTreeSet<Socket> {
        let slice = topic.slice_of(&socket.id);
        self.sockets.entry((topic.clone(), slice)).or_default()
    }
}

impl KeepTickets for FakeRealtime {
    async fn put_ticket(&self, secret: SecretHash, ticket: &Ticket) -> Result<(), StoreError> {
        self.write(|inner| {
            inner.presence.tickets.insert(secret.0, ticket.clone());
        })
    }
}

impl TakeTickets for FakeRealtime {
    async fn take_ticket(&self, secret: SecretHash) -> Result<Option<Ticket>, StoreError> {
        self.write(|inner| inner.presence.tickets.remove(&secret.0))
    }
}

impl KeepSockets for FakeRealtime {
    async fn join(&self, topic: &Topic, socket: &Socket) -> Result<bool, StoreError> {
        self.write(|inner| {
            let slice = inner.presence.slice(topic, socket);
            let has_room = slice.len() < MOST_SOCKETS;
            if has_room {
                slice.insert(socket.clone());
            }
            has_room
        })
    }

    async fn leave(&self, topic: &Topic, sockets: &[Socket]) -> Result<(), StoreError> {
        self.write(|inner| {
            for socket in sockets {
                inner.presence.slice(topic, socket).remove(socket);
            }
        })
    }

    async fn sockets_of(&self, topic: &Topic) -> Result<Vec<Socket>, StoreError> {
        let inner = self.lock();
        let slices = (0..topic.slices()).map(|slice| (topic.clone(), slice));
        let slices = slices.filter_map(|slice| inner.presence.sockets.get(&slice));
        let sockets: BTreeSet<Socket> = slices.flatten().cloned().collect();
        Ok(sockets.into_iter().collect())
    }
}

impl ReadSlices for FakeRealtime {
    async fn sockets_in(&self, topic: &Topic, slice: u8) -> Result<Vec<Socket>, StoreError> {
        let inner = self.lock();
        let sockets = inner.presence.sockets.get(&(topic.clone(), slice));
        Ok(sockets.into_iter().flatten().cloned().collect())
    }
}
