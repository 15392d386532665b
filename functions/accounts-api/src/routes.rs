//! The routes, and what they work with.

use std::sync::Arc;

use domain::TenantId;
use domain::ports::{KeepAccounts, KeepApiKeys, KeepDestinations, NoteAuthor};
use http_edge::{Api, Policy, Role};
use identity::HashPasswords;
use lambda_boot::Clock;
use uuid::Uuid;

use crate::{copies, keys, users};

/// Where accounts and API keys are kept.
pub trait Store:
    KeepAccounts + KeepApiKeys + KeepDestinations + NoteAuthor + Send + Sync + 'static
{
}
impl<S> Store for S where
    S: KeepAccounts + KeepApiKeys + KeepDestinations + NoteAuthor + Send + Sync + 'static
{
}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, P> {
    /// Accounts and API keys.
    pub store: S,
    /// Hashes.
    pub passwords: P,
    /// The shop that customers register in.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

/// One's own, or anybody's for those who run the shop.
const OWN_OR_ADMIN: Policy = Policy::Owner(&[Role::Admin]);
/// The same, by no API key.
const OWN_OR_ADMIN_IN_PERSON: Policy = Policy::OwnerInPerson(&[Role::Admin]);
/// One's own, and nobody else's.
const OWN: Policy = Policy::Owner(&[]);
/// Those who work in the shop.
const STAFF: Policy = Policy::Only(&[Role::Support, Role::Admin]);
/// Those who run the shop, by no API key.
const ADMIN: Policy = Policy::InPerson(&[Role::Admin]);

/// The routes at work.
pub fn api<S: Store, P>(app: App<S, P>) -> Api
where
    P: HashPasswords + Send + Sync + 'static,
{
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<S: Store, P>() -> Api<Arc<App<S, P>>>
where
    P: HashPasswords + Send + Sync + 'static,
{
    Api::default()
        .way_in("/api/v1/users", users::register::<S, P>)
        .get("/api/v1/users/{id}", OWN_OR_ADMIN, users::show::<S, P>)
        .put(
            "/api/v1/users/{id}",
            OWN_OR_ADMIN_IN_PERSON,
            users::update::<S, P>,
        )
        .post(
            "/api/v1/users/{id}/password",
            OWN,
            users::change_password::<S, P>,
        )
        .post("/api/v1/users/{id}/email", OWN, users::change_email::<S, P>)
        .post(
            "/api/v1/users/{id}/deactivate",
            OWN_OR_ADMIN_IN_PERSON,
            users::deactivate::<S, P>,
        )
        .post(
            "/api/v1/admin/users/{id}/activate",
            ADMIN,
            users::activate::<S, P>,
        )
        .put(
            "/api/v1/admin/users/{id}/roles",
            ADMIN,
            users::appoint::<S, P>,
        )
        .get("/api/v1/admin/destinations", STAFF, copies::list::<S, P>)
        .post("/api/v1/api-keys", ADMIN, keys::create::<S, P>)
        .get("/api/v1/api-keys", ADMIN, keys::list::<S, P>)
        .delete("/api/v1/api-keys/{id}", ADMIN, keys::revoke::<S, P>)
}
