//! Creating an entry. A request that comes with an `Idempotency-Key` gets one answer however often
//! it comes. Where no id is given, the id is made of the key: whoever does the work again, because
//! the first one died before it could answer, meets the entry instead of making another.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::InvalidBody;
use contracts::http::canonical;
use domain::ports::SaveError;
use domain::{TenantId, id_of_request};
use http_edge::{By, Caller, IdempotencyKey, Json, Once, Problem, answer_once};
use idempotency::Failed;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::routes::{App, Claims, Store, id_taken};

/// What is created: a product or a course.
pub(crate) trait Entry: Clone + Debug + Send + Sync + 'static {
    /// What its route takes.
    type Body: DeserializeOwned + Serialize + Send + 'static;
    /// Where it is created, and below which it is found.
    const PATH: &'static str;

    /// The entry that is asked for; with this id where the body gives none.
    fn asked(body: Self::Body, id: Uuid, shop: (TenantId, Timestamp)) -> Result<Self, InvalidBody>;
    /// Stores it if nothing is stored with its id.
    fn save(self, store: &impl Store)
    -> impl Future<Output = Result<Self, SaveError<Self>>> + Send;
    /// Whether this is what was asked for once it was stored, and nobody changed it since.
    fn was_created_as(&self, asked: &Self) -> bool;
    /// Its id.
    fn id(&self) -> &str;
    /// The answer that shows it.
    fn shown(&self) -> Response;
}

/// The body is looked at first: what can be no entry claims no key.
pub(crate) async fn create<S: Store, C: Claims, E: Entry>(
    State(app): State<Arc<App<S, C>>>,
    (caller, By(author)): (Caller, By),
    key: Option<IdempotencyKey>,
    Json(body): Json<E::Body>,
) -> Result<Response, Problem> {
    app.must_run_this_shop(&caller)?;
    let (who, now) = (&caller.principal, app.clock.now());
    let route = format!("POST {}", E::PATH);
    let id = key.as_ref().map_or_else(app.new_id, |key| {
        id_of_request((&who.tenant, &who.subject), &route, key.as_str())
    });
    let body_asked = canonical(&body);
    let asked = E::asked(body, id, (app.tenant.clone(), now)).map_err(Problem::invalid)?;
    let store = app.store.by(&author);
    let Some(key) = key else {
        return anew(asked, &store).await;
    };
    let fingerprint = [body_asked.as_slice()];
    let once = Once::conditional(who, &route, &key, &fingerprint);
    let run = ((app.new_id)(), now);
    answer_once(&app.claims, &once, run, async || again(asked, &store).await).await
}

fn created<E: Entry>(entry: &E) -> Response {
    let place = [(header::LOCATION, format!("{}/{}", E::PATH, entry.id()))];
    (StatusCode::CREATED, place, entry.shown()).into_response()
}

async fn anew<E: Entry>(asked: E, store: &impl Store) -> Result<Response, Problem> {
    match asked.save(store).await {
        Ok(entry) => Ok(created(&entry)),
        Err(SaveError::Conflict(_)) => Err(id_taken()),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// The same where an earlier run may have done it: what it stored is answered as if it was new.
async fn again<E: Entry>(asked: E, store: &impl Store) -> Result<Response, Failed<Problem>> {
    match asked.clone().save(store).await {
        Ok(entry) => Ok(created(&entry)),
        Err(SaveError::Conflict(Some(stored))) if stored.was_created_as(&asked) => {
            Ok(created(&*stored))
        }
        Err(SaveError::Conflict(_)) => Err(Failed::Nothing(id_taken())),
        Err(SaveError::Store(error)) => Err(Failed::Unknown(error.into())),
    }
}
