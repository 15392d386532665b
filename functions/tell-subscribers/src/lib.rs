//! Tells those who want to hear of new courses of a new course: in their list, and by mail, as far as
//! they want.
//!
//! | | |
//! |---|---|
//! | trigger | queue of course events, and of the pages that it sends itself |
//! | reads | the accounts table: where a subscriber is reached |
//! | reads, writes | the realtime table: subscribers, lists of notifications, deliveries, mails that wait; the breaker of mail in the operations table |
//! | emits | e-mails; the next page, to its own queue |
//! | fails with | BadInput, Conflict, Unavailable; the page goes back to the queue |
//! | safe to repeat because | a list takes each course once, and every mail is claimed before it is sent |

use breaker::{Share, Time};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType, InvalidEnvelope};
use domain::ports::{
    CountDeliveries, KeepAccounts, KeepNotifications, KeepSendings, KeepSubscribers, Letter,
    ListSubscribers, SendMail, SendMessages, StoreError,
};
use domain::{Account, InvalidId, TenantId};
use futures::future::join_all;
use lambda_boot::{ConfigError, Env, MailSettings};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use telling::{Mails, TellError, tell};
use wording::{Told, WordingError, told_to_subscriber};

/// Most subscribers of one page: each takes a handful of calls, and the page has thirty seconds.
pub const PAGE: u16 = 40;
/// Those who are told at one time: with two pages beside each other about a dozen mails a second, so
/// that most of what SES takes is left to others.
const AT_ONCE: usize = 2;
/// Where a page says in the data of the event behind whom it begins.
const PLACE: &str = "told_up_to";

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts table.
    pub accounts: String,
    /// The realtime table.
    pub realtime: String,
    /// The operations table, with the breakers.
    pub operations: String,
    /// Its own queue.
    pub queue: String,
    /// Mails.
    pub mail: MailSettings,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let accounts = read.text("ACCOUNTS_TABLE");
        let realtime = read.text("REALTIME_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let queue = read.text("QUEUE_URL");
        let mail = read.mail();
        read.finish(|| {
            Some(Self {
                accounts: accounts?,
                realtime: realtime?,
                operations: operations?,
                queue: queue?,
                mail: mail?,
            })
        })
    }
}

/// What the function works with.
#[derive(Debug)]
pub struct Outside<R, A, Q, S, M, T> {
    /// Subscribers, lists, and what became of mails.
    pub realtime: R,
    /// Where subscribers are reached.
    pub accounts: A,
    /// Its own queue.
    pub queue: Q,
    /// Sends mails.
    pub mails: Mails<S, M, T>,
}

/// What the function needs of the realtime table.
pub trait Realtime:
    KeepSubscribers + ListSubscribers + KeepNotifications + KeepSendings + CountDeliveries
{
}
impl<S> Realtime for S where
    S: KeepSubscribers + ListSubscribers + KeepNotifications + KeepSendings + CountDeliveries
{
}

/// Why a page goes back.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The event has no words.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// The shop is none.
    #[error("the event is of no shop")]
    Shop(#[from] InvalidId),
    /// The store, or the queue, failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody may not have been told.
    #[error(transparent)]
    Tell(#[from] TellError),
}

impl EdgeError for PageError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Wording(_) | Self::Shop(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
            Self::Tell(error) => error.name(),
        }
    }
}

/// Behind whom a page begins; nothing in the event itself, which begins with the first.
#[derive(Debug, Deserialize)]
struct Begin {
    #[serde(default)]
    told_up_to: Option<String>,
}

/// Tells a page of subscribers, and then sends itself the next one.
///
/// # Errors
/// [`PageError`]; the page goes back to the queue. Who was told is not told again.
pub async fn handle<R, A, Q, S, M, T>(
    outside: &Outside<R, A, Q, S, M, T>,
    event: Envelope,
) -> Result<(), PageError>
where
    R: Realtime,
    A: KeepAccounts,
    Q: SendMessages,
    S: Share,
    M: SendMail,
    T: Time,
{
    let shop = TenantId::parse(event.tenant.as_deref().unwrap_or_default())?;
    let begin: Begin = event.data()?;
    if event.event_type != EventType::CourseCreated.as_str() {
        return Ok(());
    }
    let after = begin.told_up_to.as_deref();
    let page = outside.realtime.subscribers(&shop, after, PAGE).await?;
    let told = page.items.iter().map(|it| told_to_subscriber(&event, it));
    // Of what is not for subscribers there is nothing to tell any of them.
    let Some(told) = told.collect::<Result<Option<Vec<Told>>, _>>()? else {
        return Ok(());
    };
    for some in told.chunks(AT_ONCE) {
        let telling = some.iter().map(|told| outside.tell_one(told));
        for told in join_all(telling).await {
            told?;
        }
    }
    match page.next {
        Some(place) => Ok(outside.queue.send(&next_page(event, &place)).await?),
        None => Ok(()),
    }
}

impl<R, A, Q, S, M, T> Outside<R, A, Q, S, M, T>
where
    R: Realtime,
    A: KeepAccounts,
    S: Share,
    M: SendMail,
    T: Time,
{
    /// Who was erased hears nothing more. Mail goes to addresses that were shown to be theirs only.
    async fn tell_one(&self, told: &Told) -> Result<(), PageError> {
        let account = self.accounts.account(&told.reader).await?;
        let account = account.filter(|account| account.tenant == told.tenant);
        if account.as_ref().is_some_and(Account::is_erased) {
            let gone = (&told.tenant, &told.reader);
            return Ok(self.realtime.unsubscribe(gone).await?);
        }
        let address = account.as_ref().and_then(Account::news_address);
        let address = address.map(|email| email.as_str());
        Ok(tell(&self.realtime, &self.mails, told, address).await?)
    }
}

/// The same event, with the place in its data: whoever reads it as the event reads the event.
fn next_page(mut event: Envelope, place: &str) -> Letter {
    let digest = Sha256::digest(format!("{} {place}", event.id));
    if let Value::Object(data) = &mut event.data {
        data.insert(PLACE.to_owned(), Value::from(place));
    }
    Letter {
        group: Some(event.group()),
        dedupe: Some(hex::encode(digest)),
        // An envelope is JSON by construction.
        body: serde_json::to_string(&event).unwrap_or_default(),
        ..Letter::default()
    }
}

#[cfg(test)]
mod tests;
