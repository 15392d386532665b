//! An open socket, over which somebody is told at once what their lists say anyway; and the ticket
//! that opens it. A socket is only a faster way: who has none misses nothing.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{CustomerId, GroupId, SecretHash, SessionId, Sku, SocketId, TenantId};

#[cfg(test)]
mod tests;

/// For how long a ticket is good.
const TICKET: SignedDuration = SignedDuration::from_secs(30);
/// The gateway ends sockets after two hours; ten minutes are for clocks and for late news of it.
const LONGEST: SignedDuration = SignedDuration::from_mins(130);
/// A gateway says *gone* of a socket that is still being opened.
const OPENING: SignedDuration = SignedDuration::from_secs(15);

/// What a ticket's bearer shows: 64 hexadecimal digits, made of random bits only.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketSecret([u8; 32]);

impl TicketSecret {
    /// A new one. Three random ids have 366 random bits; their hash has 256.
    pub fn new(random: [Uuid; 3]) -> Self {
        let mut hash = Sha256::new();
        for part in random {
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// Reads what a bearer sent; nothing for a text that no ticket of ours can be.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(digit) {
            return None;
        }
        let (upper, lower) = text.split_at_checked(32)?;
        let number = |digits: &str| u128::from_str_radix(digits, 16).ok();
        let halves = [number(upper)?, number(lower)?];
        let mut secret = [0; 32];
        let bytes = halves.into_iter().flat_map(u128::to_be_bytes);
        for (place, byte) in secret.iter_mut().zip(bytes) {
            *place = byte;
        }
        Some(Self(secret))
    }

    /// What its bearer shows.
    pub fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for TicketSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketSecret(..)")
    }
}

/// Leave to open one socket, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Whose shop.
    pub tenant: TenantId,
    /// Who will be told.
    pub reader: CustomerId,
    /// The session that it was asked for in; none with a token that is of no session.
    pub session: Option<SessionId>,
    /// Whether they ran the shop, as the token said that it was asked for with.
    pub runs_the_shop: bool,
    /// When it ends.
    pub good_until: Timestamp,
}

impl Ticket {
    /// For how many seconds a ticket is good.
    pub const SECONDS: i64 = TICKET.as_secs();

    /// A ticket that is given out now, to somebody who does not run the shop.
    pub fn new(
        (tenant, reader): (TenantId, CustomerId),
        session: Option<SessionId>,
        now: Timestamp,
    ) -> Self {
        let good_until = now.checked_add(TICKET).unwrap_or(Timestamp::MAX);
        Self {
            tenant,
            reader,
            session,
            runs_the_shop: false,
            good_until,
        }
    }
}

/// An open socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Socket {
    /// What the gateway calls it.
    pub id: SocketId,
    /// The session that it belongs to.
    pub session: Option<SessionId>,
    /// When its ticket was taken, in whole seconds.
    pub since: Timestamp,
}

impl Socket {
    /// When it is gone for certain, told or not.
    pub fn ends_at(&self) -> Timestamp {
        self.since.checked_add(LONGEST).unwrap_or(Timestamp::MAX)
    }

    /// When every socket is gone that may be in a row which this one joins. It is not over by then, and
    /// the newest of the others opens at that moment.
    pub fn all_end_by(&self) -> Timestamp {
        self.ends_at()
            .checked_add(LONGEST)
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether it is gone for certain.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at()
    }

    /// Whether it may still be opening, so that *gone* means *not there yet*.
    pub fn may_be_opening(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) < OPENING
    }
}

/// What sockets are told about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What somebody is told: all of their sockets, without asking.
    Person(TenantId, CustomerId),
    /// How much there is of a SKU: those who asked for it.
    Stock(Sku),
    /// What a group is told: those of its members who asked for it.
    Group(TenantId, GroupId),
    /// What goes on in a shop, as figures: those who run it and asked for it.
    Dashboard(TenantId),
}

impl Topic {
    /// Into how many rows its sockets are spread: a row has a size and a rate of writes.
    pub const fn slices(&self) -> u8 {
        match self {
            Self::Person(..) | Self::Dashboard(_) => 1,
            Self::Stock(_) => 4,
            // Room for 8,000; with 5,000 there are about 310 in each.
            Self::Group(..) => 16,
        }
    }

    /// The row of a socket: always the same one.
    pub fn slice_of(&self, socket: &SocketId) -> u8 {
        let digest: [u8; 32] = Sha256::digest(socket.as_str()).into();
        digest.first().map_or(0, |byte| byte % self.slices())
    }
}
