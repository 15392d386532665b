//! The SMS gateway without faults.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Attempt, Desk, Outcome, Reply, read};

const ANN: &str = "+31612345678";
const BEN: &str = "+31687654321";

async fn list(desk: &Desk, query: &[(&str, &str)]) -> Attempt<Reply> {
    read(desk.sms(Method::GET, "/Messages.json").query(query)).await
}

fn bodies(page: &Reply) -> Vec<String> {
    let page = page.json();
    let messages = page.get("messages").and_then(Value::as_array);
    let body = |message: &Value| message.get("body")?.as_str().map(str::to_owned);
    messages.into_iter().flatten().filter_map(body).collect()
}

#[tokio::test]
async fn answers_a_message_as_twilio_does() -> Outcome {
    let desk = Desk::open(None).await?;
    let sent = desk.text(ANN, "your parcel left").await?;
    assert_eq!(sent.status, 201, "{sent:?}");
    let sid = sent.text_at("/sid");
    let digits = sid.strip_prefix("SM").unwrap_or_default();
    assert!(digits.len() == 32 && digits.bytes().all(|it| it.is_ascii_hexdigit()));
    let told = sent.json();
    for (name, value) in [
        ("status", json!("queued")),
        ("to", json!(ANN)),
        ("from", json!("+31600000000")),
        ("body", json!("your parcel left")),
        ("account_sid", json!("AC1")),
        ("date_sent", Value::Null),
        ("error_code", Value::Null),
        ("error_message", Value::Null),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    let date = sent.text_at("/date_created");
    let row = &desk.json("/book/messages").await?[0];
    let at: jiff::Timestamp = row["at"].as_str().unwrap_or_default().parse()?;
    assert_eq!(date, at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
    Ok(())
}

#[tokio::test]
async fn who_asks_twice_sends_twice() -> Outcome {
    let desk = Desk::open(None).await?;
    let first = desk.text(ANN, "hi").await?;
    let again = desk.text(ANN, "hi").await?;
    assert_ne!(first.text_at("/sid"), again.text_at("/sid"));
    desk.text(BEN, "ho").await?;
    let rows = desk.json("/book/messages?to=%2B31612345678").await?;
    let of = |place: usize, name: &str| rows[place][name].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!(of(0, "sid"), first.json()["sid"]);
    assert_eq!(of(1, "sid"), again.json()["sid"]);
    assert_eq!((of(1, "to"), of(1, "body")), (json!(ANN), json!("hi")));
    assert_eq!(desk.rows("messages").await?, 3);
    let calls = desk.json("/book/calls?match=%2B31612345678").await?;
    assert_eq!(calls, json!({"sms.send": 2}));
    Ok(())
}

#[tokio::test]
async fn refuses_with_a_code_that_says_why() -> Outcome {
    let desk = Desk::open(None).await?;
    let long = "x".repeat(1601);
    for (to, body, code) in [
        ("0612345678", "hi", 21211),
        (ANN, long.as_str(), 21617),
        ("", "hi", 21604),
        (ANN, "", 21602),
    ] {
        let refused = desk.text(to, body).await?;
        let told = refused.json();
        assert_eq!((refused.status, &told["code"]), (400, &json!(code)));
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        assert_eq!(
            (&told["more_info"], &told["status"]),
            (&json!(more), &json!(400))
        );
        assert!(told["message"].is_string());
    }
    for (form, code) in [
        (vec![("To", ANN), ("Body", "hi")], 21603),
        (
            vec![("To", ANN), ("From", BEN), ("Body", "hi"), ("Flash", "1")],
            20001,
        ),
    ] {
        let refused = read(desk.sms(Method::POST, "/Messages.json").form(&form)).await?;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!(code))
        );
    }
    assert_eq!(desk.rows("messages").await?, 0);
    Ok(())
}

#[tokio::test]
async fn wants_to_know_whose_request_it_is() -> Outcome {
    let desk = Desk::open(None).await?;
    let messages = "/sms/2010-04-01/Accounts/AC1/Messages";
    for (method, path) in [
        (Method::POST, format!("{messages}.json")),
        (Method::GET, format!("{messages}.json")),
        (Method::GET, format!("{messages}/SM1.json")),
    ] {
        let nobody = read(desk.anonymous(method.clone(), &path)).await?;
        assert_eq!(
            (nobody.status, &nobody.json()["code"]),
            (401, &json!(20003))
        );
        let bearer = read(desk.request(method, &path)).await?;
        assert_eq!(bearer.status, 401);
    }
    assert_eq!(desk.json("/book/calls").await?, json!({}));
    Ok(())
}

#[tokio::test]
async fn shows_one_message_to_its_own_account() -> Outcome {
    let desk = Desk::open(None).await?;
    let sent = desk.text(ANN, "hi").await?;
    let sid = sent.text_at("/sid");
    let found = read(desk.sms(Method::GET, &format!("/Messages/{sid}.json"))).await?;
    assert_eq!(found.status, 200);
    assert_eq!(found.text_at("/status"), "sent");
    assert_eq!(found.text_at("/date_sent"), sent.text_at("/date_created"));
    let other = format!("/sms/2010-04-01/Accounts/AC2/Messages/{sid}.json");
    let other = desk
        .anonymous(Method::GET, &other)
        .basic_auth("AC2", Some("t"));
    for missing in [
        read(other).await?,
        read(desk.sms(Method::GET, "/Messages/SM1.json")).await?,
        read(desk.sms(Method::GET, &format!("/Messages/{sid}"))).await?,
    ] {
        assert_eq!(
            (missing.status, &missing.json()["code"]),
            (404, &json!(20404))
        );
    }
    let theirs = "/sms/2010-04-01/Accounts/AC2/Messages.json";
    let theirs = desk.anonymous(Method::GET, theirs);
    let page = read(theirs.basic_auth("AC2", Some("t"))).await?;
    assert_eq!((page.status, bodies(&page).len()), (200, 0));
    let calls = desk.json("/book/calls?match=%2B31612345678").await?;
    assert_eq!(calls, json!({"sms.retrieve": 1, "sms.send": 1}));
    Ok(())
}

#[tokio::test]
async fn lists_the_newest_first_page_by_page() -> Outcome {
    let desk = Desk::open(None).await?;
    for body in ["1", "2", "3", "4", "5"] {
        desk.text(ANN, body).await?;
        desk.text(BEN, "other").await?;
    }
    let mut page = list(&desk, &[("To", ANN), ("PageSize", "2")]).await?;
    let mut seen = vec![bodies(&page)];
    while let Some(next) = page.json()["next_page_uri"].as_str() {
        // What comes meanwhile does not move the pages.
        desk.text(ANN, "6").await?;
        let path = format!("/sms{next}");
        let request = desk.anonymous(Method::GET, &path);
        page = read(request.basic_auth("AC1", Some("token"))).await?;
        seen.push(bodies(&page));
    }
    assert_eq!(seen, [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
    assert_eq!(bodies(&list(&desk, &[]).await?).len(), 12);
    Ok(())
}

#[tokio::test]
async fn lists_from_a_day_or_a_second_on() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.text(ANN, "old").await?;
    desk.advance(2 * 24 * 3600);
    desk.text(ANN, "new").await?;
    let rows = desk.json("/book/messages").await?;
    let at: jiff::Timestamp = rows[1]["at"].as_str().unwrap_or_default().parse()?;
    let day = at.strftime("%Y-%m-%d").to_string();
    let second = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    for since in [&day, &second] {
        let page = list(&desk, &[("To", ANN), ("DateSent>", since)]).await?;
        assert_eq!(bodies(&page), ["new"], "{since}");
    }
    let later = (at + jiff::SignedDuration::from_secs(1)).to_string();
    assert_eq!(
        bodies(&list(&desk, &[("DateSent>", &later)]).await?).len(),
        0
    );
    for bad in [
        ("DateSent>", "yesterday"),
        ("PageSize", "0"),
        ("Colour", "red"),
    ] {
        let refused = list(&desk, &[bad]).await?;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!(20001))
        );
    }
    Ok(())
}
