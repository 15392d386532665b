//! Wiring of the `run-jobs` function.

use analytics_db::AnalyticsDb;
use contracts::jobs::LookForJobs;
use domain::{JobHolder, JobWork};
use dynamo_store::OperationsTable;
use event_archive::Archive;
use job_steps::Workshop;
use lambda_boot::{Clock, Service, new_id};
use object_store::FileBucket;
use run_jobs::{Config, Round, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("run-jobs").await?;
    let config = Config::from_env(boot.env())?;
    let clock = Clock::system();
    let now = || Clock::system().now();
    let jobs = OperationsTable::connect(boot.aws(), &config.operations);
    let database = AnalyticsDb::connect(&config.database.0)?;
    let months = AnalyticsDb::connect_patiently(&config.archiver.0)?;
    let archive = FileBucket::archive(boot.aws(), boot.roots(), &config.archive)?.at(now);
    let work = Workshop {
        archive: Archive::new(months, archive),
        reports: database.clone(),
        patient_reports: AnalyticsDb::connect_patiently(&config.database.0)?,
        index: database,
        files: FileBucket::jobs(boot.aws(), boot.roots(), &config.files)?.at(now),
        catalogue: jobs.beside::<dynamo_store::Catalog>(&config.catalog),
    };
    let round = Round {
        jobs: &jobs,
        work: &work,
        clock: &clock,
        new_holder: || JobHolder(new_id()),
        limit: JobWork::step_limit,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_queue(async |_: LookForJobs| handle(&round).await).await
}
