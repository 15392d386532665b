//! What each kind of job does, on stores in memory.

use domain::ports::{CountSales, IndexCatalogue, KeepFiles, ReportedSale, TakeMetrics};
use domain::{JobFile, MetricEvent};
use event_archive::Archive;
use jiff::civil::date;
use testkit::build::{a_product, an_entry, order_id};
use testkit::fakes::{FakeCatalogue, FakeFiles, FakeIndex, FakeMetrics, FakeSales};
use testkit::port_checks::metrics::{batch, event};
use testkit::port_checks::sales::events;

use super::*;

type Shop = Workshop<FakeSales, FakeIndex, FakeFiles, FakeMetrics, FakeFiles, FakeCatalogue>;

fn shop() -> Shop {
    Workshop {
        reports: FakeSales::default(),
        index: FakeIndex::default(),
        files: FakeFiles::default(),
        archive: Archive::new(FakeMetrics::default(), FakeFiles::default()),
        catalogue: FakeCatalogue::default().with(a_product("kettle", 100)),
    }
}

fn a_job(work: JobWork) -> Job {
    let who = customer("dora");
    let id = JobId::asked(&tenant(), &who, "one");
    Job::new(id, (tenant(), who), work, FakeClock::default().now())
}

/// All steps of a job, each of them so many times; what was done, and how far it was after each.
async fn all_steps(
    shop: &Shop,
    job: &mut Job,
    times: usize,
) -> (Option<JobFile>, Vec<JobProgress>) {
    let mut progress = Vec::new();
    loop {
        for _ in 1..times {
            must(shop.step(job).await);
        }
        match must(shop.step(job).await) {
            Did::Step(step) => {
                progress.push(step.progress);
                job.cursor = Some(step.cursor);
                job.progress = step.progress;
            }
            Did::All(last, file) => {
                progress.push(last);
                return (file, progress);
            }
        }
    }
}

fn report() -> JobWork {
    JobWork::SalesReport {
        from: date(2024, 12, 31),
        to: date(2026, 7, 31),
    }
}

#[tokio::test]
async fn a_report_over_years_is_one_sheet() {
    let shop = shop();
    // The first day of a year, where a part begins.
    let new_year = ReportedSale {
        order: order_id(99),
        at: must("2026-01-01T00:00:00Z".parse()),
        event_id: "order/99/1".to_owned(),
        ..events().swap_remove(0)
    };
    for event in events().into_iter().chain([new_year]) {
        must(shop.reports.count_sale(&tenant(), &event).await);
    }
    let mut job = a_job(report());
    let (file, progress) = all_steps(&shop, &mut job, 2).await;
    let file = must_have(file);
    assert_eq!(file.name, "sales-2024-12-31-2026-07-31.csv");
    let done: Vec<_> = progress.iter().map(|it| (it.done, it.total)).collect();
    let total = Some(578);
    assert_eq!(done, [(1, total), (366, total), (578, total), (578, total)]);
    let bytes = must_have(must(shop.files.get_file(&file.path).await));
    assert_eq!(file.bytes, bytes.len() as u64);
    let text = String::from_utf8(bytes).unwrap();
    let days: Vec<_> = text.lines().map(|line| &line[..10]).collect();
    let wanted = [
        "day,hour,c",
        "2026-01-01",
        "2026-07-20",
        "2026-07-21",
        "2026-07-22",
        "2026-07-24",
    ];
    assert_eq!(days, wanted, "{text}");
}

/// The sheet of the job is what the route of the same days says.
#[tokio::test]
async fn a_report_has_nothing_of_another_shop() {
    let shop = shop();
    for event in events() {
        let other = must(domain::TenantId::parse("other"));
        must(shop.reports.count_sale(&other, &event).await);
    }
    let (file, _) = all_steps(&shop, &mut a_job(report()), 2).await;
    let bytes = must(shop.files.get_file(&must_have(file).path).await);
    let text = String::from_utf8(must_have(bytes)).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[tokio::test]
async fn what_passes_is_told_from_what_a_person_has_to_look_at() {
    let shop = shop();
    shop.reports.set_away(true);
    let mut job = a_job(report());
    assert_eq!(
        must_fail(shop.step(&job).await).why,
        JobFailure::Unavailable
    );
    for cursor in ["together", "soon"] {
        job.cursor = Some(cursor.to_owned());
        assert_eq!(must_fail(shop.step(&job).await).why, JobFailure::Internal);
    }
    job.work = JobWork::RebuildSearch;
    assert_eq!(must_fail(shop.step(&job).await).why, JobFailure::Internal);
}

#[tokio::test]
async fn the_index_is_what_the_catalogue_says() {
    let shop = shop();
    must(shop.index.index(&an_entry("gone", "Gone", 3)).await);
    let (file, progress) = all_steps(&shop, &mut a_job(JobWork::RebuildSearch), 2).await;
    assert_eq!(file, None);
    // One is written. What is gone was taken out by the first of two steps that are the same.
    assert_eq!(progress.last().map(|it| it.done), Some(1));
    let found = shop.index.all();
    let sold: Vec<_> = found
        .iter()
        .filter(|it| it.status == domain::SaleStatus::Active)
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(sold, ["kettle"]);
}

#[tokio::test]
async fn old_months_leave_at_once() {
    let database = FakeMetrics::default();
    let files = FakeFiles::default();
    let on = |time: &str| MetricEvent {
        at: must(time.parse()),
        ..event(0, 1.0)
    };
    let times = ["2024-05-05T00:00:00Z", "2024-06-30T23:59:59Z"];
    let events = times.map(on).to_vec();
    let then = must("2026-07-20T00:00:00Z".parse());
    must(
        database
            .take_metrics(&[batch("ant", 1, events)], then)
            .await,
    );
    let shop = Workshop {
        archive: Archive::new(database, files.clone()),
        ..shop()
    };
    let (file, progress) = all_steps(&shop, &mut a_job(JobWork::ArchiveEvents), 1).await;
    assert_eq!(file, None);
    // A part, its month, the next part, its month, and that there is no more.
    let done: Vec<_> = progress.iter().map(|it| it.done).collect();
    assert_eq!(done, [1, 1, 2, 2, 2]);
    assert_eq!(files.paths().len(), 2);
    // The months left, and nothing is left to do.
    let next = must(shop.step(&a_job(JobWork::ArchiveEvents)).await);
    assert_eq!(next, Did::All(JobProgress::default(), None));
}
