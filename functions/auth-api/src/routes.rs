//! The routes, and what they work with.

use std::sync::Arc;

use domain::TenantId;
use domain::ports::{KeepAccounts, KeepSessions, NoteAuthor, ReadSendings};
use http_edge::token::{Issuer, discovery};
use http_edge::{Api, Policy};
use identity::{HashPasswords, LinkTokens, PhoneCodes};
use lambda_boot::{Clock, TokenSettings};
use uuid::Uuid;

use crate::{links, phones, sessions, well_known};

/// Where accounts and sessions are kept.
pub trait Store: KeepAccounts + KeepSessions + NoteAuthor + Send + Sync + 'static {}
impl<S: KeepAccounts + KeepSessions + NoteAuthor + Send + Sync + 'static> Store for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, P, T> {
    /// Accounts and sessions.
    pub store: S,
    /// Hashes.
    pub passwords: P,
    /// Makes tokens.
    pub issuer: Issuer,
    /// Reads mailed links.
    pub links: LinkTokens,
    /// Compares texted codes.
    pub codes: PhoneCodes,
    /// What became of texts.
    pub texts: T,
    /// Whether only those sign in whose address was shown to be theirs.
    pub verified_only: bool,
    /// How tokens are verified.
    pub tokens: TokenSettings,
    /// The shop that customers sign in to.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

/// One's own, and nobody else's.
const OWN: Policy = Policy::Owner(&[]);
/// Whether a telephone number is its owner's.
const CONFIRMATION: &str = "/api/v1/users/{id}/phone/confirmation";

/// The routes at work.
pub fn api<S: Store, P, T>(app: App<S, P, T>) -> Api
where
    P: HashPasswords + Send + Sync + 'static,
    T: ReadSendings + Send + Sync + 'static,
{
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<S: Store, P, T>() -> Api<Arc<App<S, P, T>>>
where
    P: HashPasswords + Send + Sync + 'static,
    T: ReadSendings + Send + Sync + 'static,
{
    use Policy::Anybody;
    Api::default()
        .way_in("/api/v1/auth/login", sessions::sign_in::<S, P, T>)
        .post(
            "/api/v1/auth/refresh",
            Anybody,
            sessions::refresh::<S, P, T>,
        )
        .post(
            "/api/v1/auth/logout",
            Anybody,
            sessions::sign_out::<S, P, T>,
        )
        .post(
            "/api/v1/auth/logout-all",
            OWN,
            sessions::sign_out_everywhere::<S, P, T>,
        )
        .way_in(
            "/api/v1/auth/password-reset",
            links::request_reset::<S, P, T>,
        )
        .way_in(
            "/api/v1/auth/password-reset/confirm",
            links::reset_password::<S, P, T>,
        )
        .way_in("/api/v1/auth/verify-email", links::verify_email::<S, P, T>)
        .post(
            "/api/v1/auth/verify-email/resend",
            OWN,
            links::request_verification::<S, P, T>,
        )
        .post(CONFIRMATION, OWN, phones::ask::<S, P, T>)
        .get(CONFIRMATION, OWN, phones::show::<S, P, T>)
        .put(CONFIRMATION, OWN, phones::confirm::<S, P, T>)
        .get(discovery::JWKS, Anybody, well_known::jwks::<S, P, T>)
        .get(
            discovery::CONFIGURATION,
            Anybody,
            well_known::configuration::<S, P, T>,
        )
}
