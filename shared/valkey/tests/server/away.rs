//! A server that is not there, and one that says nothing.

use std::time::Duration;

use domain::ports::{ShareAnswers, StoreError};
use testkit::must;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use valkey::Valkey;

fn at(port: u16) -> Valkey {
    must(Valkey::connect(
        &format!("redis://127.0.0.1:{port}"),
        "away",
    ))
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let port = must(listener.local_addr()).port();
    drop(listener);
    let valkey = at(port);
    for _ in 0..3 {
        assert!(is_unavailable(&valkey.answer("a").await));
    }
}

/// It is asked once, and then left alone for a while: others do not wait for it, too.
#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable_in_time_and_then_left_alone() {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let valkey = at(must(listener.local_addr()).port());
    let listening = tokio::spawn(async move {
        let mut connections = 0_u32;
        while let Ok((mut connection, _)) = listener.accept().await {
            connections += 1;
            let mut read = [0; 64];
            while connection.read(&mut read).await.is_ok_and(|many| many > 0) {}
            if connections > 1 {
                break;
            }
        }
        connections
    });
    for _ in 0..5 {
        assert!(is_unavailable(
            &valkey.claim_answer("a", Duration::from_secs(1)).await
        ));
    }
    drop(valkey);
    listening.abort();
    // Ended while it waits for a second connection.
    assert!(listening.await.is_err_and(|error| error.is_cancelled()));
}

#[test]
fn what_is_no_address_is_refused() {
    for address in ["", "valkey", "https://localhost"] {
        assert!(Valkey::connect(address, "x").is_err(), "{address}");
    }
}

#[test]
fn nobody_reads_the_password_in_a_log() {
    let valkey = must(Valkey::connect("redis://:hunter2@127.0.0.1:1", "x"));
    assert!(!format!("{valkey:?}").contains("hunter2"));
}
