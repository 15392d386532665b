//! What a route must answer to whom, by its declared policy and nothing else.

use http_edge::{Policy, Role};

use super::{Door, Thing};

/// Functions that take no API keys: whoever has one has no password to change.
const WITHOUT_KEYS: [&str; 1] = ["auth-api"];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody without a token that is good.
    Nobody,
    /// Somebody who signed in, with one role.
    Person(Role),
    /// A service with a key that has one role.
    Key(Role),
}

/// For what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// What is theirs, or of their shop where it belongs to nobody in it; or for nothing that has a
    /// name.
    Own,
    /// What is somebody else's, or of another shop where it belongs to nobody in it.
    Foreign,
    /// What is not there.
    Missing,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 401 of the edge.
    Unauthorised,
    /// 403 of the edge.
    Forbidden,
    /// 404, as for anything that is not there.
    NotFound,
    /// The route's own answer.
    Admitted,
}

/// What the route must answer.
pub fn expected(door: &Door, who: Who, whose: Whose) -> Verdict {
    match at_the_door(door, who) {
        Verdict::Admitted => by_owner(door, who, whose),
        refused => refused,
    }
}

fn at_the_door(door: &Door, who: Who) -> Verdict {
    let policy = door.route.policy;
    let (role, is_key) = match who {
        _ if policy == Policy::Anybody => return Verdict::Admitted,
        Who::Nobody => return Verdict::Unauthorised,
        Who::Person(role) => (role, false),
        Who::Key(role) => (role, true),
    };
    if is_key && WITHOUT_KEYS.contains(&door.function) {
        return Verdict::Unauthorised;
    }
    let lets_in = match policy {
        Policy::Anybody | Policy::Owner(_) => true,
        Policy::OwnerInPerson(_) => !is_key,
        Policy::Only(roles) => roles.contains(&role),
        Policy::InPerson(roles) => !is_key && roles.contains(&role),
    };
    match lets_in {
        true => Verdict::Admitted,
        false => Verdict::Forbidden,
    }
}

fn by_owner(door: &Door, who: Who, whose: Whose) -> Verdict {
    let anybodys = match (door.route.policy, who) {
        (Policy::Anybody, _) | (_, Who::Nobody) => false,
        (
            Policy::Owner(roles)
            | Policy::OwnerInPerson(roles)
            | Policy::Only(roles)
            | Policy::InPerson(roles),
            Who::Person(role) | Who::Key(role),
        ) => roles.contains(&role),
    };
    let of_somebody = matches!(door.thing(), Some(Thing::Account | Thing::Order));
    match whose {
        Whose::Own => Verdict::Admitted,
        Whose::Foreign if of_somebody && anybodys => Verdict::Admitted,
        Whose::Foreign => Verdict::NotFound,
        // A delivery makes its SKU known.
        Whose::Missing if door.route.path.ends_with("/restock") => Verdict::Admitted,
        Whose::Missing => Verdict::NotFound,
    }
}
