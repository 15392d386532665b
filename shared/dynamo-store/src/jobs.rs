//! Jobs, in the table of operations. Those that have not ended are in a list by when they are due.

use std::collections::HashMap;

use domain::ports::{KeepJobs, ListJobs, Listed, SaveError, StoreError};
use domain::{Job, JobId, TenantId};
use jiff::{SignedDuration, Timestamp};

use crate::accounts::{read, saved};
use crate::answer::broken;
use crate::batch::KeyMap;
use crate::item::ItemError;
use crate::item::job::{decode, encode, id_of};
use crate::key::{InvalidKey, JOBS_DUE, Key, jobs_of, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{DUE_JOBS, JOBS, PK};
use crate::table::{Operations, Table, text};

/// What is due at a time is due before the next nanosecond.
const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

impl KeepJobs for Table<Operations> {
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        read(self.get(&Key::Job(id)).await?, decode)
    }

    async fn save_job(&self, mut job: Job) -> Result<Job, SaveError<Job>> {
        let image = encode(&job).map_err(|error| broken(&error))?;
        let put = self.put(image, job.version).await;
        job.version = job.version.saturating_add(1);
        saved(put, job, decode)
    }
}

impl ListJobs for Table<Operations> {
    /// The index tells which and in what order, a batch tells what they are.
    async fn jobs_of(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Job>, StoreError> {
        let asked = Query {
            index: JOBS,
            partition: jobs_of(tenant),
            part: Part::Whole,
            newest_first: true,
            limit: i32::from(limit.max(1)),
            after: after.map(entry_at).transpose()?,
        };
        let page = self.page(&asked).await?;
        let key = |entry: &Entry| KeyMap::from([(PK.to_owned(), text(&entry.pk))]);
        let keys: Vec<KeyMap> = page.entries.iter().map(key).collect();
        let mut known = HashMap::new();
        for image in self.batch_now(&keys).await? {
            let job = decode(image).map_err(|error| broken(&error))?;
            known.insert(Key::Job(job.id).pk(), job);
        }
        let found = page.entries.iter();
        let items = found.filter_map(|entry| known.remove(&entry.pk)).collect();
        let last = page.entries.last().filter(|_| page.more);
        Ok(Listed {
            items,
            next: last.map(|entry| entry.sort.clone()),
        })
    }

    async fn jobs_due(&self, now: Timestamp, limit: u8) -> Result<Vec<JobId>, StoreError> {
        let end = now.checked_add(NANOSECOND).unwrap_or(now);
        let query = Query {
            index: DUE_JOBS,
            partition: JOBS_DUE.to_owned(),
            part: Part::Before(time_key(end)),
            newest_first: false,
            limit: i32::from(limit.max(1)),
            after: None,
        };
        let entries = self.entries(query, limit.into()).await?;
        let ids: Result<_, ItemError> = entries.iter().map(|entry| id_of(&entry.pk)).collect();
        ids.map_err(|error| broken(&error))
    }
}

/// A place is the sort key of an entry, `<time>#<id>`, which names the item too.
fn entry_at(place: &str) -> Result<Entry, StoreError> {
    let id = place.split_once('#').and_then(|(_, id)| JobId::parse(id));
    let id = id.ok_or_else(|| broken(&InvalidKey(place.to_owned())))?;
    Ok(Entry {
        pk: Key::Job(id).pk(),
        sort: place.to_owned(),
    })
}
