//! Messages that go out over third parties, in memory.

use std::collections::BTreeMap;

use domain::ports::{KeepSendings, ListSendings, ReadSendings, SaveError, StoreError};
use domain::{Channel, Sending};
use jiff::Timestamp;

use super::FakeRealtime;

/// By channel and event.
pub(super) type Sendings = BTreeMap<(&'static str, String), Sending>;

fn save(rows: &mut Sendings, mut sending: Sending) -> Result<Sending, SaveError<Sending>> {
    let key = (sending.channel.name(), sending.message.clone());
    let stored = rows.get(&key).cloned();
    let expected = sending.version;
    sending.version += 1;
    if stored.as_ref() == Some(&sending) {
        return Ok(sending);
    }
    if stored.as_ref().map_or(0, |stored| stored.version) != expected {
        return Err(SaveError::Conflict(stored.map(Box::new)));
    }
    rows.insert(key, sending.clone());
    Ok(sending)
}

impl FakeRealtime {
    /// Every message, by its event.
    pub fn all_sendings(&self) -> Vec<Sending> {
        self.lock().sendings.values().cloned().collect()
    }
}

impl ReadSendings for FakeRealtime {
    async fn sendings(
        &self,
        channel: Channel,
        messages: &[String],
    ) -> Result<Vec<Sending>, StoreError> {
        let inner = self.lock();
        let found = messages.iter().take(100).filter_map(|message| {
            let key = (channel.name(), message.clone());
            inner.sendings.get(&key).cloned()
        });
        Ok(found.collect())
    }
}

impl KeepSendings for FakeRealtime {
    async fn save_sending(&self, sending: Sending) -> Result<Sending, SaveError<Sending>> {
        let beaten = self.is_beaten();
        self.write(|inner| match beaten {
            true => Err(SaveError::Conflict(None)),
            false => save(&mut inner.sendings, sending),
        })?
    }
}

impl ListSendings for FakeRealtime {
    async fn sendings_due(
        &self,
        channel: Channel,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<String>, StoreError> {
        let inner = self.lock();
        let rows = inner.sendings.values().filter(|it| it.channel == channel);
        let due = rows.filter_map(|it| Some((it.next_try()?, it.message.clone())));
        let mut due: Vec<_> = due.filter(|(next, _)| *next < before).collect();
        due.sort();
        let messages = due.into_iter().map(|(_, message)| message);
        Ok(messages.take(limit.into()).collect())
    }
}
