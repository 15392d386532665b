//! Ids as a third party makes them: out of nothing that the caller knows.

use uuid::Uuid;

#[expect(
    clippy::disallowed_methods,
    reason = "a third party's ids follow from nothing of ours, and must not repeat when its book \
              starts anew beside older tables"
)]
pub(crate) fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string()
}
