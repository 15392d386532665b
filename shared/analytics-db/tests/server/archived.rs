//! Months that leave the database, and come back.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use analytics_db::AnalyticsDb;
use domain::ports::{ArchiveEvents, LetGoError, ReadMetrics, TakeMetrics, TakeMetricsError, Whose};
use domain::{Checksums, FiguresByTenant, MonthState, Plan as TenantPlan};
use event_archive::{Archive, ArchiveError, Done, together};
use event_samples::{Plan, Samples};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testkit::fakes::FakeFiles;
use testkit::port_checks::metrics::{batch, event};
use testkit::{must, must_fail};

use crate::roles::{ARCHIVER, url_as};
use crate::schema::{empty, process_of, run, server, who_waits_for};

const JANUARY: Date = date(2026, 1, 1);
const FEBRUARY: Date = date(2026, 2, 1);
const MARCH: Date = date(2026, 3, 1);

/// Events of January and February, some of which nobody committed.
struct World {
    database: AnalyticsDb,
    files: FakeFiles,
    archive: Archive<AnalyticsDb, FakeFiles>,
    url: String,
    schema: String,
}

fn samples() -> Samples {
    Samples::new(Plan {
        rows: 150_000,
        tenants: 40,
        until: must("2026-03-01T00:00:00Z".parse()),
        ..Plan::default()
    })
}

fn now() -> Timestamp {
    must("2026-02-15T00:00:00Z".parse())
}

async fn world(name: &str) -> World {
    use domain::ports::KeepPlans;
    let (database, url) = empty(name).await;
    must(database.migrate().await);
    let samples = samples();
    for (tenant, plan) in samples.tenants() {
        must(database.put_plan(tenant, plan).await);
    }
    for chunk in samples.chunks() {
        must(database.take_metrics(&samples.chunk(chunk), now()).await);
    }
    let patient = must(AnalyticsDb::connect_patiently(&url)).in_parts_of(32);
    let files = FakeFiles::default();
    World {
        archive: Archive::new(patient, files.clone()),
        database,
        files,
        schema: must(url.split("search_path%3D").nth(1).ok_or(())).to_owned(),
        url,
    }
}

impl World {
    async fn figures(&self) -> FiguresByTenant {
        let mut all = FiguresByTenant::new();
        for plan in TenantPlan::ALL {
            let whose = Whose::Plan(plan);
            all.append(&mut must(
                self.database
                    .metrics_by_day(&whose, &(JANUARY..=MARCH))
                    .await,
            ));
        }
        all
    }

    /// Everything before a day.
    async fn archive_all(&self, before: Date) -> Vec<Done> {
        let mut all = Vec::new();
        loop {
            match must(self.archive.step(before).await) {
                Done::Nothing => return all,
                done => all.push(done),
            }
        }
    }

    async fn state(&self, month: Date) -> Option<MonthState> {
        let months = must(self.database.months().await);
        months
            .into_iter()
            .find(|(it, _)| *it == month)
            .map(|(_, state)| state)
    }

    async fn checksums_of_files(&self, month: Date) -> Checksums {
        let mut all = Checksums::default();
        for file in must(self.archive.files_of(month).await) {
            let rows = must(self.archive.read(&file).await);
            all = together(all, event_archive::checksums(&rows));
        }
        all
    }

    /// Runs statements on the tables of this test.
    async fn run(&self, statements: &str) {
        run(&format!("SET search_path = {}; {statements}", self.schema)).await;
    }
}

#[tokio::test]
async fn a_month_leaves_the_database_with_every_row_and_its_figures_stay() {
    let world = world("leaves").await;
    let figures = world.figures().await;
    let rows = must(world.archive.checksums_of(JANUARY).await);
    assert!(rows.rows > 70_000);
    // The days of February are not old enough.
    let done = world.archive_all(date(2026, 2, 28)).await;
    assert_eq!(done.last(), Some(&Done::Month(JANUARY)));
    let archived = done.iter().map(|done| match done {
        Done::Part { rows, .. } => *rows,
        Done::Month(_) | Done::Nothing => 0,
    });
    assert_eq!(archived.sum::<u64>(), rows.rows);
    assert_eq!(world.checksums_of_files(JANUARY).await, rows);
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Archived));
    assert_eq!(world.state(FEBRUARY).await, Some(MonthState::Open));
    assert_eq!(world.figures().await, figures);
    must_fail(world.archive.checksums_of(JANUARY).await);
    let paths = world.files.paths();
    for plan in ["enterprise", "free", "standard"] {
        let folder = format!("events/plan={plan}/year=2026/month=01/part-");
        assert!(
            paths.iter().any(|path| path.starts_with(&folder)),
            "{paths:?}"
        );
    }
}

/// Late by months: a clear answer, and nothing of the batch counts, the part of an open month neither.
#[tokio::test]
async fn a_month_that_left_takes_no_events() {
    let world = world("late").await;
    world.archive_all(FEBRUARY).await;
    let figures = world.figures().await;
    let on = |time: &str| domain::MetricEvent {
        at: must(time.parse()),
        ..event(0, 1.0)
    };
    let events = vec![
        on("2026-02-03T00:00:00Z"),
        on("2026-01-31T23:59:59.999999Z"),
    ];
    let late = [batch("tenant-0001", 1, events)];
    let refused = must_fail(world.database.take_metrics(&late, now()).await);
    assert_eq!(refused, TakeMetricsError::Archived { month: JANUARY });
    assert_eq!(world.figures().await, figures);
    let [batch] = late;
    assert!(!must(
        world.database.is_batch_taken(&batch.tenant, batch.id).await
    ));
}

#[tokio::test]
async fn a_month_that_comes_back_has_the_checksums_that_it_left_with() {
    let world = world("back").await;
    let rows = must(world.archive.checksums_of(JANUARY).await);
    world.archive_all(FEBRUARY).await;
    assert_eq!(must(world.archive.restore(JANUARY).await), rows);
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Restored));
    assert_eq!(must(world.archive.checksums_of(JANUARY).await), rows);
    let again = must_fail(world.archive.restore(JANUARY).await);
    assert!(matches!(again, ArchiveError::NotArchived(JANUARY)));
    // It is read with the others, and it is not archived once more.
    world
        .run("DO $$ BEGIN ASSERT (SELECT count(*) FROM events) = 150000; END $$")
        .await;
    assert_eq!(world.archive_all(FEBRUARY).await, []);
    must(world.archive.release(JANUARY).await);
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Archived));
    world
        .run("DO $$ BEGIN ASSERT (SELECT count(*) FROM events) < 80000; END $$")
        .await;
    must_fail(world.archive.release(JANUARY).await);
    assert_eq!(must(world.archive.restore(JANUARY).await), rows);
}

/// A row that is gone from anywhere is seen before the table is gone.
#[tokio::test]
async fn a_month_stays_where_rows_are_missing() {
    for (name, harm) in [
        (
            "gone_row",
            "DELETE FROM events_2026_01 WHERE ctid = '(0,1)'",
        ),
        (
            "gone_last",
            "DELETE FROM events_2026_01
              WHERE ctid = (SELECT max(ctid) FROM events_2026_01)",
        ),
        (
            "gone_count",
            "UPDATE event_figures SET events[5] = events[5] + 1
              WHERE month = '2026-01-01' AND tenant_id = 1",
        ),
    ] {
        let world = world(name).await;
        while must(world.database.begin_month(FEBRUARY).await)
            .and_then(|it| it.next)
            .is_some()
        {
            must(world.archive.step(FEBRUARY).await);
        }
        world.run(harm).await;
        let refused = must_fail(world.archive.step(FEBRUARY).await);
        let unequal = matches!(
            refused,
            ArchiveError::LetGo(LetGoError::Unequal { month: JANUARY, .. })
        );
        assert!(unequal, "{name}: {refused:?}");
        assert_eq!(world.state(JANUARY).await, Some(MonthState::Archiving));
        must(world.archive.checksums_of(JANUARY).await);
    }
}

/// A month may have any number of rows: the server ends whoever reads more than those of a part at once, as
/// it does when that takes too long.
#[tokio::test]
async fn a_month_leaves_whatever_number_of_rows_it_has() {
    let world = world("many").await;
    world
        .run(
            "CREATE FUNCTION few_at_a_time() RETURNS boolean LANGUAGE plpgsql AS $$
             DECLARE
                statement text := statement_timestamp()::text;
                seen int := 0;
             BEGIN
                IF current_setting('few.statement', true) = statement THEN
                    seen := current_setting('few.seen')::int;
                END IF;
                IF seen >= 5000 THEN
                    RAISE query_canceled;
                END IF;
                PERFORM set_config('few.statement', statement, false),
                        set_config('few.seen', (seen + 1)::text, false);
                RETURN true;
             END $$;
             CREATE POLICY few ON events_2026_01 USING (few_at_a_time());
             ALTER TABLE events_2026_01 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        )
        .await;
    let archiver = must(AnalyticsDb::connect_patiently(&url_as(
        ARCHIVER, &world.url,
    )));
    let archive = Archive::new(archiver.in_parts_of(32), world.files.clone());
    let done = loop {
        match must(archive.step(FEBRUARY).await) {
            Done::Part { rows, .. } => assert!((1..=5_000).contains(&rows), "{rows}"),
            done => break done,
        }
    };
    assert_eq!(done, Done::Month(JANUARY));
}

#[tokio::test]
async fn a_month_does_not_leave_before_its_parts_are_there() {
    let world = world("too_early").await;
    let early = must_fail(world.database.let_go(JANUARY).await);
    assert_eq!(early, LetGoError::NotYet(JANUARY));
    must(world.database.begin_month(FEBRUARY).await);
    let early = must_fail(world.database.let_go(JANUARY).await);
    assert_eq!(early, LetGoError::NotYet(JANUARY));
    let rows = async |month| must(world.archive.checksums_of(month).await).rows;
    assert_eq!(rows(JANUARY).await + rows(FEBRUARY).await, 150_000);
}

/// Whoever was slow finds the month there, and takes nothing of it away nor puts anything to it.
#[tokio::test]
async fn a_month_that_is_there_is_not_put_back_once_more() {
    let world = world("twice").await;
    world.archive_all(FEBRUARY).await;
    let [file, ..] = &must(world.archive.files_of(JANUARY).await)[..] else {
        panic!("a month without files");
    };
    let of_file = must(world.archive.read(file).await);
    // The slow one has begun, too.
    must(world.database.begin_restore(JANUARY).await);
    let rows = must(world.archive.restore(JANUARY).await);
    must_fail(world.database.restore_rows(JANUARY, &of_file).await);
    must_fail(world.database.end_restore(JANUARY).await);
    must_fail(world.database.begin_restore(JANUARY).await);
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Restored));
    assert_eq!(must(world.archive.checksums_of(JANUARY).await), rows);
    must_fail(world.database.begin_restore(MARCH).await);
}

/// Two saw that it is in the archive alone, and the other one was quicker.
#[tokio::test]
async fn who_comes_second_is_told_that_the_month_is_not_archived() {
    let world = world("second").await;
    world.archive_all(FEBRUARY).await;
    let mut quicker = must(PgConnection::connect(&world.url).await);
    let restored = "UPDATE event_months SET state = 'restored' WHERE month = '2026-01-01'";
    let begin = format!("BEGIN; {restored}");
    must(
        sqlx::raw_sql(AssertSqlSafe(begin))
            .execute(&mut quicker)
            .await,
    );
    let process = process_of(&mut quicker).await;
    let end = async {
        who_waits_for(process).await;
        must(sqlx::query("COMMIT").execute(&mut quicker).await);
    };
    let (second, ()) = tokio::join!(world.archive.restore(JANUARY), end);
    let second = must_fail(second);
    assert!(
        matches!(second, ArchiveError::NotArchived(JANUARY)),
        "{second:?}"
    );
    must(quicker.close().await);
}

#[tokio::test]
async fn a_file_that_changed_is_not_put_back() {
    let world = world("spoiled").await;
    world.archive_all(FEBRUARY).await;
    let paths = world.files.paths();
    let path = must(paths.first().ok_or(()));
    world.files.change(path, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let spoiled = must_fail(world.archive.restore(JANUARY).await);
    assert!(matches!(&spoiled, ArchiveError::Spoiled { path: it } if it == path));
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Archived));
    world
        .run("DO $$ BEGIN ASSERT (SELECT count(*) FROM events) < 80000; END $$")
        .await;
}

/// Who reads for long keeps a table from going: whoever waits for them gives up, and the next one ends it.
#[tokio::test]
async fn what_was_ended_while_a_table_was_detached_is_finished() {
    let world = world("pending").await;
    let mut reader = must(PgConnection::connect(&server()).await);
    let read = format!(
        "SET search_path = {}; BEGIN; SELECT FROM events LIMIT 1",
        world.schema
    );
    must(
        sqlx::raw_sql(AssertSqlSafe(read))
            .execute(&mut reader)
            .await,
    );
    let waited = loop {
        match world.archive.step(FEBRUARY).await {
            Ok(Done::Part { .. }) => {}
            ended => break must_fail(ended),
        }
    };
    assert!(waited.passes(), "{waited:?}");
    assert_eq!(world.state(JANUARY).await, Some(MonthState::Archiving));
    must(reader.close().await);
    assert_eq!(world.archive_all(FEBRUARY).await, [Done::Month(JANUARY)]);
}

/// A number below another, different each time, the same in each run.
fn some(below: u64) -> u64 {
    static STATE: AtomicU64 = AtomicU64::new(0x9E37_79B9);
    let last = STATE.load(Ordering::Relaxed);
    let next = last
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    STATE.store(next, Ordering::Relaxed);
    (next >> 33) % below
}

/// What a piece of work comes to, unless it is dropped after so many steps: its connections are closed.
async fn for_steps<T>(steps: u64, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = steps;
    std::future::poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// While others write to the month after it.
#[tokio::test]
async fn whoever_is_ended_at_any_point_leaves_nothing_that_the_next_one_does_not_find() {
    let world = world("ended").await;
    let (january, february) = (
        must(world.archive.checksums_of(JANUARY).await),
        must(world.archive.checksums_of(FEBRUARY).await),
    );
    let figures = world.figures().await;
    let (mut ended, mut steps) = (0, 0);
    loop {
        match for_steps(steps, world.archive.step(MARCH)).await {
            None => (ended, steps) = (ended + 1, steps + 1 + some(5)),
            Some(Ok(Done::Nothing)) => break,
            Some(Ok(_)) => steps = 0,
            // The server may still hold what the one before had.
            Some(Err(_)) => {}
        }
    }
    assert!(ended > 20, "ended {ended} times");
    for (month, rows) in [(JANUARY, january), (FEBRUARY, february)] {
        assert_eq!(world.state(month).await, Some(MonthState::Archived));
        assert_eq!(world.checksums_of_files(month).await, rows);
        let mut back = None;
        for _ in 0..50 {
            let steps = some(40);
            match for_steps(steps, world.archive.restore(month)).await {
                Some(Ok(rows)) => back = Some(rows),
                Some(Err(ArchiveError::NotArchived(_))) => break,
                Some(Err(_)) | None => {}
            }
        }
        if world.state(month).await == Some(MonthState::Archived) {
            back = Some(must(world.archive.restore(month).await));
        }
        assert!(back.is_none_or(|back| back == rows));
        assert_eq!(must(world.archive.checksums_of(month).await), rows);
    }
    assert_eq!(world.figures().await, figures);
    world
        .run("DO $$ BEGIN ASSERT (SELECT count(*) FROM events) = 150000; END $$")
        .await;
}
