//! Migrations run once, whoever runs them.

use analytics_db::AnalyticsDb;
use domain::ports::{SearchCatalogue, StoreError};
use testkit::build::search;
use testkit::{must, must_fail};

use crate::schema::empty;

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let (database, _) = empty("again").await;
    let first = must(database.migrate().await);
    assert_eq!(
        first.run,
        [
            "search",
            "notifications",
            "sales",
            "events",
            "archive",
            "facts",
            "roles"
        ]
    );
    let second = must(database.migrate().await);
    assert!(second.run.is_empty());
    assert_eq!(second.version, first.version);
}

#[tokio::test]
async fn of_two_at_once_one_does_it() {
    let (one, url) = empty("at_once").await;
    let other = must(AnalyticsDb::connect(&url));
    let (one, other) = tokio::join!(one.migrate(), other.migrate());
    let (one, other) = (must(one), must(other));
    assert_eq!(one.run.len() + other.run.len(), 7);
    assert_eq!(one.version, other.version);
}

/// A deployment may be ahead of its migration for a moment: that passes.
#[tokio::test]
async fn what_was_not_migrated_yet_is_unavailable() {
    let (database, _) = empty("not_yet").await;
    let failed = must_fail(database.search(&search("tea")).await);
    assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
}
