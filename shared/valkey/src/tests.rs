//! A server that answers as the test says, and when it is asked again.

use domain::ports::ShareAnswers;
use testkit::must;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// How often a test asks before it gives up: on a busy machine an answer may be late.
const TRIES: usize = 50;

/// No answer is kept.
const NONE: &str = "$-1";

/// A server that says one thing on its first connection, or closes it, and another on all others. It is left
/// alone for so long after a failure.
async fn server(first: Option<&'static str>, then: &'static str, alone: Duration) -> Valkey {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let address = format!("redis://{}", must(listener.local_addr()));
    tokio::spawn(async move {
        let (connection, _) = must(listener.accept().await);
        match first {
            Some(says) => drop(tokio::spawn(answer(connection, says))),
            None => drop(connection),
        }
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(connection, then));
        }
    });
    Valkey {
        alone,
        ..must(Valkey::connect(&address, "test"))
    }
}

/// Says this to whoever asks for an answer, and yes to all other commands.
async fn answer(mut connection: TcpStream, says: &str) {
    let mut read = [0; 4_096];
    while let Ok(many @ 1..) = connection.read(&mut read).await {
        let commands = String::from_utf8_lossy(&read[..many]).into_owned();
        let answer = match commands.contains("test:answer:") {
            true => format!("{says}\r\n"),
            false => "+OK\r\n".repeat(commands.matches('*').count()),
        };
        must(connection.write_all(answer.as_bytes()).await);
    }
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

/// Whether it is so in the end.
async fn says(valkey: &Valkey, wanted: fn(&Result<Option<Vec<u8>>, StoreError>) -> bool) -> bool {
    for _ in 0..TRIES {
        if wanted(&valkey.answer("a").await) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_server_that_comes_back_is_asked_again_after_the_pause_and_not_before() {
    let soon = server(None, NONE, Duration::ZERO).await;
    assert!(is_unavailable(&soon.answer("a").await));
    assert!(says(&soon, |answer| *answer == Ok(None)).await);
    let later = server(None, NONE, Duration::from_secs(3_600)).await;
    assert!(!says(&later, |answer| *answer == Ok(None)).await);
}

/// After a failover the old connection leads to a replica, or to a server that is just beginning.
#[tokio::test]
async fn a_server_that_is_not_the_one_any_more_is_left_for_a_new_connection() {
    for refusal in [
        "-READONLY You can't write against a read only replica.",
        "-MOVED 3999 127.0.0.1:6381",
        "-LOADING Redis is loading the dataset in memory",
    ] {
        let valkey = server(Some(refusal), NONE, Duration::ZERO).await;
        assert!(is_unavailable(&valkey.answer("a").await), "{refusal}");
        assert!(says(&valkey, |answer| *answer == Ok(None)).await);
    }
}

#[tokio::test]
async fn what_a_server_refuses_for_good_ends_no_connection() {
    let refusal = "-NOPERM User default has no permissions to run the 'get' command";
    let valkey = server(Some(refusal), refusal, Duration::ZERO).await;
    assert!(
        says(&valkey, |answer| matches!(
            answer,
            Err(StoreError::Broken(_))
        ))
        .await
    );
}
