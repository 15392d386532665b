//! The inboxes of consumers, each in the table of its service.

use domain::Taken;
use domain::ports::{Inbox, ListGaps, SaveError, StoreError};
use jiff::Timestamp;

use crate::answer::broken;
use crate::item::inbox::{decode, encode};
use crate::item::{Image, ItemError};
use crate::key::{Consumer, Key, time_key};
use crate::query::{Part, Query};
use crate::schema::GAPS;
use crate::table::{Orders, PutError, Realtime, Table};

impl<S> Table<S> {
    async fn taken_by(&self, consumer: Consumer, aggregate: &str) -> Result<Taken, StoreError> {
        let key = Key::Inbox(consumer, aggregate.to_owned());
        taken_in(self.get(&key).await?)
    }

    async fn save_taken_by(
        &self,
        consumer: Consumer,
        aggregate: &str,
        mut taken: Taken,
    ) -> Result<Taken, SaveError<Taken>> {
        let image = encode(consumer, aggregate, &taken).map_err(|error| broken(&error))?;
        match self.put(image, taken.version).await {
            Ok(()) => {
                taken.version = taken.version.saturating_add(1);
                Ok(taken)
            }
            Err(PutError::Refused(stored)) => {
                Err(SaveError::Conflict(Some(Box::new(taken_in(stored)?))))
            }
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }

    async fn gaps_of(
        &self,
        consumer: Consumer,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<String>, StoreError> {
        let query = Query {
            index: GAPS,
            partition: consumer.gaps(),
            part: Part::Before(time_key(before)),
            newest_first: false,
            limit: i32::from(limit).max(1),
            after: None,
        };
        let entries = self.entries(query, limit.into()).await?;
        let aggregate = |pk: &str| match Key::parse(pk).map_err(ItemError::of("pk"))? {
            Key::Inbox(_, aggregate) => Ok(aggregate),
            _ => Err(ItemError::of("pk")("the key is of no inbox")),
        };
        let aggregates = entries.iter().map(|entry| aggregate(&entry.pk));
        let aggregates: Result<_, ItemError> = aggregates.collect();
        aggregates.map_err(|error| broken(&error))
    }
}

fn taken_in(image: Option<Image>) -> Result<Taken, StoreError> {
    let taken = image.map(decode).transpose();
    Ok(taken.map_err(|error| broken(&error))?.unwrap_or_default())
}

macro_rules! inboxes {
    ($($service:ident of $consumer:ident),*) => {
        $(impl Inbox for Table<$service> {
            async fn taken(&self, aggregate: &str) -> Result<Taken, StoreError> {
                self.taken_by(Consumer::$consumer, aggregate).await
            }

            async fn save_taken(
                &self,
                aggregate: &str,
                taken: Taken,
            ) -> Result<Taken, SaveError<Taken>> {
                self.save_taken_by(Consumer::$consumer, aggregate, taken).await
            }
        }

        impl ListGaps for Table<$service> {
            async fn gaps_due(
                &self,
                before: Timestamp,
                limit: u16,
            ) -> Result<Vec<String>, StoreError> {
                self.gaps_of(Consumer::$consumer, before, limit).await
            }
        })*
    };
}

inboxes!(Realtime of Notify, Orders of TrackShipments);
