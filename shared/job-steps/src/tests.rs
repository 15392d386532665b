//! What each kind of job does, on stores in memory.

use domain::ports::{
    CountSales, IndexCatalogue, KeepFiles, ListSales, RecountSales, ReportedSale, TakeMetrics,
};
use domain::{
    DayFigure, Job, JobFailure, JobFile, JobId, JobProgress, JobWork, MetricEvent, Miscounted,
};
use event_archive::Archive;
use jiff::civil::date;
use testkit::FakeClock;
use testkit::build::{a_product, an_entry, customer, order_id, tenant};
use testkit::fakes::{FakeCatalogue, FakeFiles, FakeIndex, FakeMetrics, FakeSales};
use testkit::port_checks::metrics::{batch, event};
use testkit::port_checks::sales::events;
use testkit::{must, must_fail, must_have};

use super::*;
use crate::export::PART;

type Shop = Workshop<FakeSales, FakeIndex, FakeFiles, FakeMetrics, FakeFiles, FakeCatalogue>;

fn shop() -> Shop {
    let reports = FakeSales::default();
    Workshop {
        patient_reports: reports.clone(),
        reports,
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

/// More than a part of it; a later order is not in it, nor one of which only the end is known.
#[tokio::test]
async fn an_export_has_each_order_of_its_days_once() {
    let shop = shop();
    let placed = events().swap_remove(0);
    let at_second = |second: i64| {
        must(
            placed
                .at
                .checked_add(jiff::SignedDuration::from_secs(second)),
        )
    };
    let count = i64::from(PART) + 3;
    for number in 0..count {
        let event = ReportedSale {
            // Two at each moment: the last of a part, and the first of the next.
            at: at_second((number + 1) / 2),
            order: order_id(u64::try_from(number).unwrap() + 100),
            ..placed.clone()
        };
        must(shop.reports.count_sale(&tenant(), &event).await);
    }
    let of_others = events().split_off(1);
    for event in of_others {
        must(shop.reports.count_sale(&tenant(), &event).await);
    }
    let day = date(2026, 7, 20);
    let mut job = a_job(JobWork::OrderExport { from: day, to: day });
    let (file, progress) = all_steps(&shop, &mut job, 2).await;
    let file = must_have(file);
    assert_eq!(file.name, "orders-2026-07-20-2026-07-20.csv");
    let bytes = must_have(must(shop.files.get_file(&file.path).await));
    let text = String::from_utf8(bytes).unwrap();
    let days = day..=day;
    let all = (None, u16::MAX);
    let listed = must(shop.reports.sales_placed(&tenant(), &days, all).await);
    assert!(listed.len() > usize::from(PART));
    let ids: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| line[..36].to_owned())
        .collect();
    let wanted: Vec<_> = listed.iter().map(|it| it.order.to_string()).collect();
    assert_eq!(ids, wanted);
    assert_eq!(progress.last().map(|it| it.done), Some(wanted.len() as u64));
}

#[tokio::test]
async fn an_export_says_what_became_of_each_order() {
    let shop = shop();
    for event in events() {
        must(shop.reports.count_sale(&tenant(), &event).await);
    }
    let mut job = a_job(JobWork::OrderExport {
        from: date(2026, 7, 20),
        to: date(2026, 8, 20),
    });
    let (file, _) = all_steps(&shop, &mut job, 1).await;
    let bytes = must(shop.files.get_file(&must_have(file).path).await);
    let text = String::from_utf8(must_have(bytes)).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), 6, "{text}");
    let first = &rows[0];
    assert_eq!(first[2..4], ["EUR", "5850"]);
    assert_eq!(first[5..8], ["EUR", "5850", "585"]);
    assert_eq!(first[11..], ["5", "2", "900"]);
    assert_eq!(rows[4][9], "out_of_stock");
    assert_ne!(rows[5][10], "", "cancelled");
}

/// All that was wrong, in two months, is told and put right, also when each step is done twice.
#[tokio::test]
async fn figures_are_rebuilt_and_what_was_wrong_is_told() {
    let shop = shop();
    let work = || JobWork::RebuildFigures {
        from: date(2026, 6, 15),
        to: date(2026, 8, 2),
    };
    let (file, progress) = all_steps(&shop, &mut a_job(work()), 2).await;
    assert_eq!(file, None);
    let done: Vec<_> = progress.iter().map(|it| (it.done, it.total)).collect();
    let total = Some(49);
    let each = [10, 20, 30, 40, 49, 49].map(|days| (days, total));
    assert_eq!(done, each);
    let wrong = |name, counted| Miscounted {
        figure: DayFigure {
            hour: None,
            currency: Some("EUR"),
            product: None,
            name,
        },
        counted,
        wanted: 1,
    };
    // One behind the other, the last of all, and the day after, which nobody asked for.
    let days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 2)];
    let later = date(2026, 8, 3);
    shop.patient_reports
        .miscount(&tenant(), later, vec![wrong("placed", 5)]);
    for day in days {
        let all = vec![wrong("placed", 0), wrong("units", 9)];
        shop.patient_reports.miscount(&tenant(), day, all);
    }
    let (file, _) = all_steps(&shop, &mut a_job(work()), 2).await;
    let file = must_have(file);
    assert_eq!(file.name, "miscounted-2026-06-15-2026-08-02.csv");
    let bytes = must_have(must(shop.files.get_file(&file.path).await));
    let wanted = "day,hour,currency,product_id,figure,counted,orders_say\n\
                  2026-06-30,,EUR,,placed,0,1\n2026-06-30,,EUR,,units,9,1\n\
                  2026-07-01,,EUR,,placed,0,1\n2026-07-01,,EUR,,units,9,1\n\
                  2026-08-02,,EUR,,placed,0,1\n2026-08-02,,EUR,,units,9,1\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
    for day in days {
        assert_eq!(
            must(shop.patient_reports.miscounted(&tenant(), day).await),
            []
        );
    }
    assert_eq!(
        must(shop.patient_reports.miscounted(&tenant(), later).await).len(),
        1
    );
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
    let (from, to) = (date(2026, 7, 1), date(2026, 7, 2));
    for work in [
        JobWork::RebuildSearch,
        JobWork::OrderExport { from, to },
        JobWork::RebuildFigures { from, to },
    ] {
        job.work = work;
        assert_eq!(must_fail(shop.step(&job).await).why, JobFailure::Internal);
    }
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
