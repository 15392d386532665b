//! Heavy work for those who run a shop.

use contracts::http::{JobAcceptedBody, JobBody, JobListBody, JobResultBody, NewJob};
use domain::{Job, JobFile, JobHolder, JobProgress};
use testkit::build::{at as time, tenant};
use testkit::must;
use testkit::port_checks::jobs::asked;
use uuid::Uuid;

use crate::openapi::operation::{Operation, at};

const LINK: &str = "https://cartwright-jobfiles.s3.eu-west-1.amazonaws.com/jobs/f0/result?X-Amz-Expires=300&X-Amz-Signature=ab";

fn done() -> Job {
    let mut job = asked(&tenant(), 1, 0);
    let holder = JobHolder(Uuid::from_u128(7));
    job.claim(holder, time(1));
    let progress = JobProgress {
        done: 2_393,
        total: Some(2_393),
    };
    let file = JobFile {
        path: format!("jobs/{}/result", job.id),
        name: "sales-2020-01-01-2026-07-20.csv".to_owned(),
        bytes: 181_201,
    };
    must(job.finish(holder, (progress, Some(file)), time(9)));
    job
}

/// A job with a link to what came of it.
fn shown() -> JobBody {
    let body = JobBody::of(&done(), time(60));
    let result = body.result.map(|result| JobResultBody {
        link: Some(LINK.to_owned()),
        ..result
    });
    JobBody { result, ..body }
}

/// Jobs.
pub(super) fn heavy() -> Vec<Operation> {
    let new = NewJob {
        kind: "sales_report".to_owned(),
        from: Some("2020-01-01".to_owned()),
        to: Some("2026-07-20".to_owned()),
    };
    let listed = JobListBody {
        jobs: vec![JobBody::of(&done(), time(60))],
        next_cursor: None,
    };
    let mut cancelled = asked(&tenant(), 1, 0);
    cancelled.cancel(time(60));
    vec![
        at(
            "GET /api/v1/admin/jobs",
            "listJobs",
            "The jobs of the shop, newest first, for a month after their end.",
        )
        .pages()
        .answers(200, "A page of them.", &listed),
        at(
            "POST /api/v1/admin/jobs",
            "askForJob",
            "Asks for heavy work, which is done later. Its id is made of the key.",
        )
        .once()
        .takes(&new)
        .answers(
            202,
            "It will be done; the job says how far it is.",
            &JobAcceptedBody::from(&done()),
        )
        .with(&["Location"]),
        at(
            "GET /api/v1/admin/jobs/{id}",
            "getJob",
            "A job as it stands, with a link to what came of it.",
        )
        .answers(200, "The job.", &shown()),
        at(
            "POST /api/v1/admin/jobs/{id}/cancel",
            "cancelJob",
            "Takes a job back: one that waits ends at once, one that runs at its next step.",
        )
        .answers(
            200,
            "The job as it stands.",
            &JobBody::of(&cancelled, time(60)),
        )
        .refuses(409, &["job-ended"]),
    ]
}
