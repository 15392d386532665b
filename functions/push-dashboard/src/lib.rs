//! Says over sockets how the figures of a shop stand, to those who run it and asked for it.
//!
//! | | |
//! |---|---|
//! | trigger | queue of shops whose figures changed, from `push-updates`; it hands them on five seconds late |
//! | reads | the realtime table: the row of sockets; the operations table: figures, newest courses; the inventory table: what is low |
//! | writes | the realtime table: takes out of that row what is gone |
//! | emits | frames into sockets |
//! | fails with | BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | a frame says how things stand and when they were looked at, by which clients drop what is older |

use std::time::Duration;

use contracts::InvalidBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::{DashboardBody, StockAlertsBody};
use contracts::sockets::{FiguresChanged, SocketMessage};
use domain::ports::{KeepNewest, KeepSockets, KeepStock, PostToSockets, ReadFigures, StoreError};
use domain::{TenantId, Topic};
use futures::future::try_join3;
use lambda_boot::{Clock, ConfigError, Env};
use sockets::Rounds;
use thiserror::Error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// The operations table.
    pub operations: String,
    /// The inventory table.
    pub inventory: String,
    /// The stage of the WebSocket API, `https://…`.
    pub sockets: String,
    /// The shop whose stock this is.
    pub tenant: TenantId,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let inventory = read.text("INVENTORY_TABLE");
        let sockets = read.text("SOCKETS_STAGE");
        let tenant = read.parsed("HOME_TENANT");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                operations: operations?,
                inventory: inventory?,
                sockets: sockets?,
                tenant: tenant?,
            })
        })
    }
}

/// What the function needs of the figures.
pub trait Figures: ReadFigures + KeepNewest {}
impl<S: ReadFigures + KeepNewest> Figures for S {}

/// What the function works with.
#[derive(Debug)]
pub struct App<S, F, I, P> {
    /// Rows of sockets.
    pub sockets: S,
    /// What was counted.
    pub figures: F,
    /// The stock.
    pub stock: I,
    /// Where sockets are posted to.
    pub gateway: P,
    /// The shop whose stock this is.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Before what went wrong is posted once more.
    pub pause: Duration,
}

/// Why a message goes back to the queue.
#[derive(Debug, Error)]
pub enum DrawError {
    /// Not what `push-updates` sends.
    #[error("no change of figures")]
    Input(#[from] InvalidBody),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for DrawError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
        }
    }
}

/// Posts how figures stand now to the sockets that are in the row now, and takes those out that are
/// gone. Where nobody listens nothing is read.
///
/// # Errors
/// [`DrawError`]; the message goes back to the queue.
pub async fn handle<S, F, I, P>(
    app: &App<S, F, I, P>,
    changed: FiguresChanged,
) -> Result<(), DrawError>
where
    S: KeepSockets,
    F: Figures,
    I: KeepStock,
    P: PostToSockets,
{
    let shop = changed.shop()?;
    let topic = Topic::Dashboard(shop.clone());
    let known = app.sockets.sockets_of(&topic).await?;
    if known.is_empty() {
        return Ok(());
    }
    let dashboard = Box::new(drawn(app, &shop).await?);
    let text = SocketMessage::Dashboard { dashboard }.text();
    let rounds = Rounds {
        gateway: &app.gateway,
        now: || app.clock.now(),
        pause: app.pause,
    };
    let gone = rounds.say(known, &text).await;
    if !gone.is_empty() {
        app.sockets.leave(&topic, &gone).await?;
    }
    Ok(())
}

/// As `GET /api/v1/admin/dashboard` shows it, without what queues and services would be asked for.
async fn drawn<S, F: Figures, I: KeepStock, P>(
    app: &App<S, F, I, P>,
    shop: &TenantId,
) -> Result<DashboardBody, StoreError> {
    let now = app.clock.now();
    let periods = DashboardBody::periods(now);
    let counted = app.figures.figures(shop, &periods);
    let newest = app.figures.newest(shop);
    let low = async {
        match *shop == app.tenant {
            true => app
                .stock
                .list_low(None, StockAlertsBody::MOST)
                .await
                .map(Some),
            false => Ok(None),
        }
    };
    let (tallies, newest, low) = try_join3(counted, newest, low).await?;
    let mut dashboard = DashboardBody::of(&tallies, &newest, now);
    dashboard.stock_alerts = low.as_ref().map(StockAlertsBody::of);
    Ok(dashboard)
}

#[cfg(test)]
mod tests;
