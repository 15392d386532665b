//! The roles of what takes heavy work in, and of what does it.

use std::sync::atomic::{AtomicI8, Ordering};

use analytics_db::AnalyticsDb;
use domain::ports::{KeepJobs, TakeMetrics};
use domain::{Job, JobId, JobWork, MetricEvent};
use jiff::civil::date;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::json;
use testkit::build::{customer, tenant};
use testkit::port_checks::metrics::{batch, event};
use testkit::{must, must_have};
use tests::emulator::aws::{invoke, queue_event_of, set_consumer};
use tests::emulator::shop::{SOON, Shop, now, stamp};
use tests::emulator::wait::until;

use super::Rounds;
use super::http::{as_somebody_new, expect_counted, looks_for_keys_at};
use crate::policy::each_is_needed;

#[tokio::test]
async fn jobs_api_needs_its_role() {
    let shop = Shop::alone("role-jobs").await;
    let rounds = Rounds::default();
    let path = "/admin/jobs";
    let id = asked(&shop, report()).await;
    let done = || async {
        let job = must_have(must(shop.tables.operations.job(id).await));
        (job.state.name() == "done").then_some(())
    };
    until("there is something to be had", SOON + SOON, done).await;
    let shown = format!("{path}/{id}");
    each_is_needed(&shop.stack, "jobs-api", async || {
        let ask = async || {
            let body = json!({"kind": "rebuild_search"});
            let request = shop.request(Method::POST, path).json(&body);
            let request = request.header("idempotency-key", stamp());
            as_somebody_new(&shop, &rounds, request).await
        };
        expect_counted(ask, 202).await?;
        let list = async || as_somebody_new(&shop, &rounds, shop.request(Method::GET, path)).await;
        expect_counted(list, 200).await?;
        let show = shop.request(Method::GET, &shown);
        let job = as_somebody_new(&shop, &rounds, show).await.json();
        let link = must_have(job["result"]["link"].as_str());
        let had = must(shop.stack.http.get(link).send().await).status();
        if had != 200 {
            return Err(format!("the link answers {had}"));
        }
        looks_for_keys_at(&shop, Method::GET, path).await
    })
    .await;
}

async fn asked(shop: &Shop, work: JobWork) -> JobId {
    let who = customer("admin");
    let id = JobId::asked(&tenant(), &who, &stamp());
    let job = Job::new(id, (tenant(), who), work, now());
    must(shop.tables.operations.save_job(job).await).id
}

fn report() -> JobWork {
    JobWork::SalesReport {
        from: date(2026, 1, 1),
        to: date(2026, 1, 2),
    }
}

/// Events of another month each time: what is archived already takes no right.
async fn an_old_month(shop: &Shop, number: i8) {
    let database = must(AnalyticsDb::connect(shop.stack.get("DATABASE_URL")));
    let month = date(2002 + i16::from(number / 12), number % 12 + 1, 1);
    let at = must(month.to_zoned(TimeZone::UTC)).timestamp();
    let event = MetricEvent {
        at,
        ..event(0, 1.0)
    };
    let id = u128::try_from(number).unwrap_or_default();
    let batch = batch(shop.name(), 2_002_000 + id, vec![event]);
    must(database.take_metrics(&[batch], at).await);
}

#[tokio::test]
async fn run_jobs_needs_its_role() {
    static MONTHS: AtomicI8 = AtomicI8::new(0);
    let shop = Shop::alone("role-heavy").await;
    shop.sell("tea", 100, 1).await;
    set_consumer(&shop.stack, "run-jobs", false).await;
    each_is_needed(&shop.stack, "run-jobs", async || {
        an_old_month(&shop, MONTHS.fetch_add(1, Ordering::Relaxed)).await;
        let mut jobs = Vec::new();
        let (from, to) = (date(2026, 1, 1), date(2026, 1, 2));
        for work in [
            report(),
            JobWork::OrderExport { from, to },
            JobWork::RebuildFigures { from, to },
            JobWork::ArchiveEvents,
            JobWork::RebuildSearch,
        ] {
            jobs.push(asked(&shop, work).await);
        }
        let event = queue_event_of(&[r#"{"look":"jobs"}"#.to_owned()]);
        let answer = invoke(&shop.stack, "run-jobs", &event).await;
        let answer = answer.map_err(|it| format!("{}: {}", it.name, it.message))?;
        for id in jobs {
            let job = must_have(must(shop.tables.operations.job(id).await));
            if job.state.name() != "done" {
                return Err(format!("{:?} after {answer}", job.state));
            }
        }
        Ok(())
    })
    .await;
    set_consumer(&shop.stack, "run-jobs", true).await;
}
