//! Tickets, `TICKET#<hash>`, and rows of sockets, `SOCKETS#<topic>#<slice>`: many sockets in one item,
//! each a text in a set, `<since>#<session or ->#<socket>`. Nobody asks for a socket by itself: who a
//! message comes from is told with it by the gateway.

use domain::{CustomerId, SessionId, Socket, SocketId, Ticket};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const TICKET: &str = "ticket";
/// Entity of a row of sockets.
pub(crate) const SOCKETS: &str = "sockets";
/// The session of a socket that has none.
const NO_SESSION: &str = "-";

#[derive(Debug, Serialize, Deserialize)]
struct TicketItem {
    pk: String,
    entity: String,
    tenant: String,
    reader: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    /// Whether they run the shop; of most it is not said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    runs_the_shop: bool,
    good_until: Nanos,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

pub(crate) fn encode_ticket(secret: [u8; 32], ticket: &Ticket) -> Result<Image, ItemError> {
    write(TicketItem {
        pk: Key::Ticket(secret).pk(),
        entity: TICKET.to_owned(),
        tenant: ticket.tenant.to_string(),
        reader: ticket.reader.to_string(),
        session: ticket.session.map(|session| session.0),
        runs_the_shop: ticket.runs_the_shop,
        good_until: Nanos(ticket.good_until),
        expires: ticket.good_until.as_second(),
    })
}

pub(crate) fn decode_ticket(image: Image) -> Result<Ticket, ItemError> {
    let item: TicketItem = read(image)?;
    expect_entity(&item.entity, TICKET)?;
    Ok(Ticket {
        tenant: read_tenant(&item.tenant)?,
        reader: CustomerId::parse(&item.reader).map_err(ItemError::of("reader"))?,
        session: item.session.map(SessionId),
        runs_the_shop: item.runs_the_shop,
        good_until: item.good_until.0,
    })
}

/// The attributes of a row are set one by one.
#[derive(Debug, Deserialize)]
struct SocketsItem {
    #[serde(default)]
    sockets: Vec<String>,
}

pub(crate) fn decode_sockets(image: Image) -> Result<Vec<Socket>, ItemError> {
    let item: SocketsItem = read(image)?;
    let socket = |text: &String| {
        decode_socket(text).ok_or_else(|| ItemError::of("sockets")("a text that is no socket"))
    };
    item.sockets.iter().map(socket).collect()
}

/// A socket as it stands in a set.
pub(crate) fn encode_socket(socket: &Socket) -> String {
    let since = socket.since.as_second();
    let id = &socket.id;
    match socket.session {
        Some(session) => format!("{since}#{session}#{id}"),
        None => format!("{since}#{NO_SESSION}#{id}"),
    }
}

fn decode_socket(text: &str) -> Option<Socket> {
    let (since, rest) = text.split_once('#')?;
    let (session, id) = rest.split_once('#')?;
    let session = match session {
        NO_SESSION => None,
        session => Some(SessionId(Uuid::try_parse(session).ok()?)),
    };
    Some(Socket {
        id: SocketId::parse(id).ok()?,
        session,
        since: Timestamp::from_second(since.parse().ok()?).ok()?,
    })
}
