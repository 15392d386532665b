//! The routes, and what they work with.

use std::sync::Arc;

use domain::ports::{
    ForgetNotifications, KeepAccounts, KeepGroups, KeepMembers, KeepNotifications, KeepSendings,
    NoteAnnouncements, NoteAuthor, StoreError,
};
use domain::{Group, GroupId, TenantId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use idempotency::KeepClaims;
use lambda_boot::Clock;
use uuid::Uuid;

use crate::{groups, members, messages};

/// Where groups, members and accounts are kept.
pub trait Accounts:
    KeepGroups + KeepMembers + KeepAccounts + NoteAnnouncements + NoteAuthor + Send + Sync + 'static
{
}
impl<A> Accounts for A where
    A: KeepGroups
        + KeepMembers
        + KeepAccounts
        + NoteAnnouncements
        + NoteAuthor
        + Send
        + Sync
        + 'static
{
}

/// Where lists are kept.
pub trait Lists:
    KeepNotifications + KeepSendings + ForgetNotifications + Send + Sync + 'static
{
}
impl<S: KeepNotifications + KeepSendings + ForgetNotifications + Send + Sync + 'static> Lists
    for S
{
}

/// Where idempotency keys are kept.
pub trait Claims: KeepClaims<Error = StoreError> + Send + Sync + 'static {}
impl<C: KeepClaims<Error = StoreError> + Send + Sync + 'static> Claims for C {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<A, S, C> {
    /// Groups, members and accounts.
    pub accounts: A,
    /// What people and groups are told.
    pub lists: S,
    /// Who asked for what under which key, and what they were answered.
    pub claims: C,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

impl<A: Accounts, S, C> App<A, S, C> {
    /// The group in a path, of the caller's shop.
    pub(crate) async fn find(&self, caller: &Caller, id: &str) -> Result<Group, Problem> {
        let id = GroupId::parse(id).ok_or_else(Problem::not_found)?;
        let group = self.accounts.group((&caller.principal.tenant, id)).await?;
        group.ok_or_else(Problem::not_found)
    }
}

/// What signs the cursors of a shop's groups.
pub(crate) fn groups_of(tenant: &TenantId) -> [&str; 2] {
    ["groups", tenant.as_str()]
}

/// Those who run the shop.
const ADMIN: Policy = Policy::Only(&[Role::Admin]);
/// Everybody sees their own.
const OWN: Policy = Policy::Owner(&[]);

/// The routes at work.
pub fn api<A: Accounts, S: Lists, C: Claims>(app: App<A, S, C>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<A: Accounts, S: Lists, C: Claims>() -> Api<Arc<App<A, S, C>>> {
    let one = "/api/v1/admin/groups/{id}";
    let member = "/api/v1/admin/groups/{id}/members/{customer}";
    Api::default()
        .get("/api/v1/groups", OWN, groups::own::<A, S, C>)
        .get(groups::PATH, ADMIN, groups::list::<A, S, C>)
        .post(groups::PATH, ADMIN, groups::create::<A, S, C>)
        .get(one, ADMIN, groups::show::<A, S, C>)
        .delete(one, ADMIN, groups::end::<A, S, C>)
        .get(members::PATH, ADMIN, members::list::<A, S, C>)
        .put(member, ADMIN, members::add::<A, S, C>)
        .delete(member, ADMIN, members::remove::<A, S, C>)
        .post(
            messages::TO_GROUP,
            ADMIN,
            messages::broadcast_to_group::<A, S, C>,
        )
        .post(
            messages::TO_USERS,
            ADMIN,
            messages::send_to_users::<A, S, C>,
        )
}
