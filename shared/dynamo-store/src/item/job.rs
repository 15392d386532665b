//! The item of a job: `JOB#<uuid>`. One that has ended leaves the list of what is due, and DynamoDB
//! removes it a month later.

use domain::{
    CustomerId, Job, JobFailure, JobFile, JobHolder, JobId, JobProgress, JobState, JobWork,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::note::NoteItem;
use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{JOBS_DUE, Key, created_key, jobs_of, time_key};

const ENTITY: &str = "job";

#[derive(Serialize, Deserialize)]
struct JobItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    asked_by: String,
    asked_at: Nanos,
    work: WorkPart,
    state: StatePart,
    tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    done: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancel_asked_at: Option<Nanos>,
    /// The index `jobs` has the item by this and the next.
    jobs_of: String,
    created_key: String,
    /// The index `due-jobs` has the items with this and the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_list: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
    /// That somebody asked for it, or for its end.
    note: NoteItem,
    /// Only where the note may be new: the steps of a job are nobody's news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    news: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WorkPart {
    SalesReport { from: Date, to: Date },
    OrderExport { from: Date, to: Date },
    RebuildFigures { from: Date, to: Date },
    ArchiveEvents,
    RebuildSearch,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
enum StatePart {
    Queued {
        due: Nanos,
    },
    Running {
        holder: Uuid,
        until: Nanos,
    },
    Done {
        at: Nanos,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FilePart>,
    },
    Failed {
        at: Nanos,
        why: String,
    },
    Cancelled {
        at: Nanos,
    },
}

#[derive(Serialize, Deserialize)]
struct FilePart {
    path: String,
    name: String,
    bytes: u64,
}

/// The item of the next version.
pub(crate) fn encode(job: &Job) -> Result<Image, ItemError> {
    let due = job.due();
    let is_told = job.version == 0 || job.cancel_asked_at.is_some();
    write(JobItem {
        pk: Key::Job(job.id).pk(),
        entity: ENTITY.to_owned(),
        version: job.version.saturating_add(1),
        tenant: job.tenant.to_string(),
        asked_by: job.asked_by.to_string(),
        asked_at: Nanos(job.asked_at),
        work: write_work(&job.work),
        state: write_state(&job.state),
        tries: job.tries,
        cursor: job.cursor.clone(),
        done: job.progress.done,
        total: job.progress.total,
        cancel_asked_at: job.cancel_asked_at.map(Nanos),
        jobs_of: jobs_of(&job.tenant),
        created_key: created_key(job.asked_at, &job.id.to_string()),
        due_list: due.map(|_| JOBS_DUE.to_owned()),
        due: due.map(time_key),
        expires: job.kept_until().as_second(),
        note: note(job),
        news: is_told.then_some(true),
    })
}

pub(crate) fn decode(image: Image) -> Result<Job, ItemError> {
    let item: JobItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    Ok(Job {
        id: id_of(&item.pk)?,
        tenant: read_tenant(&item.tenant)?,
        asked_by: CustomerId::parse(&item.asked_by).map_err(ItemError::of("asked_by"))?,
        asked_at: item.asked_at.0,
        work: read_work(item.work),
        state: read_state(item.state)?,
        tries: item.tries,
        cursor: item.cursor,
        progress: JobProgress {
            done: item.done,
            total: item.total,
        },
        cancel_asked_at: item.cancel_asked_at.map(|Nanos(at)| at),
        version: item.version,
    })
}

/// The job that an item or an entry of an index is.
pub(crate) fn id_of(pk: &str) -> Result<JobId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Job(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no job")),
    }
}

fn note(job: &Job) -> NoteItem {
    // The log keeps what it has of a number for ever, and the row of a key may be made anew after a month.
    let asked = job.asked_at.as_second().unsigned_abs();
    let (number, action, at) = match job.cancel_asked_at {
        None => (asked, "job.requested", job.asked_at),
        Some(at) => (asked + 1, "job.cancelled", at),
    };
    NoteItem::new(number, at, action, format!("job/{}", job.id))
}

fn write_work(work: &JobWork) -> WorkPart {
    match *work {
        JobWork::SalesReport { from, to } => WorkPart::SalesReport { from, to },
        JobWork::OrderExport { from, to } => WorkPart::OrderExport { from, to },
        JobWork::RebuildFigures { from, to } => WorkPart::RebuildFigures { from, to },
        JobWork::ArchiveEvents => WorkPart::ArchiveEvents,
        JobWork::RebuildSearch => WorkPart::RebuildSearch,
    }
}

fn read_work(work: WorkPart) -> JobWork {
    match work {
        WorkPart::SalesReport { from, to } => JobWork::SalesReport { from, to },
        WorkPart::OrderExport { from, to } => JobWork::OrderExport { from, to },
        WorkPart::RebuildFigures { from, to } => JobWork::RebuildFigures { from, to },
        WorkPart::ArchiveEvents => JobWork::ArchiveEvents,
        WorkPart::RebuildSearch => JobWork::RebuildSearch,
    }
}

fn write_state(state: &JobState) -> StatePart {
    let write_file = |file: &JobFile| FilePart {
        path: file.path.clone(),
        name: file.name.clone(),
        bytes: file.bytes,
    };
    match state {
        JobState::Waiting { due } => StatePart::Queued { due: Nanos(*due) },
        JobState::Running { holder, until } => StatePart::Running {
            holder: holder.0,
            until: Nanos(*until),
        },
        JobState::Done { at, file } => StatePart::Done {
            at: Nanos(*at),
            file: file.as_ref().map(write_file),
        },
        JobState::Failed { at, why } => StatePart::Failed {
            at: Nanos(*at),
            why: why.name().to_owned(),
        },
        JobState::Cancelled { at } => StatePart::Cancelled { at: Nanos(*at) },
    }
}

fn read_state(state: StatePart) -> Result<JobState, ItemError> {
    let read_file = |file: FilePart| JobFile {
        path: file.path,
        name: file.name,
        bytes: file.bytes,
    };
    Ok(match state {
        StatePart::Queued { due } => JobState::Waiting { due: due.0 },
        StatePart::Running { holder, until } => JobState::Running {
            holder: JobHolder(holder),
            until: until.0,
        },
        StatePart::Done { at, file } => JobState::Done {
            at: at.0,
            file: file.map(read_file),
        },
        StatePart::Failed { at, why } => {
            let known = JobFailure::ALL.into_iter().find(|it| it.name() == why);
            let why = known.ok_or_else(|| ItemError::of("state")("no reason of ours"))?;
            JobState::Failed { at: at.0, why }
        }
        StatePart::Cancelled { at } => JobState::Cancelled { at: at.0 },
    })
}
