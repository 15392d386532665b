//! The routes, and what they work with.

use std::sync::Arc;

use domain::TenantId;
use domain::ports::{KeepAccounts, KeepSessions};
use http_edge::token::{Issuer, discovery};
use http_edge::{Api, Policy, Role};
use identity::HashPasswords;
use lambda_boot::{Clock, TokenSettings};
use uuid::Uuid;

use crate::{sessions, users, well_known};

/// Where accounts and sessions are kept.
pub trait Store: KeepAccounts + KeepSessions + Send + Sync + 'static {}
impl<S: KeepAccounts + KeepSessions + Send + Sync + 'static> Store for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, P> {
    /// Accounts and sessions.
    pub store: S,
    /// Hashes.
    pub passwords: P,
    /// Makes tokens.
    pub issuer: Issuer,
    /// How tokens are verified.
    pub tokens: TokenSettings,
    /// The shop that customers register in.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

/// One's own, or anybody's for those who run the shop.
const OWN_OR_ADMIN: Policy = Policy::Owner(&[Role::Admin]);
/// One's own, and nobody else's.
const OWN: Policy = Policy::Owner(&[]);
const ADMIN: Policy = Policy::Only(&[Role::Admin]);

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
    use Policy::Anybody;
    Api::default()
        .way_in("/api/v1/users", users::register::<S, P>)
        .get("/api/v1/users/{id}", OWN_OR_ADMIN, users::show::<S, P>)
        .put("/api/v1/users/{id}", OWN_OR_ADMIN, users::update::<S, P>)
        .post(
            "/api/v1/users/{id}/password",
            OWN,
            users::change_password::<S, P>,
        )
        .post(
            "/api/v1/users/{id}/deactivate",
            OWN_OR_ADMIN,
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
        .way_in("/api/v1/auth/login", sessions::sign_in::<S, P>)
        .post("/api/v1/auth/refresh", Anybody, sessions::refresh::<S, P>)
        .post("/api/v1/auth/logout", Anybody, sessions::sign_out::<S, P>)
        .post(
            "/api/v1/auth/logout-all",
            OWN,
            users::sign_out_everywhere::<S, P>,
        )
        .get(discovery::JWKS, Anybody, well_known::jwks::<S, P>)
        .get(
            discovery::CONFIGURATION,
            Anybody,
            well_known::configuration::<S, P>,
        )
}
