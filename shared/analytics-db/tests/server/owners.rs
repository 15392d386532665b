//! Whoever migrates owns the schema, and need be no more than that; the tables of months change hands whatever
//! they are in the midst of.

use analytics_db::{AnalyticsDb, MigrateError};
use domain::MetricEvent;
use domain::ports::TakeMetrics;
use event_archive::{Archive, Done};
use jiff::civil::{Date, date};
use testkit::fakes::FakeFiles;
use testkit::port_checks::metrics::{batch, event, now};
use testkit::{must, must_fail};

use crate::roles::{ARCHIVER, WRITER, url_as};
use crate::schema::{empty, fresh, migrate_to, run};

const MARCH: Date = date(2024, 3, 1);
const APRIL: Date = date(2024, 4, 1);
const MAY: Date = date(2024, 5, 1);

/// An empty schema that belongs to a role without any powers, and its address as that role. The roles of all uses
/// are there.
async fn owned_by(owner: &str, rights: &str) -> String {
    fresh("before_owners").await;
    let (_, url) = empty(owner).await;
    let schema = url.rsplit("%3D").next().unwrap_or_default();
    run(&format!(
        "DO $$ BEGIN
            CREATE ROLE {owner};
         EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
         END $$;
         {rights};
         ALTER SCHEMA {schema} OWNER TO {owner};
         DO $$ BEGIN
            ASSERT (SELECT NOT (rolsuper OR rolcreaterole) FROM pg_roles WHERE rolname = '{owner}');
         END $$"
    ))
    .await;
    url
}

/// One event of March and one of April.
async fn fill(database: &AnalyticsDb) {
    let on = |time: &str| MetricEvent {
        at: must(time.parse()),
        ..event(0, 1.0)
    };
    let events = ["2024-03-02T00:00:00Z", "2024-04-02T00:00:00Z"].map(on);
    let batches = [batch("ant", 1, events.to_vec())];
    must(database.take_metrics(&batches, now()).await);
}

/// Moves all months before May, and tells which.
async fn moved(url: &str) -> Vec<Date> {
    let archiver = must(AnalyticsDb::connect(&url_as(ARCHIVER, url)));
    let archive = Archive::new(archiver, FakeFiles::default());
    let mut months = Vec::new();
    loop {
        match must(archive.step(MAY).await) {
            Done::Part { rows, .. } => assert_eq!(rows, 1),
            Done::Month(month) => months.push(month),
            Done::Nothing => return months,
        }
    }
}

#[tokio::test]
async fn an_owner_without_powers_finds_the_roles_made() {
    let url = owned_by("test_owner", "GRANT cartwright_archiver TO test_owner").await;
    let owner = must(AnalyticsDb::connect(&url_as("test_owner", &url)));
    must(owner.migrate().await);
    fill(&must(AnalyticsDb::connect(&url_as(WRITER, &url)))).await;
    assert_eq!(moved(&url).await, [MARCH, APRIL]);
}

/// Who may neither make roles nor be one is told once, not to come again.
#[tokio::test]
async fn an_owner_who_cannot_be_the_archiver_is_refused() {
    let url = owned_by("test_stranger", "").await;
    let stranger = must(AnalyticsDb::connect(&url_as("test_stranger", &url)));
    let refused = must_fail(stranger.migrate().await);
    assert!(matches!(refused, MigrateError::Schema(_)), "{refused:?}");
}

/// Months that were there before the roles were: one that is read, and one that is on its way out.
#[tokio::test]
async fn an_archiver_moves_the_months_that_were_there_before_it() {
    let (database, url) = empty("months_before").await;
    migrate_to(6, &url).await;
    let schema = url.rsplit("%3D").next().unwrap_or_default();
    // As it was done then: what is here knows the newest schema only.
    run(&format!(
        "SET search_path = {schema};
         INSERT INTO tenants (name) VALUES ('ant');
         SELECT open_event_month('2024-03-01'), open_event_month('2024-04-01');
         INSERT INTO events (created_at, processing_us, tenant_id, event_type)
         VALUES ('2024-03-02T00:00:00Z', 7, 1, 'checkout'), ('2024-04-02T00:00:00Z', 7, 1, 'checkout');
         INSERT INTO event_days (tenant_id, day, events, processing_us)
         VALUES (1, '2024-03-02', 1, 7), (1, '2024-04-02', 1, 7);
         UPDATE event_months SET state = 'archiving', part_pages = 4096, parts = 1
          WHERE month = '2024-03-01';
         ALTER TABLE events DETACH PARTITION events_2024_03"
    ))
    .await;
    must(database.migrate().await);
    assert_eq!(moved(&url).await, [MARCH, APRIL]);
}
