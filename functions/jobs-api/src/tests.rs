//! The routes inside the edge, with real tokens, against jobs in memory.

use axum::Router;
use domain::ports::{CountMessages, KeepJobs, ReceiveMessages};
use domain::{Claimed, Job, JobFile, JobHolder, JobId, JobProgress, JobState};
use http_edge::Role;
use jiff::SignedDuration;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::customer;
use testkit::build::tenant;
use testkit::fakes::{FakeJobs, FakeLinks, FakeQueue, Fault};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};
use testkit::{must, must_have};

use super::*;

const JOBS: &str = "/api/v1/admin/jobs";
const HOLDER: JobHolder = JobHolder(uuid_of(7));

const fn uuid_of(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}

/// The whole function, and what it stored.
struct World {
    jobs: FakeJobs,
    queue: FakeQueue,
    clock: FakeClock,
    routes: Router,
}

impl World {
    fn new() -> Self {
        let (jobs, clock) = (FakeJobs::default(), FakeClock::default());
        let queue = FakeQueue::at(&clock);
        let turned = clock.clone();
        let app = App {
            jobs: jobs.clone(),
            queue: queue.clone(),
            files: FakeLinks,
            home: tenant(),
            cursors: cursors(),
            clock: Clock::driven(move || turned.now()),
        };
        Self {
            jobs,
            queue,
            clock,
            routes: protect(api(app)),
        }
    }

    async fn admin(&self, ask: Ask) -> Answer {
        ask.with_token(&token("dora", Role::Admin))
            .to(&self.routes)
            .await
    }

    async fn post(&self, key: &str, body: &Value) -> Answer {
        self.admin(Ask::post(JOBS, body).with("idempotency-key", key))
            .await
    }

    async fn get(&self, id: JobId) -> Value {
        self.admin(Ask::get(&format!("{JOBS}/{id}"))).await.json()
    }

    async fn cancel(&self, id: JobId) -> Answer {
        let path = format!("{JOBS}/{id}/cancel");
        self.admin(Ask::post(&path, "")).await
    }

    async fn asked(&self, key: &str) -> JobId {
        let answer = self.post(key, &report()).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        must_have(JobId::parse(answer.json()["job_id"].as_str().unwrap()))
    }

    async fn messages(&self) -> u64 {
        must(self.queue.depth().await).waiting
    }

    /// Whoever does it has it now.
    fn is_taken_up(&self, id: JobId) {
        let now = self.clock.now();
        self.jobs
            .change(id, |job| assert_eq!(job.claim(HOLDER, now), Claimed::Held));
    }

    fn is_done(&self, id: JobId) {
        self.is_taken_up(id);
        let now = self.clock.now();
        let file = JobFile {
            path: format!("jobs/{id}/result"),
            name: "sales.csv".to_owned(),
            bytes: 512,
        };
        let progress = JobProgress {
            done: 9,
            total: Some(9),
        };
        let done = (progress, Some(file));
        self.jobs
            .change(id, |job| must(job.finish(HOLDER, done, now)));
    }
}

fn report() -> Value {
    json!({"kind": "sales_report", "from": "2020-01-01", "to": "2026-07-20"})
}

#[tokio::test]
async fn a_job_is_accepted_kept_and_somebody_is_woken() {
    let world = World::new();
    let answer = world.post("one", &report()).await;
    assert_eq!(answer.status, 202);
    let id = JobId::asked(&tenant(), &customer("dora"), "one");
    assert_eq!(answer.header("location"), format!("{JOBS}/{id}"));
    insta::assert_snapshot!(answer.body, @r#"{"job_id":"e5ca268c-2062-82fb-a183-f16d7fb499bd","kind":"sales_report","requested_at":"2026-07-20T12:00:00Z"}"#);
    assert_eq!(world.messages().await, 1);
    let letters = must(world.queue.receive(std::time::Duration::ZERO).await);
    assert_eq!(letters[0].letter.body, r#"{"look":"jobs"}"#);
    let shown = world.get(id).await;
    assert_eq!(shown["state"], "queued");
    assert_eq!(shown["requested_by"], "dora");
    assert_eq!(world.jobs.authors().len(), 1, "the audit log hears who");
}

#[tokio::test]
async fn the_same_key_is_the_same_job_and_another_body_is_refused() {
    let world = World::new();
    let first = world.post("one", &report()).await;
    world.clock.advance(SignedDuration::from_mins(1));
    let again = world.post("one", &report()).await;
    assert_eq!((again.status, &again.body), (202, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(world.jobs.all().len(), 1);
    let other = world.post("one", &json!({"kind": "archive_events"})).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    // Also when it was done long ago, and nobody needs to be woken.
    let id = world.jobs.all()[0].id;
    world.is_done(id);
    let before = world.messages().await;
    assert_eq!(world.post("one", &report()).await.body, first.body);
    assert_eq!(world.messages().await, before);
    let without = world.admin(Ask::post(JOBS, report())).await;
    assert_eq!(without.problem(), (400, "idempotency-key".to_owned()));
}

/// The row is there: the next look finds it.
#[tokio::test]
async fn a_job_is_accepted_while_the_queue_is_away() {
    let world = World::new();
    world.queue.set_down(true);
    let id = world.asked("one").await;
    assert_eq!(world.get(id).await["state"], "queued");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_met_by_the_next_try() {
    let world = World::new();
    world.jobs.fail_write_after(0, Fault::AppliedButError);
    assert_eq!(world.post("one", &report()).await.problem().0, 503);
    let again = world.post("one", &report()).await;
    assert_eq!(again.status, 202);
    assert_eq!(world.jobs.all().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let world = World::new();
    for body in [
        json!({"kind": "everything"}),
        json!({"kind": "sales_report"}),
        json!({"kind": "sales_report", "from": "2026-01-02", "to": "2026-01-01"}),
        json!({"kind": "archive_events", "from": "2026-01-02"}),
        json!({"kind": "archive_events", "shop": "other"}),
    ] {
        let answer = world.post("one", &body).await;
        assert!([400, 422].contains(&answer.status), "{}", answer.body);
    }
    assert!(world.jobs.all().is_empty());
}

#[tokio::test]
async fn what_came_of_a_job_is_had_by_a_link_for_a_week() {
    let world = World::new();
    let id = world.asked("one").await;
    assert_eq!(world.get(id).await.get("result"), None);
    world.is_done(id);
    let shown = world.get(id).await;
    assert_eq!(shown["state"], "done");
    let result = &shown["result"];
    let link = result["link"].as_str().unwrap();
    let place = format!("https://files.example.org/jobs/{id}/result?name=sales.csv&valid=300");
    assert_eq!(link, place);
    assert_eq!(
        (&result["name"], &result["bytes"]),
        (&json!("sales.csv"), &json!(512))
    );
    let list = world.admin(Ask::get(JOBS)).await.json();
    assert_eq!(list["jobs"][0]["result"].get("link"), None);
    world.clock.advance(SignedDuration::from_hours(7 * 24));
    assert_eq!(world.get(id).await.get("result"), None);
}

#[tokio::test]
async fn one_that_waits_is_cancelled_at_once_and_one_that_runs_is_told() {
    let world = World::new();
    let (waits, runs, ended) = (
        world.asked("one").await,
        world.asked("two").await,
        world.asked("three").await,
    );
    for _ in 0..2 {
        let body = world.cancel(waits).await.json();
        assert_eq!(
            (&body["state"], &body["cancel_requested"]),
            (&json!("cancelled"), &json!(true))
        );
    }
    world.is_taken_up(runs);
    for _ in 0..2 {
        let body = world.cancel(runs).await.json();
        assert_eq!(
            (&body["state"], &body["cancel_requested"]),
            (&json!("running"), &json!(true))
        );
    }
    world.is_done(ended);
    assert_eq!(
        world.cancel(ended).await.problem(),
        (409, "job-ended".to_owned())
    );
    let job = must_have(must(world.jobs.job(ended).await));
    assert!(matches!(job.state, JobState::Done { .. }) && job.cancel_asked_at.is_none());
}

/// Whoever runs it writes in between.
#[tokio::test]
async fn a_cancel_that_meets_a_write_is_tried_again() {
    let world = World::new();
    let id = world.asked("one").await;
    world.jobs.fail_write_after(0, Fault::Conflict);
    assert_eq!(world.cancel(id).await.json()["state"], "cancelled");
    let other = world.asked("two").await;
    for _ in 0..5 {
        world.jobs.fail_write_after(0, Fault::Conflict);
    }
    assert_eq!(world.cancel(other).await.problem().0, 503);
}

#[tokio::test]
async fn the_list_goes_on_where_a_page_ended() {
    let world = World::new();
    let mut wanted = Vec::new();
    for number in 0..5 {
        wanted.insert(0, world.asked(&format!("key-{number}")).await.to_string());
        world.clock.advance(SignedDuration::from_secs(1));
    }
    let mut found: Vec<String> = Vec::new();
    let mut path = format!("{JOBS}?limit=2");
    loop {
        let page = world.admin(Ask::get(&path)).await.json();
        let jobs = page["jobs"].as_array().unwrap();
        found.extend(
            jobs.iter()
                .map(|job| job["job_id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("{JOBS}?limit=2&cursor={cursor}");
    }
    assert_eq!(found, wanted);
    for query in ["limit=0", "cursor=x", "state=done"] {
        let answer = world.admin(Ask::get(&format!("{JOBS}?{query}"))).await;
        assert_eq!(answer.problem().0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_job_of_another_shop_is_not_there_and_only_those_who_run_a_shop_ask() {
    let world = World::new();
    let id = world.asked("one").await;
    let stranger = token_of_shop("other", "dora", Role::Admin);
    let show = format!("{JOBS}/{id}");
    let cancel = format!("{show}/cancel");
    for ask in [Ask::get(&show), Ask::post(&cancel, "")] {
        let answer = ask.with_token(&stranger).to(&world.routes).await;
        assert_eq!(answer.problem().0, 404);
    }
    let list = Ask::get(JOBS).with_token(&stranger).to(&world.routes).await;
    assert_eq!(list.json()["jobs"], json!([]));
    // The same key of the same name in another shop is another job.
    let ask = Ask::post(JOBS, report()).with("idempotency-key", "one");
    let answer = ask.with_token(&stranger).to(&world.routes).await;
    assert_ne!(answer.json()["job_id"], id.to_string());
    for role in [Role::Customer, Role::Support] {
        let token = token("mia", role);
        for ask in [
            Ask::get(JOBS),
            Ask::get(&show),
            Ask::post(&cancel, ""),
            Ask::post(JOBS, report()).with("idempotency-key", "one"),
        ] {
            let answer = ask.with_token(&token).to(&world.routes).await;
            assert_eq!(answer.problem().0, 403);
        }
    }
    let states: Vec<_> = world
        .jobs
        .all()
        .into_iter()
        .map(|job: Job| job.state)
        .collect();
    let waits = |state: &JobState| matches!(state, JobState::Waiting { .. });
    assert!(states.len() == 2 && states.iter().all(waits));
    let nothing = world.admin(Ask::get(&format!("{JOBS}/one"))).await;
    assert_eq!(nothing.problem().0, 404);
}

#[tokio::test]
async fn what_concerns_all_shops_is_asked_for_by_the_home_shop_only() {
    let world = World::new();
    let stranger = token_of_shop("other", "dora", Role::Admin);
    let archive = json!({"kind": "archive_events"});
    let rebuild = json!({"kind": "rebuild_search"});
    for (number, (body, status)) in [(archive, 403), (rebuild, 202), (report(), 202)]
        .into_iter()
        .enumerate()
    {
        let ask = || Ask::post(JOBS, body.clone()).with("idempotency-key", &number.to_string());
        let others = ask().with_token(&stranger).to(&world.routes).await;
        assert_eq!(others.status, status, "{body}");
        assert_eq!(world.admin(ask()).await.status, 202, "{body}");
    }
}

#[tokio::test]
async fn while_the_store_is_away_nothing_is_answered() {
    let world = World::new();
    let id = world.asked("one").await;
    world.jobs.set_away(true);
    for ask in [
        Ask::get(JOBS),
        Ask::get(&format!("{JOBS}/{id}")),
        Ask::post(&format!("{JOBS}/{id}/cancel"), ""),
        Ask::post(JOBS, report()).with("idempotency-key", "two"),
    ] {
        assert_eq!(world.admin(ask).await.problem().0, 503);
    }
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err().to_string();
    for name in ["OPERATIONS_TABLE", "JOBS_QUEUE", "JOB_FILES", "CURSOR_KEY"] {
        assert!(lacking.contains(name), "{lacking}");
    }
}
