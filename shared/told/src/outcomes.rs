//! What became of notifications on each channel.

use std::collections::HashMap;

use contracts::http::NotificationBody;
use domain::ports::{DeliveryOutcome, ReadDeliveries, ReadSendings, StoreError};
use domain::{Channel, Notification, NotificationList, Sending};

/// Where it is kept what became of mails and texts.
pub trait ReadOutcomes: ReadDeliveries + ReadSendings {}
impl<S: ReadDeliveries + ReadSendings> ReadOutcomes for S {}

/// What became of some notifications, by their events.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    mails: HashMap<String, DeliveryOutcome>,
    later: HashMap<String, Sending>,
    texts: HashMap<String, Sending>,
}

impl Outcomes {
    /// Reads it. Nothing is asked for what goes out on no channel; of mails that have not ended it is
    /// asked whether they wait as rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(
        store: &impl ReadOutcomes,
        found: &[Notification],
    ) -> Result<Self, StoreError> {
        let mut outcomes = Self::default();
        let mailed = ids(found, Notification::is_mailed);
        if !mailed.is_empty() {
            outcomes.mails = store.deliveries(&mailed).await?.into_iter().collect();
        }
        let open = mailed.into_iter().filter(|id| outcomes.is_open(id));
        let (open, texted) = (open.collect(), ids(found, |it| it.texted));
        outcomes.later = rows(store, Channel::Email, open).await?;
        outcomes.texts = rows(store, Channel::Sms, texted).await?;
        Ok(outcomes)
    }

    fn is_open(&self, id: &str) -> bool {
        let outcome = self.mails.get(id);
        !matches!(
            outcome,
            Some(DeliveryOutcome::Sent | DeliveryOutcome::Refused(_))
        )
    }

    /// One of the notifications of a list, with what became of it.
    pub fn body(&self, list: &NotificationList, notification: &Notification) -> NotificationBody {
        let id = &notification.notice.id;
        let mail = self.mails.get(id);
        NotificationBody::of(list, notification, mail)
            .with_later_mail(self.later.get(id))
            .with_text(notification, self.texts.get(id))
    }
}

async fn rows(
    store: &impl ReadOutcomes,
    channel: Channel,
    ids: Vec<String>,
) -> Result<HashMap<String, Sending>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store.sendings(channel, &ids).await?.into_iter();
    Ok(rows.map(|row| (row.message.clone(), row)).collect())
}

fn ids(found: &[Notification], goes_out: impl Fn(&Notification) -> bool) -> Vec<String> {
    let out = found.iter().filter(|it| goes_out(it));
    out.map(|it| it.notice.id.clone()).collect()
}
