//! The items of an account: `USER#<id>`, and `EMAIL#<tenant>#<address>`, which makes its address
//! its own.

use domain::{
    Account, AccountEvent, AccountState, CustomerId, Email, Link, PasswordHash, Preferences,
    Profile, Role, TenantId,
};
use serde::{Deserialize, Serialize};

use super::parts::{AddressItem, Nanos, read_tenant};
use super::phone::ProofItem;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

/// Entity of an account.
pub(crate) const ENTITY: &str = "account";
const ADDRESS: &str = "address";
/// Attribute of an address that says whose it is.
pub(crate) const OWNER: &str = "account";

#[derive(Serialize, Deserialize)]
struct AccountItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    email: String,
    #[serde(default)]
    verified: bool,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<AddressItem>,
    by_email: bool,
    by_sms: bool,
    roles: Vec<String>,
    password: String,
    status: String,
    epoch: u32,
    #[serde(default)]
    verify: LinkItem,
    #[serde(default)]
    reset: LinkItem,
    #[serde(default)]
    phone_proof: ProofItem,
    registered_at: Nanos,
    changed_at: Nanos,
    /// What the last write did.
    #[serde(default)]
    event: Option<String>,
    /// Every write is told.
    #[serde(default)]
    news: bool,
}

/// The last link of a kind: its number, and since when it can be used. No token is stored, nor a
/// hash of one.
#[derive(Default, Serialize, Deserialize)]
struct LinkItem {
    n: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Nanos>,
}

impl From<Link> for LinkItem {
    fn from(link: Link) -> Self {
        Self {
            n: link.number,
            at: link.made_at.map(Nanos),
        }
    }
}

impl From<LinkItem> for Link {
    fn from(item: LinkItem) -> Self {
        Self {
            number: item.n,
            made_at: item.at.map(|at| at.0),
        }
    }
}

const fn event_name(event: AccountEvent) -> &'static str {
    match event {
        AccountEvent::Registered => "registered",
        AccountEvent::Updated => "updated",
        AccountEvent::RolesChanged => "roles",
        AccountEvent::PasswordChanged => "password",
        AccountEvent::SessionsEnded => "sessions",
        AccountEvent::Deactivated => "deactivated",
        AccountEvent::Activated => "activated",
        AccountEvent::VerificationRequested => "verify",
        AccountEvent::EmailVerified => "verified",
        AccountEvent::ResetRequested => "reset",
        AccountEvent::EmailChanged => "email",
        AccountEvent::PhoneCodeRequested => "phone-code",
        AccountEvent::PhoneCodeRefused => "phone-refused",
        AccountEvent::PhoneConfirmed => "phone",
        AccountEvent::Erased => "erased",
    }
}

/// Accounts of before there were events were changed in some way.
fn event(name: Option<&str>) -> Result<AccountEvent, ItemError> {
    let Some(name) = name else {
        return Ok(AccountEvent::Updated);
    };
    let mut known = AccountEvent::ALL.into_iter();
    let found = known.find(|event| event_name(*event) == name);
    found.ok_or_else(|| ItemError::of("event")("no known event"))
}

/// The item of the next version.
pub(crate) fn encode(account: &Account) -> Result<Image, ItemError> {
    let profile = &account.profile;
    write(AccountItem {
        pk: Key::User(account.id.clone()).pk(),
        entity: ENTITY.to_owned(),
        version: account.version.saturating_add(1),
        tenant: account.tenant.to_string(),
        email: account.email.as_str().to_owned(),
        verified: account.verified,
        name: profile.name.clone(),
        phone: profile.phone.clone(),
        address: profile.address.as_ref().map(Into::into),
        by_email: profile.preferences.email,
        by_sms: profile.preferences.sms,
        roles: account
            .roles
            .iter()
            .map(|role| role.name().into())
            .collect(),
        password: account.password.0.clone(),
        status: account.state.name().to_owned(),
        epoch: account.epoch,
        verify: account.verification.into(),
        reset: account.reset.into(),
        phone_proof: account.phone.into(),
        registered_at: Nanos(account.registered_at),
        changed_at: Nanos(account.changed_at),
        event: Some(event_name(account.last).to_owned()),
        news: true,
    })
}

pub(crate) fn decode(image: Image) -> Result<Account, ItemError> {
    let item: AccountItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    Ok(Account {
        id: id_of(&item.pk)?,
        tenant: read_tenant(&item.tenant)?,
        email: Email::parse(&item.email).map_err(ItemError::of("email"))?,
        profile: Profile {
            name: item.name,
            phone: item.phone,
            address: item.address.map(Into::into),
            preferences: Preferences {
                email: item.by_email,
                sms: item.by_sms,
            },
        },
        roles: item
            .roles
            .iter()
            .map(|name| role(name))
            .collect::<Result<_, _>>()?,
        password: PasswordHash(item.password),
        state: state(&item.status)?,
        epoch: item.epoch,
        verified: item.verified,
        verification: item.verify.into(),
        reset: item.reset.into(),
        phone: item.phone_proof.into(),
        last: event(item.event.as_deref())?,
        registered_at: item.registered_at.0,
        changed_at: item.changed_at.0,
        version: item.version,
    })
}

pub(super) fn role(name: &str) -> Result<Role, ItemError> {
    Role::from_name(name).ok_or_else(|| ItemError::of("roles")("no known role"))
}

fn state(name: &str) -> Result<AccountState, ItemError> {
    let mut known = AccountState::ALL.into_iter();
    let found = known.find(|state| state.name() == name);
    found.ok_or_else(|| ItemError::of("status")("no known status"))
}

fn id_of(pk: &str) -> Result<CustomerId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::User(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no account")),
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct EmailItem {
    pk: String,
    entity: String,
    account: String,
}

/// The key of an address.
pub(crate) fn email_key(tenant: &TenantId, email: &Email) -> Key {
    Key::Email(tenant.clone(), email.folded())
}

/// The item that makes an account's address its own.
pub(crate) fn encode_email(account: &Account) -> Result<Image, ItemError> {
    write(EmailItem {
        pk: email_key(&account.tenant, &account.email).pk(),
        entity: ADDRESS.to_owned(),
        account: account.id.to_string(),
    })
}

pub(crate) fn decode_owner(image: Image) -> Result<CustomerId, ItemError> {
    let item: EmailItem = read(image)?;
    expect_entity(&item.entity, ADDRESS)?;
    CustomerId::parse(&item.account).map_err(ItemError::of("account"))
}
