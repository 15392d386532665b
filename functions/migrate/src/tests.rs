//! What a run comes to.

use analytics_db::AnalyticsDb;
use testkit::{must, must_fail};

use super::*;

#[tokio::test]
async fn a_run_says_what_it_did_and_what_the_schema_is_now() {
    let run = async || {
        Ok(Migrated {
            run: vec!["roles".to_owned()],
            version: 7,
        })
    };
    let done = must(handle(run()).await);
    assert_eq!(done.run, ["roles"]);
    assert_eq!(done.version, 7);
}

/// Nobody listens there.
#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    let nowhere = must(AnalyticsDb::connect("postgresql://nobody@127.0.0.1:1/none"));
    let failed = must_fail(handle(nowhere.migrate()).await);
    assert_eq!(failed.name(), ErrorName::Unavailable);
}

#[test]
fn it_needs_an_address() {
    let lacking = must_fail(Config::from_env(&Env::default()));
    assert_eq!(lacking.names().collect::<Vec<_>>(), ["DATABASE_URL"]);
}
