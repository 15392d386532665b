//! Messages that go out over third parties. Those that have not ended are in an index by the time of
//! their next try.

use domain::ports::{KeepSendings, ListSendings, ReadSendings, SaveError, StoreError};
use domain::{Channel, Sending};
use jiff::Timestamp;

use crate::accounts::saved;
use crate::answer::broken;
use crate::batch::{BATCH, KeyMap};
use crate::item::ItemError;
use crate::item::sending::{decode, encode, key_of};
use crate::key::{Key, sendings_of, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{PK, SENDINGS};
use crate::table::{Realtime, Table, text};

/// Entries of a page; a page of keys is a few kilobytes.
const PAGE: i32 = 250;

impl ReadSendings for Table<Realtime> {
    async fn sendings(
        &self,
        channel: Channel,
        messages: &[String],
    ) -> Result<Vec<Sending>, StoreError> {
        let key = |message: &String| {
            let pk = Key::Sending(channel, message.clone()).pk();
            KeyMap::from([(PK.to_owned(), text(pk))])
        };
        let keys: Vec<KeyMap> = messages.iter().take(BATCH).map(key).collect();
        let images = self.batch_now(&keys).await?.into_iter();
        let sendings: Result<_, _> = images.map(decode).collect();
        sendings.map_err(|error| broken(&error))
    }
}

impl KeepSendings for Table<Realtime> {
    async fn save_sending(&self, mut sending: Sending) -> Result<Sending, SaveError<Sending>> {
        let image = encode(&sending).map_err(|error| broken(&error))?;
        let put = self.put(image, sending.version).await;
        sending.version = sending.version.saturating_add(1);
        saved(put, sending, decode)
    }
}

impl ListSendings for Table<Realtime> {
    async fn sendings_due(
        &self,
        channel: Channel,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<String>, StoreError> {
        let query = Query {
            index: SENDINGS,
            partition: sendings_of(channel),
            part: Part::Before(time_key(before)),
            newest_first: false,
            limit: PAGE,
            after: None,
        };
        let entries = self.entries(query, limit.into()).await?;
        let message = |entry: &Entry| key_of(&entry.pk).map(|(_, message)| message);
        let messages: Result<_, ItemError> = entries.iter().map(message).collect();
        messages.map_err(|error| broken(&error))
    }
}
