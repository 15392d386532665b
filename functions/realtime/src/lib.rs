//! Sockets open, ask and close. Who a frame comes from is told with it by the gateway, from what
//! `authorize-socket` said; no row is read for it.
//!
//! | | |
//! |---|---|
//! | trigger | the WebSocket API: `$connect`, `$default`, `$disconnect` |
//! | reads | the realtime table: lists of notifications, rows of sockets; the accounts table: whether somebody is signed in, belongs to a group, and runs the shop |
//! | writes | the realtime table: rows of sockets |
//! | emits | what was missed, into the socket that asks |
//! | fails with | Unavailable while a socket opens or closes; a frame is answered with a problem |
//! | safe to repeat because | a socket is in a row once, and what is said again has the same number |

mod config;
mod connect;
mod event;
mod resume;
mod topics;

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::sockets::{ProblemBody, SocketMessage, SocketRequest};
use domain::ports::{
    KeepAccounts, KeepSessions, KeepSockets, PostError, PostToSockets, ReadGroups,
    ReadNotifications, StoreError,
};
use domain::{CustomerId, Socket, TenantId};
use http_edge::{Cursors, Limits};
use lambda_boot::Clock;
use thiserror::Error;
use tracing::warn;

pub use config::Config;
use event::EventType;
pub use event::{Reply, SocketEvent};

/// What sockets work with.
#[derive(Debug)]
pub struct App<S, A, P> {
    /// Lists, and rows of sockets.
    pub lists: S,
    /// Who is signed in, and belongs to which group.
    pub accounts: A,
    /// Where sockets are posted to.
    pub gateway: P,
    /// Signs where a list was read to.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
    /// How often somebody may ask; each frame is an invocation, and counts like a request.
    pub limits: Limits,
}

/// Why nothing was answered.
#[derive(Debug, Error)]
pub enum SocketError {
    /// Not what our authorizer says.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for SocketError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::Store(error) => error.name(),
        }
    }
}

/// Somebody's socket.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    tenant: TenantId,
    reader: CustomerId,
    socket: Socket,
    /// When the ticket was given out.
    ran_the_shop: bool,
}

/// One thing that happened to a socket.
///
/// # Errors
/// [`SocketError`].
pub async fn handle_socket<S, A, P>(
    app: &App<S, A, P>,
    event: SocketEvent,
) -> Result<Reply, SocketError>
where
    S: KeepSockets + ReadNotifications,
    A: KeepAccounts + KeepSessions + ReadGroups,
    P: PostToSockets,
{
    let context = event.request_context;
    let owner = context.authorizer.socket(&context.connection_id);
    let ((tenant, reader), socket) = owner.map_err(BadInput::from)?;
    let client = Client {
        tenant,
        reader,
        socket,
        ran_the_shop: context.authorizer.runs_the_shop(),
    };
    match context.event_type {
        EventType::Connect => Ok(connect::connect(app, &client).await?),
        EventType::Disconnect => Ok(connect::disconnect(app, &client).await?),
        EventType::Message => {
            let frame = event.body.unwrap_or_default();
            if let Err(lost) = answer(app, &client, &frame).await {
                log("an answer did not arrive", &lost);
            }
            Ok(Reply { status_code: 200 })
        }
    }
}

async fn answer<S, A, P>(app: &App<S, A, P>, client: &Client, frame: &str) -> Result<(), PostError>
where
    S: KeepSockets + ReadNotifications,
    A: KeepAccounts + ReadGroups,
    P: PostToSockets,
{
    let request = SocketRequest::read(frame);
    let id = request.as_ref().ok().and_then(SocketRequest::id);
    let id = id.map(str::to_owned);
    let counted = app.limits.count_frame(&client.tenant, &client.reader).await;
    let answered = match (counted, request) {
        (Err(_), _) => Err(Refused::Problem(ProblemBody::too_many("you ask too often"))),
        (Ok(()), Ok(request)) => take(app, client, request).await,
        (Ok(()), Err(wrong)) => Err(Refused::Problem(ProblemBody::invalid(&wrong))),
    };
    let message = match answered {
        Ok(message) => message,
        Err(Refused::Post(PostError::Gone)) => return Ok(()),
        Err(refused) => SocketMessage::Error {
            id,
            problem: refused.into(),
        },
    };
    // Posted and not returned: what an invocation answers could overtake what is posted before it. What
    // comes twice has the same number.
    sockets::post(&app.gateway, &client.socket.id, &message.text()).await
}

async fn take<S, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    request: SocketRequest,
) -> Result<SocketMessage, Refused>
where
    S: KeepSockets + ReadNotifications,
    A: KeepAccounts + ReadGroups,
    P: PostToSockets,
{
    match request {
        SocketRequest::Ping { id } => {
            let known = app.lists.list_of((&client.tenant, &client.reader)).await?;
            let number = known.last;
            Ok(SocketMessage::Pong { number, id })
        }
        SocketRequest::Subscribe { to, id } => topics::subscribe(app, client, (to, id)).await,
        SocketRequest::Unsubscribe { to, id } => topics::unsubscribe(app, client, (to, id)).await,
        SocketRequest::Resume { list, cursor, id } => {
            resume::resume(app, client, (&list, &cursor), id).await
        }
    }
}

/// Why a frame is refused.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    /// The client's own fault.
    #[error("refused")]
    Problem(ProblemBody),
    /// The store failed; the same may go well later.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What belongs to the answer did not arrive.
    #[error(transparent)]
    Post(#[from] PostError),
}

impl From<Refused> for ProblemBody {
    fn from(refused: Refused) -> Self {
        if let Refused::Problem(problem) = refused {
            return problem;
        }
        log("a frame was not answered", &refused);
        Self::new((503, "unavailable", "Unavailable"), "ask again")
    }
}

fn log(what: &'static str, error: &(dyn std::error::Error + 'static)) {
    warn!(error, "{what}");
}

#[cfg(test)]
mod tests;
