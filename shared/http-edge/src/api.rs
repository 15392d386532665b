//! Routes, each with who may use it. The edge takes nothing else, so that a route that does not
//! say who may use it does not compile; and what it says is what is enforced and tried.

use axum::extract::FromRequestParts;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::{CustomerId, TenantId};

use crate::refusals::Foreign;
use crate::{Principal, PrincipalKind, Problem, Role};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody: no token is looked at. What the route itself asks for, such as a signature or a
    /// password, is its own matter.
    Anybody,
    /// Everybody with a valid token, for what is their own; and for what is anybody's of their
    /// shop, those with one of these roles.
    Owner(&'static [Role]),
    /// The same for those who signed in themselves: by no API key. For what changes an account.
    OwnerInPerson(&'static [Role]),
    /// Those with one of these roles.
    Only(&'static [Role]),
    /// Those with one of these roles who signed in themselves: by no API key. For what gives or
    /// takes power, so that no key makes another.
    InPerson(&'static [Role]),
}

impl Policy {
    /// Whoever is refused at the door, whatever they ask for.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn admit(self, principal: &Principal) -> Result<(), Problem> {
        match self {
            Self::Anybody | Self::Owner(_) => Ok(()),
            Self::Only(roles) => match principal.has_one_of(roles) {
                true => Ok(()),
                false => Err(Problem::forbidden()),
            },
            Self::OwnerInPerson(_) => in_person(principal),
            Self::InPerson(roles) => {
                in_person(principal)?;
                Self::Only(roles).admit(principal)
            }
        }
    }
}

/// Refuses keys.
fn in_person(principal: &Principal) -> Result<(), Problem> {
    match principal.kind {
        PrincipalKind::User => Ok(()),
        PrincipalKind::ApiKey => Err(Problem::forbidden()),
    }
}

/// A route as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: Method,
    /// Its path from the root on, with `{names}` for what varies.
    pub path: &'static str,
    /// Who may use it.
    pub policy: Policy,
    /// Whether it is a way in: signing in, registering. Ways in have limits of their own, and are
    /// closed while nobody can count.
    pub way_in: bool,
}

/// The routes of one function.
#[derive(Debug)]
pub struct Api<S = ()> {
    routes: Vec<(Route, MethodRouter<S>)>,
    elsewhere: &'static [Elsewhere],
}

/// A path whose methods other functions answer, such as `("/api/v1/orders", "GET,POST")`.
pub type Elsewhere = (&'static str, &'static str);

impl<S: Clone + Send + Sync + 'static> Default for Api<S> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            elsewhere: &[],
        }
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $method:ident),* $(,)?) => {
        impl<S: Clone + Send + Sync + 'static> Api<S> {
            $($(#[$doc])*
            #[must_use]
            pub fn $name<H, T>(self, path: &'static str, policy: Policy, handler: H) -> Self
            where
                H: Handler<T, S>,
                T: 'static,
            {
                let (filter, method) = (MethodFilter::$method, Method::$method);
                let route = Route { method, path, policy, way_in: false };
                self.with(route, on(filter, handler))
            })*
        }
    };
}

methods! {
    /// Adds a `GET` route, which answers `HEAD` too.
    get = GET,
    /// Adds a `POST` route.
    post = POST,
    /// Adds a `PUT` route.
    put = PUT,
    /// Adds a `DELETE` route.
    delete = DELETE,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    fn with(mut self, route: Route, handler: MethodRouter<S>) -> Self {
        self.routes.push((route, handler));
        self
    }

    /// Adds a `POST` route for anybody that is a way in.
    #[must_use]
    pub fn way_in<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let route = Route {
            method: Method::POST,
            path,
            policy: Policy::Anybody,
            way_in: true,
        };
        self.with(route, on(MethodFilter::POST, handler))
    }

    /// Names what other functions answer. A request for it that comes here has another method: 405.
    #[must_use]
    pub fn elsewhere(mut self, paths: &'static [Elsewhere]) -> Self {
        self.elsewhere = paths;
        self
    }

    /// All routes, in the order in which they were added.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().map(|(route, _)| route)
    }

    /// Gives the handlers what they work with.
    pub fn with_state(self, state: S) -> Api {
        let given =
            |(route, handler): (Route, MethodRouter<S>)| (route, handler.with_state(state.clone()));
        Api {
            routes: self.routes.into_iter().map(given).collect(),
            elsewhere: self.elsewhere,
        }
    }
}

impl Api {
    pub(crate) fn into_parts(self) -> (Vec<(Route, MethodRouter)>, &'static [Elsewhere]) {
        (self.routes, self.elsewhere)
    }
}

/// Who is asking, on the terms of the route. An extractor for routes that are not for anybody.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    policy: Policy,
    pub(crate) foreign: Foreign,
}

impl Caller {
    pub(crate) fn new(principal: Principal, policy: Policy) -> Self {
        let foreign = Foreign::default();
        Self {
            principal,
            policy,
            foreign,
        }
    }

    /// Whether the route lets them have what belongs to this customer of this shop. What they may
    /// not have is to be answered as if it were not there.
    pub fn may_have(&self, tenant: &TenantId, owner: &CustomerId) -> bool {
        let allowed = match self.policy {
            Policy::Anybody => false,
            Policy::Owner(roles) | Policy::OwnerInPerson(roles) => {
                self.principal.subject == *owner || self.principal.has_one_of(roles)
            }
            Policy::Only(roles) | Policy::InPerson(roles) => self.principal.has_one_of(roles),
        };
        let may = allowed && self.principal.tenant == *tenant;
        if !may {
            self.foreign.note();
        }
        may
    }
}

impl Caller {
    /// Refuses what nobody does to their own account, because an access token is believed for as
    /// long as it is good, whatever became of its owner.
    ///
    /// # Errors
    /// 409.
    pub fn must_not_be(&self, account: &CustomerId) -> Result<(), Problem> {
        if self.principal.subject != *account {
            return Ok(());
        }
        Err(
            Problem::new(StatusCode::CONFLICT, "own-account", "Own account")
                .detail("somebody else has to do this"),
        )
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let nobody = || Problem::unauthorised().because("the route takes no tokens");
        parts.extensions.get().cloned().ok_or_else(nobody)
    }
}

#[cfg(test)]
mod tests;
