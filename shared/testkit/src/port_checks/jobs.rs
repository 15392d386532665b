//! Checks of [`KeepJobs`] and [`ListJobs`].

use domain::ports::{KeepJobs, ListJobs, SaveError};
use domain::{
    Claimed, CustomerId, Job, JobFailure, JobFile, JobHolder, JobId, JobProgress, JobState,
    JobStep, JobWork, TenantId,
};
use jiff::civil::date;
use uuid::Uuid;

use crate::build::{at, tenant};
use crate::{must, must_fail, must_have};

/// Tests what is kept of jobs; give a future of an empty store.
#[macro_export]
macro_rules! check_jobs {
    ($fresh:expr) => {
        $crate::each_check!(
            jobs,
            $fresh,
            [
                reads_back_a_job,
                refuses_a_job_that_moved_meanwhile,
                lists_the_jobs_of_a_shop,
                lists_the_jobs_that_are_due,
            ]
        );
    };
}

const HOLDER: JobHolder = JobHolder(Uuid::from_u128(7));

/// A job that somebody asks for at a time.
pub fn asked(shop: &TenantId, number: u32, seconds: i64) -> Job {
    let who = must(CustomerId::parse("dora"));
    let id = JobId::asked(shop, &who, &format!("key-{number}"));
    let work = JobWork::SalesReport {
        from: date(2020, 1, 1),
        to: date(2026, 7, 20),
    };
    Job::new(id, (shop.clone(), who), work, at(seconds))
}

/// What was saved is read back whole, in each state and of each kind.
pub async fn reads_back_a_job(store: &impl KeepJobs) {
    let job = asked(&tenant(), 1, 0);
    assert_eq!(must(store.job(job.id).await), None);
    let step = JobStep {
        cursor: "2021-01-01".to_owned(),
        progress: JobProgress {
            done: 366,
            total: Some(2_393),
        },
    };
    let file = JobFile {
        path: "jobs/main/1".to_owned(),
        name: "sales.csv".to_owned(),
        bytes: 70_000,
    };
    let mut stored = must(store.save_job(job).await);
    for version in 1..=6 {
        assert_eq!(stored.version, version);
        assert_eq!(must(store.job(stored.id).await), Some(stored.clone()));
        match version {
            1 => assert_eq!(stored.claim(HOLDER, at(1)), Claimed::Held),
            2 => assert!(must(stored.advance(HOLDER, step.clone(), (at(2), true)))),
            3 => assert!(stored.cancel(at(3))),
            4 => must(stored.finish(HOLDER, (step.progress, Some(file.clone())), at(4))),
            _ => stored.work = JobWork::ArchiveEvents,
        }
        stored = must(store.save_job(stored).await);
    }
    let mut failed = asked(&tenant(), 2, 0);
    for why in JobFailure::ALL {
        failed.work = JobWork::RebuildSearch;
        failed.state = JobState::Failed { at: at(9), why };
        failed = must(store.save_job(failed).await);
        assert_eq!(must(store.job(failed.id).await), Some(failed.clone()));
    }
    failed.state = JobState::Cancelled { at: at(9) };
    failed = must(store.save_job(failed).await);
    assert_eq!(must(store.job(failed.id).await), Some(failed));
}

/// Of two who read the same, one writes; the other is told what is stored.
pub async fn refuses_a_job_that_moved_meanwhile(store: &impl KeepJobs) {
    let stored = must(store.save_job(asked(&tenant(), 1, 0)).await);
    let again = must_fail(store.save_job(asked(&tenant(), 1, 9)).await);
    assert_eq!(again, SaveError::Conflict(Some(Box::new(stored.clone()))));
    let mut first = stored.clone();
    first.claim(HOLDER, at(1));
    let first = must(store.save_job(first).await);
    let mut late = stored;
    late.cancel(at(1));
    let refused = must_fail(store.save_job(late).await);
    assert_eq!(refused, SaveError::Conflict(Some(Box::new(first))));
}

/// The newest first, a page at a time, each shop for itself, also what has ended.
pub async fn lists_the_jobs_of_a_shop<S: KeepJobs + ListJobs>(store: &S) {
    let other = must(TenantId::parse("other"));
    let mut wanted = Vec::new();
    for number in 1..=5 {
        let mut job = asked(&tenant(), number, number.into());
        if number == 3 {
            job.cancel(at(9));
        }
        wanted.insert(0, must(store.save_job(job).await).id);
        must(store.save_job(asked(&other, number, 0)).await);
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = must(store.jobs_of(&tenant(), after.as_deref(), 2).await);
        assert!(page.items.len() <= 2);
        found.extend(page.items.into_iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, wanted);
}

/// What waits or was left behind, of all shops, the longest due first; not what somebody has, or what
/// has ended.
pub async fn lists_the_jobs_that_are_due<S: KeepJobs + ListJobs>(store: &S) {
    let other = must(TenantId::parse("other"));
    let late = must(store.save_job(asked(&tenant(), 1, 60)).await);
    let early = must(store.save_job(asked(&other, 2, 10)).await);
    let mut held = asked(&tenant(), 3, 0);
    held.claim(HOLDER, at(5));
    let held = must(store.save_job(held).await);
    let until = must_have(held.due());
    let mut ended = asked(&tenant(), 4, 0);
    ended.cancel(at(1));
    must(store.save_job(ended).await);
    assert_eq!(must(store.jobs_due(at(9), 10).await), []);
    assert_eq!(must(store.jobs_due(at(10), 10).await), [early.id]);
    assert_eq!(must(store.jobs_due(until, 10).await), [early.id, held.id]);
    let all = must(store.jobs_due(at(100), 10).await);
    assert_eq!(all, [early.id, held.id, late.id]);
    assert_eq!(must(store.jobs_due(at(100), 1).await), [early.id]);
}
