//! A server that does not answer.

use std::net::TcpListener;
use std::str::FromStr;
use std::time::{Duration, Instant};

use analytics_db::{AnalyticsDb, MigrateError};
use domain::ports::{IndexCatalogue, SearchCatalogue, StoreError};
use sqlx::postgres::PgConnectOptions;
use testkit::build::{an_entry, search};
use testkit::{must, must_fail};

use crate::schema::{empty, server};
use crate::wire::Wire;

/// Longer than a connection is waited for, shorter than any function may take.
const SOON: Duration = Duration::from_secs(8);

async fn is_unavailable(url: &str) {
    let database = must(AnalyticsDb::connect(url));
    let began = Instant::now();
    let read = must_fail(database.search(&search("tea")).await);
    let wrote = must_fail(database.index(&an_entry("tea", "Tea", 1)).await);
    for failed in [read, wrote] {
        assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    let port = {
        let listener = must(TcpListener::bind("127.0.0.1:0"));
        must(listener.local_addr()).port()
    };
    is_unavailable(&format!("postgresql://nobody@127.0.0.1:{port}/none")).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable_in_time() {
    // It takes connections and never reads.
    let listener = must(TcpListener::bind("127.0.0.1:0"));
    let port = must(listener.local_addr()).port();
    is_unavailable(&format!("postgresql://nobody@127.0.0.1:{port}/none")).await;
    drop(listener);
}

/// Nobody waits for a migration but whoever deploys, who is told as well.
#[tokio::test]
async fn a_server_that_says_nothing_is_not_migrated() {
    let listener = must(TcpListener::bind("127.0.0.1:0"));
    let port = must(listener.local_addr()).port();
    let url = format!("postgresql://nobody@127.0.0.1:{port}/none");
    let silent = must(AnalyticsDb::connect(&url));
    let answer = tokio::time::timeout(2 * SOON, silent.migrate()).await;
    let failed = must_fail(must(answer));
    assert!(matches!(failed, MigrateError::Database(_)), "{failed:?}");
    drop(listener);
}

/// Its host is gone: what was sent is not answered, and nothing is closed.
#[tokio::test]
async fn a_server_that_falls_silent_is_unavailable_in_time_and_back_once_it_can_be_reached() {
    let (database, wire) = behind_a_wire("silent").await;
    wire.cut();
    let began = Instant::now();
    let (tea, pot) = (search("tea"), search("pot"));
    // As many as there are connections.
    let (first, second) = tokio::join!(database.search(&tea), database.search(&pot));
    for failed in [must_fail(first), must_fail(second)] {
        assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    wire.mend();
    must(database.index(&an_entry("tea", "Tea", 1)).await);
    assert_eq!(must(database.search(&tea).await).items.len(), 1);
}

#[tokio::test]
async fn who_stops_waiting_for_a_silent_server_takes_no_connection_with_them() {
    let (database, wire) = behind_a_wire("given_up").await;
    wire.cut();
    // More often than there are connections.
    for query in ["tea", "pot", "mug"].map(search) {
        tokio::select! {
            found = database.search(&query) => panic!("{found:?}"),
            () = wire.swallowed() => {}
        }
    }
    wire.mend();
    must(database.search(&search("tea")).await);
}

/// A database that is up to date, and what lies between it and us.
async fn behind_a_wire(name: &str) -> (AnalyticsDb, Wire) {
    let (direct, url) = empty(name).await;
    must(direct.migrate().await);
    let address = must(PgConnectOptions::from_str(&server()));
    let (host, port) = (address.get_host(), address.get_port());
    let wire = Wire::to(format!("{host}:{port}")).await;
    // Of what the address says twice the last counts.
    let url = format!("{url}&host=127.0.0.1&port={}&sslmode=disable", wire.port);
    (must(AnalyticsDb::connect(&url)), wire)
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    must_fail(AnalyticsDb::connect("not an address"));
    must_fail(AnalyticsDb::connect("mysql://root@127.0.0.1/shop"));
}
