//! Mails that could not go out at once. Each is made anew for each try, so that whoever was erased, or
//! wants no such mails any more, is sent nothing that waits.

use breaker::{Share, Time};
use domain::ports::{
    Cause, CountDeliveries, DeliveryOutcome, KeepAccounts, KeepContacts, KeepSubscribers, Mail,
    ProviderError, ReadDeliveries, ReadNotifications, Reader, SendMail,
};
use domain::{Channel, Notice, NotificationKind, Says, Sending};
use jiff::Timestamp;
use wording::{Told, order_of};

use crate::mail::note_end;
use crate::rows::{NotSent, Outlet};
use crate::{Mails, TellError};

/// The mails that wait, and where they go: those of orders where the order says, the others to the
/// address of the account.
#[derive(Debug)]
pub struct LaterMails<S, M, T, A> {
    mails: Mails<S, M, T>,
    accounts: A,
}

impl<S, M, T, A: KeepAccounts> LaterMails<S, M, T, A> {
    /// They go out as these do.
    pub const fn new(mails: Mails<S, M, T>, accounts: A) -> Self {
        Self { mails, accounts }
    }

    async fn address(
        &self,
        contacts: &impl KeepContacts,
        reader: Reader<'_>,
        notice: &Notice,
    ) -> Result<Option<String>, TellError> {
        if let Some(order) = order_of(notice) {
            let contact = contacts.contact(order).await?;
            return Ok(contact.map(|contact| contact.email));
        }
        let account = self.accounts.account(reader.1).await?;
        let account = account.filter(|account| account.tenant == *reader.0);
        let address = account.as_ref().and_then(|it| it.news_address());
        Ok(address.map(|email| email.as_str().to_owned()))
    }
}

impl<R, S, M, T, A> Outlet<R> for LaterMails<S, M, T, A>
where
    R: ReadNotifications + ReadDeliveries + KeepContacts + KeepSubscribers + CountDeliveries,
    S: Share,
    M: SendMail,
    T: Time,
    A: KeepAccounts,
{
    const CHANNEL: Channel = Channel::Email;
    const NOBODY: &'static str = "nobody takes this mail any more";
    /// About a dozen a second, so that most of what SES takes is left to what is told now.
    const AT_ONCE: usize = 2;
    type Message = Mail;

    async fn is_shut(&self, now: Timestamp) -> bool {
        self.mails.guard.shut_until(now).await.is_some()
    }

    async fn may_go(&self, _sending: &Sending, now: Timestamp) -> bool {
        self.mails.guard.shut_until(now).await.is_none()
    }

    async fn made(
        &self,
        store: &R,
        sending: &Sending,
        _now: Timestamp,
    ) -> Result<Option<Mail>, TellError> {
        // Codes are texted.
        let Says::Notification(number) = sending.says else {
            return Ok(None);
        };
        let reader = (&sending.tenant, &sending.reader);
        let list = store.list_of(reader).await?;
        let found = store.notifications(reader, number, 1).await?;
        let mut wanted = found
            .into_iter()
            .filter(|it| list.wants_mailed(it.notice.kind));
        let Some(notice) = wanted.next().map(|it| it.notice) else {
            return Ok(None);
        };
        let is_course = notice.kind == NotificationKind::CourseCreated;
        if is_course && !store.is_subscribed(reader).await? {
            return Ok(None);
        }
        let address = self.address(store, reader, &notice).await?;
        let told = Told {
            tenant: sending.tenant.clone(),
            reader: sending.reader.clone(),
            notice,
        };
        let mail = |address: String| self.mails.links.mail_of(&told, &address);
        Ok(address.map(mail))
    }

    /// SES cannot be asked what it sent; whoever sent it may have come to note that.
    async fn has_sent(
        &self,
        store: &R,
        sending: &Sending,
        _mail: &Mail,
        _time: &impl Time,
    ) -> Result<bool, NotSent> {
        let message = [sending.message.clone()];
        let found = store.deliveries(&message).await.map_err(|error| {
            let why = Cause(format!("what became of it cannot be read: {error}"));
            NotSent::Failed(ProviderError::Down(why))
        })?;
        Ok(found
            .iter()
            .any(|(_, outcome)| *outcome == DeliveryOutcome::Sent))
    }

    async fn send(
        &self,
        _sending: &Sending,
        mail: &Mail,
        _time: &impl Time,
    ) -> Result<(), NotSent> {
        self.mails.send(mail).await
    }

    async fn note_end(&self, store: &R, sending: &Sending) -> Result<(), TellError> {
        note_end(store, sending).await
    }
}
