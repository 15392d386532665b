//! That a telephone number is its owner's: asking for a code, how its text stands, and using it. The
//! text is sent by rows, so that nobody waits here for a gateway.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contracts::http::{ConfirmPhone, PhoneConfirmationBody};
use domain::ports::{KeepAccounts, ReadSendings};
use domain::{Account, AskedCode, Channel, CodeRefused, CustomerId, NoCode};
use http_edge::{By, Caller, Guesses, Json, Problem};
use identity::{PhoneCodes, decide};
use jiff::Timestamp;

use crate::routes::{App, Store};

/// What confirms telephone numbers.
#[derive(Debug)]
pub struct Phones<T> {
    /// What became of texts.
    pub texts: T,
    /// Compares codes.
    pub codes: PhoneCodes,
}

fn parse(id: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(id).map_err(|_| Problem::not_found())
}

/// Nobody confirms a number of an account that is closed.
fn is_theirs(caller: &Caller, account: &Account) -> bool {
    account.is_active() && caller.may_have(&account.tenant, &account.id)
}

async fn find(store: &impl KeepAccounts, caller: &Caller, id: &str) -> Result<Account, Problem> {
    let account = store.account(&parse(id)?).await?;
    let theirs = account.filter(|account| is_theirs(caller, account));
    theirs.ok_or_else(Problem::not_found)
}

impl<T: ReadSendings> Phones<T> {
    async fn shown(&self, account: &Account, now: Timestamp) -> Result<Shown, Problem> {
        let asked = account.phone.asked();
        let text = match asked.map(|asked| asked.message(&account.id)) {
            Some(message) => self.texts.sendings(Channel::Sms, &[message]).await?.pop(),
            None => None,
        };
        let body = PhoneConfirmationBody::of(account, text.as_ref(), now);
        body.map(axum::Json).ok_or_else(Problem::not_found)
    }
}

type Shown = axum::Json<PhoneConfirmationBody>;

/// Whether a code is to be texted: only then it is counted as a text to the number, whosever that is.
pub(crate) async fn ask<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, By(author)): (Caller, By),
    guesses: Guesses,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let now = app.clock.now();
    let account = find(&app.store, &caller, &id).await?;
    let wanted = account.wants_phone_code(now).map_err(no_code)?;
    if let Some(phone) = account.profile.phone.as_ref().filter(|_| wanted) {
        guesses.count_text(phone).await?;
    }
    let store = app.store.by(&author);
    let asked = decide(&store, &account.id, |account| {
        is_theirs(&caller, account).then(|| account.ask_phone_code(now))
    });
    let (account, asked) = asked.await?.ok_or_else(Problem::not_found)?;
    asked.map_err(no_code)?;
    let location = format!("/api/v1/users/{}/phone/confirmation", account.id);
    let shown = app.phones.shown(&account, now).await?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], shown))
}

pub(crate) async fn show<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    let account = find(&app.store, &caller, &id).await?;
    app.phones.shown(&account, app.clock.now()).await
}

/// Each try is stored before it is answered, on the version that was read: tries that are sent at once
/// are counted one by one.
pub(crate) async fn confirm<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    Json(body): Json<ConfirmPhone>,
) -> Result<Shown, Problem> {
    let (id, code) = (parse(&id)?, body.parse().map_err(Problem::invalid)?);
    let (now, codes) = (app.clock.now(), &app.phones.codes);
    let fits =
        |asked: &AskedCode, phone: &str| codes.fits(&id, (asked.number, phone), &code.0, now);
    let store = app.store.by(&author);
    let tried = decide(&store, &id, |account| {
        is_theirs(&caller, account).then(|| account.confirm_phone(fits, ((app.new_id)(), now)))
    });
    let (account, confirmed) = tried.await?.ok_or_else(Problem::not_found)?;
    confirmed.map_err(refused)?;
    app.phones.shown(&account, now).await
}

fn no_code(error: NoCode) -> Problem {
    let conflict = |slug, title| Problem::new(StatusCode::CONFLICT, slug, title);
    let detail = error.to_string();
    match error {
        NoCode::NoNumber => conflict("no-phone", "No telephone number").detail(detail),
        NoCode::Confirmed => conflict("phone-confirmed", "Number confirmed").detail(detail),
        NoCode::TooOften { wait } => {
            let whole = wait.as_secs().unsigned_abs();
            Problem::too_many(detail, whole.saturating_add(1))
        }
    }
}

fn refused(error: CodeRefused) -> Problem {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(unprocessable, "code-refused", "Code refused").detail(error.to_string())
}
