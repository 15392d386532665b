//! Groups.

use domain::{Group, GroupId};
use uuid::Uuid;

use super::{at, tenant};

/// The id of the n-th group.
pub fn group_id(number: u64) -> GroupId {
    GroupId(Uuid::from_u128(number.into()))
}

/// The n-th group, made n seconds after the beginning of all tests.
pub fn a_group(number: u64) -> Group {
    Group {
        id: group_id(number),
        tenant: tenant(),
        name: format!("group {number}"),
        created_at: at(i64::try_from(number).unwrap_or_default()),
        ended_at: None,
    }
}
