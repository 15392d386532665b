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
    texts: HashMap<String, Sending>,
}

impl Outcomes {
    /// Reads it. Nothing is asked for what goes out on no channel.
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
        let texted = ids(found, |it| it.texted);
        if !texted.is_empty() {
            let texts = store.sendings(Channel::Sms, &texted).await?.into_iter();
            outcomes.texts = texts.map(|it| (it.message.clone(), it)).collect();
        }
        Ok(outcomes)
    }

    /// One of the notifications of a list, with what became of it.
    pub fn body(&self, list: &NotificationList, notification: &Notification) -> NotificationBody {
        let id = &notification.notice.id;
        let mail = self.mails.get(id);
        NotificationBody::of(list, notification, mail).with_text(notification, self.texts.get(id))
    }
}

fn ids(found: &[Notification], goes_out: impl Fn(&Notification) -> bool) -> Vec<String> {
    let out = found.iter().filter(|it| goes_out(it));
    out.map(|it| it.notice.id.clone()).collect()
}
