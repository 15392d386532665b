//! What other services are told of profiles: `PUT <address of the service>/profiles/<account>`. They
//! keep the version and take only what is newer, so that a repeat, or one that comes late, changes
//! nothing.

use domain::{Account, AccountState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AddressBody;
use crate::http::PreferencesBody;

/// The whole profile as of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileUpdate {
    /// Rises with each change of the account; there may be gaps.
    pub version: u32,
    /// Nothing where it was erased: what is kept of it is to be deleted.
    pub profile: Option<ProfileBody>,
}

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileBody {
    /// The account; `customer_id` in the events of its orders.
    pub account_id: String,
    /// Whose shop.
    pub tenant: String,
    /// Where its owner is reached.
    pub email: String,
    /// Whether the address was shown to be theirs.
    pub email_verified: bool,
    /// Name.
    pub name: String,
    /// Telephone number in the form of E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressBody>,
    /// How they want to be told.
    pub preferences: PreferencesBody,
    /// `active` or `deactivated`.
    pub status: String,
    /// Since when they are known.
    pub registered_at: Timestamp,
}

/// What a service answers with 200, or with 409 where it has something newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileVersion {
    /// The version that it has.
    pub version: u32,
}

impl From<&Account> for ProfileUpdate {
    fn from(account: &Account) -> Self {
        let is_erased = account.state == AccountState::Erased;
        Self {
            version: account.sequence().0,
            profile: (!is_erased).then(|| account.into()),
        }
    }
}

impl From<&Account> for ProfileBody {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            account_id: account.id.to_string(),
            tenant: account.tenant.to_string(),
            email: account.email.as_str().to_owned(),
            email_verified: account.verified,
            name: profile.name.clone(),
            phone: profile.phone.clone(),
            address: profile.address.as_ref().map(Into::into),
            preferences: profile.preferences.into(),
            status: account.state.name().to_owned(),
            registered_at: account.registered_at,
        }
    }
}
