//! Refusals of those who are known, for the audit log: of principals who may not, or who asked for what
//! is somebody else's, and of whoever tries the password of an account. Of one principal at one route
//! the first of a minute is handed on, and the next one says how many there were. Whoever nobody knows
//! is counted in the log only.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ports::{NoteRefusals, StoreError};
use domain::{Author, AuthorKind, CustomerId, Origin, Refusal, TenantId};
use jiff::Timestamp;
use tracing::warn;
use uuid::Uuid;

use crate::author::{author, origin};
use crate::problem::{Noted, chain};
use crate::{Caller, PrincipalKind};

#[cfg(test)]
mod tests;

/// How long an answer waits for its refusal to be noted. Past it the answer goes out all the same.
const PATIENCE: Duration = Duration::from_millis(300);
/// Most pairs of principal and route that a process counts. Past it, it forgets those of before.
const MOST: usize = 4_096;

type Noting<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// [`NoteRefusals`] of any store.
trait Note: Send + Sync {
    fn note<'a>(&'a self, refusal: &'a Refusal) -> Noting<'a>;
}

impl<S: NoteRefusals + Send + Sync> Note for S {
    fn note<'a>(&'a self, refusal: &'a Refusal) -> Noting<'a> {
        Box::pin(self.note_refusal(refusal))
    }
}

/// Hands refusals to the audit log. Clones share what this process counted.
#[derive(Clone)]
pub(crate) struct Refusals {
    store: Arc<dyn Note>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Of whom at which route: the last minute that was handed on, and how many came since.
    counted: Arc<Mutex<HashMap<String, (i64, u32)>>>,
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

/// Whether a caller asked for what is somebody else's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foreign(Arc<AtomicBool>);

impl Foreign {
    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Who was tried, at a way in.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) shop: TenantId,
    /// What tells those who are tried apart, also where there is no account.
    pub(crate) name: String,
    pub(crate) account: Option<CustomerId>,
}

/// What is to be known of a request should it be refused.
pub(crate) struct Watched {
    refusals: Refusals,
    caller: Option<Caller>,
    from: Origin,
    method: String,
    route: String,
    path: String,
}

impl Refusals {
    pub(crate) fn new(
        store: impl NoteRefusals + Send + Sync + 'static,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self {
            store: Arc::new(store),
            now: Arc::new(now),
            counted: Arc::default(),
        }
    }

    /// Looks at a request before the route gets it.
    pub(crate) fn watch(&self, request: &Request) -> Watched {
        let extensions = request.extensions();
        let route = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        Watched {
            refusals: self.clone(),
            caller: extensions.get::<Caller>().cloned(),
            from: origin(extensions),
            method: request.method().to_string(),
            route: route.unwrap_or("-").to_owned(),
            path: request.uri().path().to_owned(),
        }
    }

    /// How many there were since the last one that was handed on; nothing where this one is not.
    fn count(&self, who: &str, at: Timestamp) -> Option<u32> {
        let minute = at.as_second().div_euclid(60);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST {
            counted.retain(|_, (last, _)| *last == minute);
        }
        if counted.len() >= MOST && !counted.contains_key(who) {
            return None;
        }
        let (last, since) = counted.entry(who.to_owned()).or_insert((i64::MIN, 0));
        if *last == minute {
            *since = since.saturating_add(1);
            return None;
        }
        *last = minute;
        Some(std::mem::take(since))
    }

    /// Hands a refusal on, unless there was one like it this minute.
    pub(crate) async fn hand_on(&self, mut refusal: Refusal) {
        let Some(before) = self.count(&refusal.who, refusal.at) else {
            return;
        };
        if before > 0 {
            refusal.reason.push_str(&format!("; {before} more before"));
        }
        let why = match tokio::time::timeout(PATIENCE, self.store.note(&refusal)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => chain(&error),
            Err(_) => "no answer in time".to_owned(),
        };
        warn!(refusal_lost = true, error = why, "a refusal was not noted");
    }
}

impl Watched {
    /// Looks at the answer: what is to be handed on, if anything.
    pub(crate) fn look(self, answer: &Response) -> Option<Refusal> {
        let noted = answer.extensions().get::<Noted>()?;
        match (&noted.tried, &self.caller) {
            (Some(tried), _) => Some(self.of_try(tried, noted)),
            (None, Some(caller)) if is_refused(answer.status(), caller) => {
                Some(self.of_caller(caller, noted))
            }
            _ => None,
        }
    }

    fn of_caller(&self, caller: &Caller, noted: &Noted) -> Refusal {
        let principal = &caller.principal;
        let kind = match principal.kind {
            PrincipalKind::User => "user",
            PrincipalKind::ApiKey => "key",
        };
        let who = format!("{kind}#{}#{}", principal.tenant, principal.subject);
        let object = object(&self.route, &self.path);
        self.refusal(who, object, author(principal, self.from.clone()), noted)
    }

    /// Nobody says who tries a password; of whom, is known. Where there is no such account the same is
    /// done, and nobody is told.
    fn of_try(&self, tried: &Tried, noted: &Noted) -> Refusal {
        let author = Author {
            tenant: Some(tried.shop.clone()),
            ..Author::unnamed(AuthorKind::Anybody, self.from.clone())
        };
        let account = tried.account.as_ref();
        let object = account.map_or_else(String::new, |id| format!("account/{id}"));
        let who = format!("tried#{}#{}", tried.shop, tried.name);
        Refusal {
            is_told: account.is_some(),
            ..self.refusal(who, object, author, noted)
        }
    }

    fn refusal(&self, who: String, object: String, author: Author, noted: &Noted) -> Refusal {
        let action = format!("{} {}", self.method, self.route);
        Refusal {
            who: format!("{who}#{action}"),
            author,
            action,
            object,
            reason: noted.slug.to_string(),
            at: (self.refusals.now)(),
            is_told: true,
        }
    }
}

/// What a caller may not do, and what they may not have.
fn is_refused(status: StatusCode, caller: &Caller) -> bool {
    match status {
        StatusCode::FORBIDDEN => true,
        StatusCode::NOT_FOUND => caller.foreign.0.load(Ordering::Relaxed),
        _ => false,
    }
}

/// What was asked for, where the path names it by an id of ours; the route where it does not. Nothing
/// else that a caller writes into a path goes into a log that cannot be changed.
fn object(route: &str, path: &str) -> String {
    let (names, values) = (route.split('/'), path.split('/'));
    let mut kind = "";
    for (name, value) in names.zip(values) {
        if name.starts_with('{')
            && let (Ok(id), 36) = (Uuid::try_parse(value), value.len())
        {
            let kind = match kind {
                "users" => "account",
                kind => kind.strip_suffix('s').unwrap_or(kind),
            };
            return format!("{kind}/{id}");
        }
        kind = name;
    }
    format!("route{route}")
}
