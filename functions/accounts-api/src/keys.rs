//! API keys of the shop. They are made, seen and taken back by those who run it, in person.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{ApiKeyBody, ApiKeyListBody, NewApiKey, NewApiKeyBody, Secret};
use domain::ports::SaveError;
use domain::{ApiKey, ApiKeyId, ApiKeySecret};
use http_edge::{By, Caller, Json, Problem};

use crate::routes::{App, Store};

/// The one answer that has the key in it. Sent twice, it makes two keys.
pub(crate) async fn create<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    Json(body): Json<NewApiKey>,
) -> Result<Response, Problem> {
    let (name, roles) = body.parse().map_err(Problem::invalid)?;
    let principal = caller.principal;
    if app.store.api_keys(&principal.tenant).await?.len() >= ApiKey::MOST {
        let most = format!("a shop has {} keys at most; take one back", ApiKey::MOST);
        let problem = Problem::new(StatusCode::CONFLICT, "too-many-keys", "Too many keys");
        return Err(problem.detail(most));
    }
    let new_id = app.new_id;
    let secret = ApiKeySecret::new(ApiKeyId(new_id()), [new_id(), new_id(), new_id()]);
    let key = ApiKey {
        id: secret.id(),
        tenant: principal.tenant,
        name,
        roles,
        hash: secret.hash(),
        created_by: principal.subject,
        created_at: app.clock.now(),
        revoked_at: None,
        version: 0,
    };
    let key = app
        .store
        .by(&author)
        .save_api_key(key)
        .await
        .map_err(|error| match error {
            SaveError::Store(error) => error.into(),
            SaveError::Conflict(_) => Problem::internal(),
        })?;
    let body = NewApiKeyBody {
        key: Secret(secret.text()),
        api_key: ApiKeyBody::from(&key),
    };
    let location = [(header::LOCATION, format!("/api/v1/api-keys/{}", key.id))];
    Ok((StatusCode::CREATED, location, axum::Json(body)).into_response())
}

pub(crate) async fn list<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    caller: Caller,
) -> Result<axum::Json<ApiKeyListBody>, Problem> {
    let keys = app.store.api_keys(&caller.principal.tenant).await?;
    let api_keys = keys.iter().map(ApiKeyBody::from).collect();
    Ok(axum::Json(ApiKeyListBody { api_keys }))
}

/// Every function refuses it within a minute. What was taken back stays so.
pub(crate) async fn revoke<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = ApiKeyId::parse(&id).ok_or_else(Problem::not_found)?;
    let key = app.store.api_key(id).await?;
    let mut key = key
        .filter(|key| key.tenant == caller.principal.tenant)
        .ok_or_else(Problem::not_found)?;
    if key.revoke(app.clock.now()) {
        match app.store.by(&author).save_api_key(key).await {
            // Nothing else is ever changed of a key.
            Ok(_) | Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
