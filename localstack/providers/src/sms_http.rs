//! The SMS gateway's routes: form in, JSON out, as Twilio's Messages API does it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::answer::Answer;
use crate::app::{App, Request, Work};
use crate::gate;
use crate::operation::{Operation, Subject};
use crate::params::{BadParam, Params};
use crate::party::{self, Call};
use crate::sms::{Listing, Query, Text};
use crate::sms_wire::{no_such_message, refused};

/// Messages on a page, unless the caller says how many.
const PAGE: usize = 50;
/// Most messages on a page.
const LONGEST_PAGE: usize = 1000;

pub(crate) fn routes() -> Router<Arc<App>> {
    let messages = "/2010-04-01/Accounts/{account}/Messages";
    Router::new()
        .route(&format!("{messages}.json"), post(send).get(list))
        .route(&format!("{messages}/{{file}}"), get(retrieve))
}

async fn send(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Answer> {
    need_credentials(&headers)?;
    let text = read_message(account, &body)?;
    let subject = Subject::new(Operation::SmsSend, Some(text.to.clone()));
    let call = Call::Sms(text);
    Ok(gate::pass(app, subject, Work::Write(Request { call, key: None })).await)
}

async fn list(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Answer> {
    need_credentials(&headers)?;
    let query = query.unwrap_or_default();
    let mut listing = read_listing(account, query.as_bytes()).map_err(|bad| malformed(&bad))?;
    let subject = Subject::new(Operation::SmsList, listing.to.clone());
    listing.lag = app.faults.lookup_lag(&subject);
    Ok(ask(app, subject, Query::List(listing)).await)
}

async fn retrieve(
    State(app): State<Arc<App>>,
    Path((account, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Answer> {
    need_credentials(&headers)?;
    let Some(sid) = file.strip_suffix(".json").map(str::to_owned) else {
        return Err(no_such_message(&account, &file));
    };
    let to = app.number_of(&account, &sid);
    let subject = Subject::new(Operation::SmsRetrieve, to);
    Ok(ask(app, subject, Query::One { account, sid }).await)
}

async fn ask(app: Arc<App>, subject: Subject, query: Query) -> Response {
    gate::pass(app, subject, Work::Read(party::Query::Message(query))).await
}

fn read_message(account: String, form: &[u8]) -> Result<Text, Answer> {
    let mut params = Params::parse(form).map_err(|bad| malformed(&bad))?;
    let mut need = |name: &str, code: u32| {
        let missing = || refused(400, code, &format!("'{name}' is required."));
        params.take(name).ok_or_else(missing)
    };
    let text = Text {
        account,
        to: need("To", 21_604)?,
        from: need("From", 21_603)?,
        body: need("Body", 21_602)?,
    };
    params.end().map_err(|bad| malformed(&bad))?;
    Ok(text)
}

fn read_listing(account: String, query: &[u8]) -> Result<Listing, BadParam> {
    let mut params = Params::parse(query)?;
    let since = params.take("DateSent>").map(|text| {
        let bad = || BadParam::new("parameter_invalid", "DateSent>");
        start(&text).ok_or_else(bad)
    });
    let size = params.take("PageSize").map(|text| {
        let size = text.parse().ok().filter(|size| *size > 0);
        size.ok_or_else(|| BadParam::new("parameter_invalid_integer", "PageSize"))
    });
    let listing = Listing {
        account,
        to: params.take("To"),
        since: since.transpose()?,
        size: size.transpose()?.unwrap_or(PAGE).min(LONGEST_PAGE),
        after: params.take("PageToken"),
        lag: 0,
    };
    params.end()?;
    Ok(listing)
}

/// The milliseconds of `2026-11-22T08:30:00Z`, or of the start of `2026-11-22` in Greenwich.
fn start(text: &str) -> Option<i64> {
    let time = text.parse::<Timestamp>().or_else(|_| {
        let day = text.parse::<Date>()?;
        day.to_zoned(TimeZone::UTC).map(|start| start.timestamp())
    });
    time.ok().map(Timestamp::as_millisecond)
}

fn need_credentials(headers: &HeaderMap) -> Result<(), Answer> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .is_some_and(|credentials| !credentials.trim().is_empty());
    if given {
        return Ok(());
    }
    Err(refused(401, 20_003, "Authenticate"))
}

fn malformed(bad: &BadParam) -> Answer {
    refused(400, 20_001, &bad.to_string())
}
