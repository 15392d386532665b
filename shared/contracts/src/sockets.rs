//! What is said over a socket: text frames of JSON. Clients read how to use them in
//! `docs/realtime.md`.

use domain::{CustomerId, GroupId, SessionId, Sku, Socket, SocketId, TenantId, Topic};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

mod queued;

use crate::InvalidBody;
use crate::http::{DashboardBody, NotificationBody};

pub use queued::{FiguresChanged, SliceBody};

#[cfg(test)]
mod tests;

/// Longest frame that is read, in bytes.
pub const MAX_FRAME: usize = 4_096;
/// Longest id that a client may give a frame, in bytes.
const MAX_ID: usize = 64;
/// Most topics of one frame.
const MAX_TOPICS: usize = 20;
/// The list of what its reader is told themselves.
const OWN: &str = "own";
/// The topic of the figures of one's own shop.
const DASHBOARD: &str = "dashboard";
/// What an owner's role says who runs the shop.
const ADMIN: &str = "admin";

/// A list, as frames and addresses name it: `own`, or `group:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListName {
    /// What somebody is told themselves.
    Own,
    /// What a group is told.
    Group(GroupId),
}

impl ListName {
    /// Reads its name; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            OWN => Some(Self::Own),
            text => GroupId::parse_list(text).map(Self::Group),
        }
    }

    /// The list of a reader, as its own readers call it.
    pub fn of(reader: &CustomerId) -> Self {
        GroupId::of_reader(reader).map_or(Self::Own, Self::Group)
    }

    /// Its name.
    pub fn text(self) -> String {
        match self {
            Self::Own => OWN.to_owned(),
            Self::Group(group) => group.list(),
        }
    }

    /// Whose list it is for somebody who asks.
    pub fn reader(self, asked_by: &CustomerId) -> CustomerId {
        match self {
            Self::Own => asked_by.clone(),
            Self::Group(group) => group.reader(),
        }
    }
}

/// What signs the cursors of a list, over a socket and over HTTP.
pub fn own_list<'a>(tenant: &'a TenantId, reader: &'a CustomerId) -> [&'a str; 3] {
    ["notifications", tenant.as_str(), reader.as_str()]
}

/// A frame from a client. The `id` is its own, and comes back in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SocketRequest {
    /// To be told of topics, `stock:<sku>`, `group:<id>` and `dashboard`.
    Subscribe {
        /// Which; 1 to 20.
        to: Vec<String>,
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Not to be told of topics any more.
    Unsubscribe {
        /// Which; 1 to 20.
        to: Vec<String>,
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// To be told what came into a list behind a cursor.
    Resume {
        /// `own`, or `group:<id>`
        list: String,
        /// As an answer or a notification had it.
        cursor: String,
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// To hear whether anybody is there, and to keep the socket open.
    Ping {
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
}

impl SocketRequest {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`InvalidBody`]: it is too long, no JSON, or none of these.
    pub fn read(frame: &str) -> Result<Self, InvalidBody> {
        if frame.len() > MAX_FRAME {
            return Err(InvalidBody::at("", "at most 4096 bytes"));
        }
        let request: Self = serde_json::from_str(frame)
            .map_err(|_| InvalidBody::at("", "subscribe, unsubscribe, resume or ping"))?;
        match request.id() {
            Some(id) if id.len() > MAX_ID => Err(InvalidBody::at("/id", "at most 64 bytes")),
            _ => Ok(request),
        }
    }

    /// The client's own id.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Subscribe { id, .. }
            | Self::Unsubscribe { id, .. }
            | Self::Resume { id, .. }
            | Self::Ping { id } => id.as_deref(),
        }
    }
}

/// The topics that a member of this shop names.
///
/// # Errors
/// [`InvalidBody`] where there are none, too many, or one is no topic.
pub fn read_topics(tenant: &TenantId, to: &[String]) -> Result<Vec<Topic>, InvalidBody> {
    if !(1..=MAX_TOPICS).contains(&to.len()) {
        return Err(InvalidBody::at("/to", "1 to 20 topics"));
    }
    let topic = |(place, text): (usize, &String)| {
        let at = format!("/to/{place}");
        let wrong = || InvalidBody::at(at, "stock:<sku>, group:<id> or dashboard");
        if text == DASHBOARD {
            return Ok(Topic::Dashboard(tenant.clone()));
        }
        if let Some(group) = GroupId::parse_list(text) {
            return Ok(Topic::Group(tenant.clone(), group));
        }
        let sku = text.strip_prefix("stock:").map(Sku::parse);
        let sku = sku.and_then(Result::ok);
        sku.map(Topic::Stock).ok_or_else(wrong)
    };
    to.iter().enumerate().map(topic).collect()
}

/// A frame to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum SocketMessage {
    /// It is told of these topics from now on.
    Subscribed {
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Which.
        to: Vec<String>,
    },
    /// It is not told of these topics any more.
    Unsubscribed {
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Which.
        to: Vec<String>,
    },
    /// Somebody is there.
    Pong {
        /// Of the last notification in the reader's own list; 0 where there is none. Who has not got so
        /// far missed something.
        number: u64,
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// A frame that was refused.
    Error {
        /// The client's own, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Why.
        problem: ProblemBody,
    },
    /// Something that came into a list.
    Notification {
        /// `own`, or `group:<id>`
        list: String,
        /// Its number there: one that a client has is to be dropped.
        number: u64,
        /// Behind it, for `resume`.
        cursor: String,
        /// As `GET /api/v1/notifications` shows it.
        notification: NotificationBody,
    },
    /// How much there is of a SKU now. The highest sequence is the newest.
    Stock {
        /// Which.
        sku: String,
        /// Pieces that can be ordered.
        available: u32,
        /// Number of the change.
        sequence: u32,
    },
    /// How the figures of the shop stand. The latest `as_of` counts.
    Dashboard {
        /// As `GET /api/v1/admin/dashboard` shows it, without `dead_letters` and `open_breakers`.
        dashboard: Box<DashboardBody>,
    },
    /// The notifications before this are what was missed.
    Resumed {
        /// The client's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// `own`, or `group:<id>`
        list: String,
        /// There is nothing more up to this number.
        number: u64,
        /// Behind that.
        cursor: String,
        /// Whether there is more behind that cursor.
        more: bool,
    },
    /// The socket is closed by the shop.
    Closing {
        /// `signed-out`, `session-ended`, `roles-changed` or `account-closed`.
        reason: String,
    },
}

impl SocketMessage {
    /// A notification of a list; nothing is known yet of what becomes of its mail.
    pub fn of_list(list: ListName, cursor: String, notification: NotificationBody) -> Self {
        Self::Notification {
            list: list.text(),
            number: notification.number,
            cursor,
            notification,
        }
    }

    /// The frame.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A refusal, as the HTTP API tells it (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProblemBody {
    /// What kind of problem it is; stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for all problems of the kind.
    pub title: String,
    /// As an HTTP status.
    pub status: u16,
    /// About this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ProblemBody {
    /// A problem by the last part of its type.
    pub fn new((status, slug, title): (u16, &str, &str), detail: impl Into<String>) -> Self {
        Self {
            kind: format!("https://cartwright.example/problems/{slug}"),
            title: title.to_owned(),
            status,
            detail: Some(detail.into()),
        }
    }

    /// 403: there, and not for them.
    pub fn forbidden(detail: &str) -> Self {
        Self::new((403, "forbidden", "Forbidden"), detail)
    }

    /// 404: not there, or not theirs.
    pub fn not_found(detail: &str) -> Self {
        Self::new((404, "not-found", "Not found"), detail)
    }

    /// 422: a frame that cannot be read, or not acceptable in one place.
    pub fn invalid(wrong: &InvalidBody) -> Self {
        let detail = format!("{}: {}", wrong.pointer, wrong.problem);
        Self::new((422, "invalid-body", "Invalid body"), detail)
    }

    /// 429: later, perhaps.
    pub fn too_many(detail: &str) -> Self {
        Self::new((429, "too-many-requests", "Too many requests"), detail)
    }
}

/// Who opened a socket: what its authorizer tells the gateway, and the gateway tells with each frame.
/// The gateway keeps texts only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketOwner {
    /// Whose shop.
    pub tenant: String,
    /// Who is told.
    pub reader: String,
    /// The session, as a UUID; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `admin` of who ran the shop when the ticket was given out; absent for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When the ticket was taken, in seconds since 1970.
    pub since: String,
}

impl SocketOwner {
    /// Of a ticket that is taken now.
    pub fn of(ticket: &domain::Ticket, now: Timestamp) -> Self {
        Self {
            tenant: ticket.tenant.to_string(),
            reader: ticket.reader.to_string(),
            session: ticket.session.map(|session| session.to_string()),
            role: ticket.runs_the_shop.then(|| ADMIN.to_owned()),
            since: now.as_second().to_string(),
        }
    }

    /// Whether the token that the ticket was asked for with was of somebody who runs the shop.
    pub fn runs_the_shop(&self) -> bool {
        self.role.as_deref() == Some(ADMIN)
    }

    /// Whose the socket with this id is, and the socket.
    ///
    /// # Errors
    /// [`InvalidBody`] for what [`SocketOwner::of`] does not write.
    pub fn socket(&self, id: &str) -> Result<((TenantId, CustomerId), Socket), InvalidBody> {
        let wrong = |at: &'static str| move || InvalidBody::at(at, "not as we write it");
        let session = self.session.as_deref().map(Uuid::try_parse);
        let session = session.transpose().ok().ok_or_else(wrong("/session"))?;
        let since = self.since.parse().ok().map(Timestamp::from_second);
        let since = since.and_then(Result::ok).ok_or_else(wrong("/since"))?;
        let tenant = TenantId::parse(&self.tenant).ok();
        let reader = CustomerId::parse(&self.reader).ok();
        let whose = tenant.zip(reader).ok_or_else(wrong("/reader"))?;
        let id = SocketId::parse(id)
            .ok()
            .ok_or_else(wrong("/connectionId"))?;
        let session = session.map(SessionId);
        Ok((whose, Socket { id, session, since }))
    }
}
