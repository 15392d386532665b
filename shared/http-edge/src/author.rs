//! Who asks for a change, and from where: for the store, which notes it beside the change.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;
use domain::{Author, AuthorKind, Origin};

use crate::{Caller, Correlation, Principal, PrincipalKind, Problem};

/// Who asks for a change. An extractor: whoever was let in; and on routes for anybody the owner of
/// what is changed, unless the route knows better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By(pub Author);

/// The address that API Gateway saw, whole, and an id of the request.
pub(crate) fn origin(extensions: &Extensions) -> Origin {
    let socket = extensions.get::<ConnectInfo<SocketAddr>>();
    let correlation = extensions.get::<Correlation>();
    Origin {
        address: socket.map(|ConnectInfo(socket)| socket.ip().to_canonical().to_string()),
        request: correlation.map(Correlation::without_words),
    }
}

/// A principal as an author.
pub(crate) fn author(principal: &Principal, from: Origin) -> Author {
    Author {
        kind: match principal.kind {
            PrincipalKind::User => AuthorKind::Account,
            PrincipalKind::ApiKey => AuthorKind::ApiKey,
        },
        tenant: Some(principal.tenant.clone()),
        subject: Some(principal.subject.clone()),
        from,
    }
}

impl<S: Sync> FromRequestParts<S> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let from = origin(&parts.extensions);
        Ok(Self(match parts.extensions.get::<Caller>() {
            Some(caller) => author(&caller.principal, from),
            None => Author::unnamed(AuthorKind::Owner, from),
        }))
    }
}
