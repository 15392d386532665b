//! A server that does not answer.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use analytics_db::AnalyticsDb;
use domain::ports::{IndexCatalogue, SearchCatalogue, StoreError};
use testkit::build::{an_entry, search};
use testkit::{must, must_fail};

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

#[tokio::test]
async fn what_is_no_address_is_refused() {
    must_fail(AnalyticsDb::connect("not an address"));
    must_fail(AnalyticsDb::connect("mysql://root@127.0.0.1/shop"));
}
