//! How fast, and what is said of it.

use super::*;

fn rate(rate: u32) -> NonZeroU32 {
    NonZeroU32::new(rate).unwrap()
}

#[tokio::test]
async fn not_more_go_than_the_rate_lets_pass() {
    let mut pace = Pace::per_second(rate(100));
    let began = Instant::now();
    for _ in 0..5 {
        pace.wait(2).await;
    }
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(80), "{took:?}");
}

#[test]
fn says_how_long_it_will_take() {
    let said =
        |done, seconds| said(("messages", 1_000), done, Duration::from_secs(seconds)).to_string();
    assert_eq!(said(0, 5), "0 of about 1000 messages");
    assert_eq!(
        said(100, 10),
        "100 of about 1000 messages, about 0:01:30 to go"
    );
    assert_eq!(
        said(10, 100),
        "10 of about 1000 messages, about 2:45:00 to go"
    );
    assert_eq!(
        said(1_200, 10),
        "1200 of about 1200 messages, about 0:00:00 to go"
    );
}

#[test]
fn says_it_now_and_then_only() {
    let output = Output::new(Format::Json, Vec::new());
    let mut progress = Progress::new("orders", output);
    progress.expect(10);
    progress.note(1).unwrap();
    progress.said = progress.said.checked_sub(EVERY).unwrap();
    progress.note(2).unwrap();
    progress.note(3).unwrap();
    let text = String::from_utf8(progress.output.into_sink()).unwrap();
    assert_eq!(
        text,
        "{\"what\":\"orders\",\"done\":2,\"of\":10,\"seconds_to_go\":0}\n"
    );
}
