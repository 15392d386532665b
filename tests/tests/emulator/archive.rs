//! The archive, as whoever looks after it uses it, and as it is when its process is killed.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::{must, must_have};
use tests::emulator::database;
use tests::emulator::shop::Shop;
use tests::emulator::stack::Stack;
use tokio::time::sleep;

use crate::command_line::told_in;

const KILLS: usize = 200;
const MONTHS: u64 = 12;
/// What the table has, in whatever sequence: how many rows, and sums of what is in them.
const CONTENTS: &str = r"
SELECT concat_ws(' ', count(*), sum(processing_us),
                 sum(hashtextextended(concat_ws('|', name, event_type, created_at, processing_us), 7)))
  FROM events JOIN tenants ON tenants.id = tenant_id";

/// Tables of its own, in the schema of the test.
struct Archive {
    environment: BTreeMap<String, String>,
    state: u64,
}

impl Archive {
    /// With events of a year.
    async fn filled(stack: &Stack, schema: &str, rows: &str) -> Self {
        let clean = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        database::run(stack, &clean).await;
        let mut environment = stack.environment().clone();
        let url = must_have(environment.get("DATABASE_URL"));
        let url = format!("{url}?options=-c%20search_path%3D{schema}");
        environment.insert("DATABASE_URL".to_owned(), url);
        let archive = Self {
            environment,
            state: 7,
        };
        archive.says(&["db", "migrate"]).await;
        let year = [
            "--from",
            "2024-01-01T00:00:00Z",
            "--until",
            "2025-01-01T00:00:00Z",
        ];
        let mut generate = vec!["gen", "events", "--tenants", "60", "--rows", rows];
        generate.extend(year);
        archive.says(&generate).await;
        archive
    }

    async fn says(&self, words: &[&str]) -> String {
        let (code, said) = told_in(&self.environment, words, "").await;
        assert_eq!(code, Some(0), "{words:?}");
        said
    }

    /// Where each month is.
    async fn states(&self) -> BTreeMap<String, String> {
        let said = self.says(&["archive", "list", "--json"]).await;
        let month = |line: &str| {
            let line: Value = must(serde_json::from_str(line));
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("month"), text("what"))
        };
        said.lines().map(month).collect()
    }

    /// Puts a month back; the server may still be at what somebody who was killed had asked for.
    async fn restore(&self, month: &str) {
        for _ in 0..10 {
            let words = ["archive", "restore", month];
            if let (Some(0), _) = told_in(&self.environment, &words, "").await {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
        panic!("{month} is not put back");
    }

    /// A number below another: the same ones in each run.
    fn some(&mut self, below: u64) -> u64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    /// Something that the archive does, killed after a while; whether it was still at work.
    async fn is_killed(&mut self, after: Duration) -> bool {
        let month = format!("2024-{:02}", self.some(MONTHS) + 1);
        let words = match self.some(4) {
            0 => vec!["archive", "restore", &month],
            1 => vec!["archive", "release", &month],
            _ => vec!["archive", "run", "--before", "2025-01-01"],
        };
        let started = tokio::process::Command::new(Stack::program("cartwright"))
            .args(&words)
            .env_clear()
            .envs(&self.environment)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut started = must(started);
        sleep(after).await;
        let is_at_work = must(started.try_wait()).is_none();
        // SIGKILL; of one that has ended it takes what is left of it.
        must(started.kill().await);
        is_at_work
    }
}

#[tokio::test]
async fn a_month_is_archived_asked_put_back_and_let_go() {
    let shop = Shop::open("archive").await;
    let archive = Archive::filled(&shop.stack, "archive_used", "24k").await;
    archive
        .says(&["archive", "run", "--before", "2024-03-31"])
        .await;
    let states = archive.states().await;
    assert_eq!(states["2024-02"], "is in the archive");
    assert_eq!(states["2024-03"], "is in the database");
    let all = archive.says(&["archive", "query", "2024-02"]).await;
    // Of 24,000 in 366 days.
    assert!(
        (1_800..2_000).contains(&all.lines().count()),
        "{}",
        all.lines().count()
    );
    let tenant = ["archive", "query", "2024-02", "--tenant", "tenant-0001"];
    let some = archive.says(&tenant).await;
    assert!(some.lines().count() > 10);
    assert!(
        some.lines()
            .skip(1)
            .all(|line| line.starts_with("tenant-0001,2024-02-"))
    );
    archive.says(&["archive", "restore", "2024-02"]).await;
    let back = archive.states().await;
    assert_eq!(back["2024-02"], "is in the archive and in the database");
    archive.says(&["archive", "release", "2024-02"]).await;
    assert_eq!(archive.states().await, states);
    let (code, _) = told_in(&archive.environment, &["archive", "release", "2024-02"], "").await;
    assert_eq!(code, Some(1));
    shop.check().await;
}

/// Whatever it was doing: writing a file, noting it, letting a table go, putting one back.
#[tokio::test]
async fn of_an_archive_that_is_killed_two_hundred_times_no_row_is_lost() {
    let shop = Shop::open("archive-killed").await;
    let stack = &shop.stack;
    let mut archive = Archive::filled(stack, "archive_killed", "24k").await;
    let contents = format!("SET search_path = archive_killed; {CONTENTS}");
    let before = database::read(stack, &contents).await;
    assert!(before.starts_with("24000 "), "{before}");
    let begun = Instant::now();
    archive.says(&["archive", "list"]).await;
    let start = begun.elapsed();
    let (mut kills, mut runs) = (0, 0);
    while kills < KILLS {
        runs += 1;
        assert!(runs < 10 * KILLS, "{kills} kills in {runs} runs");
        let after = start / 2 + Duration::from_millis(archive.some(120));
        kills += usize::from(archive.is_killed(after).await);
    }
    // What is half done is finished, in whatever state each month was left.
    archive
        .says(&["archive", "run", "--before", "2025-01-01"])
        .await;
    for (month, state) in archive.states().await {
        match state.as_str() {
            "is in the archive" => archive.restore(&month).await,
            state => {
                assert_eq!(state, "is in the archive and in the database");
                continue;
            }
        };
    }
    assert_eq!(database::read(stack, &contents).await, before);
    shop.check().await;
}
