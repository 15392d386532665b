//! Bodies of accounts and of signing in.

use std::fmt;

use domain::{Account, Email, Preferences, Profile, Role};
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::line_of_text;
use crate::{AddressBody, InvalidBody};

#[cfg(test)]
mod tests;

/// Shortest password, in characters. NIST SP 800-63B-4 section 3.1.1.2 wants 8 where there is a
/// second factor and 15 where it is the only one; there is none yet, and nothing else is asked of
/// a password, so this is between.
pub const MIN_PASSWORD: usize = 12;
/// Longest password, in characters (the same source: at least 64 must be allowed).
pub const MAX_PASSWORD: usize = 128;

/// Longest secret of a body, in characters: twice what the longest of our tokens takes.
pub const MAX_SECRET: usize = 1_024;

/// A text that shows nowhere but in its body.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Secret(#[serde(deserialize_with = "bounded")] pub String);

fn bounded<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.chars().count() > MAX_SECRET {
        let problem = format_args!("{MAX_SECRET} characters at most");
        return Err(D::Error::custom(problem));
    }
    Ok(text)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Body of `POST /api/v1/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterUser {
    /// Where they are reached, and what they sign in with.
    pub email: String,
    /// 12 to 128 characters.
    pub password: Secret,
    /// Their name.
    pub name: String,
}

/// A registration whose content was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedRegistration {
    /// Where they are reached.
    pub email: Email,
    /// In clear, on its way to its hash.
    pub password: Secret,
    /// Their name.
    pub name: String,
}

impl RegisterUser {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(self) -> Result<ParsedRegistration, InvalidBody> {
        let email = parse_email(&self.email)?;
        Ok(ParsedRegistration {
            password: parse_password("/password", self.password, &email)?,
            name: line_of_text("/name", &self.name)?,
            email,
        })
    }
}

fn parse_email(text: &str) -> Result<Email, InvalidBody> {
    Email::parse(text).map_err(|error| InvalidBody::at("/email", error))
}

fn parse_password(pointer: &str, password: Secret, email: &Email) -> Result<Secret, InvalidBody> {
    let text = &password.0;
    let length = text.chars().count();
    let first = text.chars().next();
    let problem = if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&length) {
        format!("{MIN_PASSWORD} to {MAX_PASSWORD} characters")
    } else if text.chars().all(|each| Some(each) == first) {
        "more than one character".to_owned()
    } else if text.eq_ignore_ascii_case(email.as_str()) {
        "something else than the address".to_owned()
    } else {
        return Ok(password);
    };
    Err(InvalidBody::at(pointer, problem))
}

/// Body of `POST /api/v1/users/{id}/password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: Secret,
    /// 12 to 128 characters.
    pub new_password: Secret,
}

impl ChangePassword {
    /// Checks the new password of the account with this address.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse(self, email: &Email) -> Result<Secret, InvalidBody> {
        parse_password("/new_password", self.new_password, email)
    }
}

/// Body of `POST /api/v1/users/{id}/email`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// Where they are reached from now on, and what they sign in with.
    pub email: String,
    /// Their password.
    pub password: Secret,
}

impl ChangeEmail {
    /// The address, and the password as it is: whether it is right is the account's matter.
    ///
    /// # Errors
    /// [`InvalidBody`], also for an address that is the password.
    pub fn parse(self) -> Result<(Email, Secret), InvalidBody> {
        let (email, password) = parse_credentials(&self.email, self.password)?;
        if password.0.eq_ignore_ascii_case(email.as_str()) {
            let problem = "something else than the password";
            return Err(InvalidBody::at("/email", problem));
        }
        Ok((email, password))
    }
}

/// An address, and a password within all bounds.
fn parse_credentials(email: &str, password: Secret) -> Result<(Email, Secret), InvalidBody> {
    let email = parse_email(email)?;
    if password.0.chars().count() > MAX_PASSWORD {
        let problem = format!("at most {MAX_PASSWORD} characters");
        return Err(InvalidBody::at("/password", problem));
    }
    Ok((email, password))
}

/// Body of `POST /api/v1/auth/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: Secret,
}

impl SignIn {
    /// The address, and the password as it is: whether they fit is the account's matter.
    ///
    /// # Errors
    /// [`InvalidBody`] for what can be no address, and for passwords beyond all bounds.
    pub fn parse(self) -> Result<(Email, Secret), InvalidBody> {
        parse_credentials(&self.email, self.password)
    }
}

/// Body of `POST /api/v1/auth/password-reset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestReset {
    /// The account's address, if it is one.
    pub email: String,
}

impl RequestReset {
    /// The address.
    ///
    /// # Errors
    /// [`InvalidBody`] for what can be no address.
    pub fn parse(&self) -> Result<Email, InvalidBody> {
        parse_email(&self.email)
    }
}

/// Body of `POST /api/v1/auth/password-reset/confirm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmReset {
    /// What was mailed.
    pub token: Secret,
    /// 12 to 128 characters.
    pub new_password: Secret,
}

impl ConfirmReset {
    /// Checks the new password of the account with this address.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse(self, email: &Email) -> Result<Secret, InvalidBody> {
        parse_password("/new_password", self.new_password, email)
    }
}

/// Body of `POST /api/v1/auth/verify-email`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// What was mailed.
    pub token: Secret,
}

/// Body of `POST /api/v1/auth/refresh` and `/auth/logout`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// The token that was given out last.
    pub refresh_token: Secret,
}

/// Answer to a sign-in and to a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokensBody {
    /// For the header `Authorization: Bearer …`.
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: String,
    /// For how long the access token is good, in seconds.
    pub expires_in: i64,
    /// For the next refresh; the one before is good for half a minute more.
    pub refresh_token: Secret,
}

/// How somebody wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreferencesBody {
    /// By e-mail.
    pub email: bool,
    /// By SMS, where there is a number.
    pub sms: bool,
}

impl From<Preferences> for PreferencesBody {
    fn from(preferences: Preferences) -> Self {
        Self {
            email: preferences.email,
            sms: preferences.sms,
        }
    }
}

/// Body of `PUT /api/v1/users/{id}`: the whole profile; what is left out is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// Name.
    pub name: String,
    /// Telephone number in the form of E.164, `+441632960001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressBody>,
    /// How they want to be told.
    pub preferences: PreferencesBody,
}

impl UpdateUser {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<Profile, InvalidBody> {
        let address = self.address.as_ref();
        Ok(Profile {
            name: line_of_text("/name", &self.name)?,
            phone: self.phone.as_deref().map(parse_phone).transpose()?,
            address: address.map(|body| body.parse("/address")).transpose()?,
            preferences: Preferences {
                email: self.preferences.email,
                sms: self.preferences.sms,
            },
        })
    }
}

/// ITU-T E.164: at most 15 digits, the first of the country code is not 0.
fn parse_phone(text: &str) -> Result<String, InvalidBody> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let fits = (8..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits {
        Ok(text.to_owned())
    } else {
        let problem = "a number in the form of E.164, such as +441632960001";
        Err(InvalidBody::at("/phone", problem))
    }
}

/// Body of `PUT /api/v1/admin/users/{id}/roles`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RolesBody {
    /// All that the account may do: `customer`, `support`, `admin`.
    pub roles: Vec<String>,
}

impl RolesBody {
    /// Checks the content; each role once, in a fixed order.
    ///
    /// # Errors
    /// [`InvalidBody`] for unknown roles, and for none.
    pub fn parse(&self) -> Result<Vec<Role>, InvalidBody> {
        parse_roles(&self.roles)
    }
}

/// The roles with these names, each once, in a fixed order.
pub(super) fn parse_roles(names: &[String]) -> Result<Vec<Role>, InvalidBody> {
    for (at, name) in names.iter().enumerate() {
        if Role::from_name(name).is_none() {
            let problem = "one of customer, support, admin";
            return Err(InvalidBody::at(format!("/roles/{at}"), problem));
        }
    }
    let named = |role: &Role| names.iter().any(|name| name == role.name());
    let roles: Vec<Role> = Role::ALL.into_iter().filter(named).collect();
    if roles.is_empty() {
        return Err(InvalidBody::at("/roles", "at least one role"));
    }
    Ok(roles)
}

/// An account as its owner and staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserBody {
    /// Its id.
    pub user_id: String,
    /// Where they are reached, and what they sign in with.
    pub email: String,
    /// Whether the address was shown to be theirs.
    pub email_verified: bool,
    /// Name.
    pub name: String,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Whether the number was shown to be theirs: nothing is texted to any other.
    pub phone_confirmed: bool,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressBody>,
    /// How they want to be told.
    pub preferences: PreferencesBody,
    /// What they may do: `customer`, `support`, `admin`.
    pub roles: Vec<String>,
    /// `active`, `deactivated` or `erased`.
    pub status: String,
    /// Since when they are known.
    pub registered_at: Timestamp,
    /// Rises with every change; the `ETag` of the answer.
    pub version: u64,
}

impl From<&Account> for UserBody {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            user_id: account.id.to_string(),
            email: account.email.as_str().to_owned(),
            email_verified: account.verified,
            name: profile.name.clone(),
            phone: profile.phone.clone(),
            phone_confirmed: account.phone.is_confirmed(),
            address: profile.address.as_ref().map(Into::into),
            preferences: profile.preferences.into(),
            roles: account
                .roles
                .iter()
                .map(|role| role.name().to_owned())
                .collect(),
            status: account.state.name().to_owned(),
            registered_at: account.registered_at,
            version: account.version,
        }
    }
}
