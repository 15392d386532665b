//! Messages and refusals in the JSON that Twilio uses.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::sms::{Listing, Message, Refusal, Sent, Text};

/// A message as the answer to its request shows it: on its way.
pub(crate) fn queued_json(message: &Message, at: i64) -> Value {
    message_json(message, at, false)
}

/// A message as look-ups show it: handed to the network at once.
pub(crate) fn sent_json(sent: &Sent) -> Value {
    message_json(&sent.message, sent.at, true)
}

fn message_json(message: &Message, at: i64, has_left: bool) -> Value {
    let text = &message.text;
    json!({
        "sid": message.sid,
        "account_sid": text.account,
        "api_version": "2010-04-01",
        "direction": "outbound-api",
        "status": if has_left { "sent" } else { "queued" },
        "to": text.to,
        "from": text.from,
        "body": text.body,
        "date_created": date(at),
        "date_sent": has_left.then(|| date(at)).flatten(),
        "date_updated": date(at),
        "error_code": null,
        "error_message": null,
        "uri": uri(&text.account, &message.sid),
    })
}

/// `Thu, 24 Aug 2023 05:01:45 +0000`.
fn date(ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(ms).ok()?;
    rfc2822::to_string(&time.to_zoned(TimeZone::UTC)).ok()
}

pub(crate) fn page_json(listing: &Listing, page: &[&Sent], more: bool) -> Value {
    let last = page.last().filter(|_| more);
    json!({
        "messages": page.iter().map(|sent| sent_json(sent)).collect::<Vec<_>>(),
        "page_size": listing.size,
        "next_page_uri": last.map(|last| next_page(listing, &last.message.sid)),
    })
}

fn next_page(listing: &Listing, last: &str) -> String {
    let since = listing.since.map(Timestamp::from_millisecond);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("PageSize", &listing.size.to_string());
    if let Some(to) = &listing.to {
        query.append_pair("To", to);
    }
    if let Some(Ok(since)) = since {
        query.append_pair("DateSent>", &since.to_string());
    }
    query.append_pair("PageToken", last);
    let account = &listing.account;
    let query = query.finish();
    format!("/2010-04-01/Accounts/{account}/Messages.json?{query}")
}

pub(crate) fn refusal_answer(refusal: Refusal, text: &Text) -> Answer {
    match refusal {
        Refusal::NoNumber => {
            let message = format!("Invalid 'To' Phone Number: {}", text.to);
            refused(400, 21_211, &message)
        }
        Refusal::BodyTooLong => refused(
            400,
            21_617,
            "The concatenated message body exceeds the 1600 character limit.",
        ),
        Refusal::Declined(code) => refused(400, code, "This message cannot be sent."),
    }
}

pub(crate) fn no_such_message(account: &str, sid: &str) -> Answer {
    let uri = uri(account, sid);
    let message = format!("The requested resource {uri} was not found");
    refused(404, 20_404, &message)
}

/// A refusal in the form that all of Twilio's have.
pub(crate) fn refused(status: u16, code: u32, message: &str) -> Answer {
    Answer::new(
        status,
        &json!({
            "code": code,
            "message": message,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status,
        }),
    )
}

fn uri(account: &str, sid: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/Messages/{sid}.json")
}
