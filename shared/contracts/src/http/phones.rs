//! Bodies about the confirmation of a telephone number.

use domain::{Account, Channel, PhoneState, Sending};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Secret;
use super::notifications::DeliveryBody;
use crate::InvalidBody;

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;

/// Body of `PUT /api/v1/users/{id}/phone/confirmation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmPhone {
    /// What was texted: six digits.
    pub code: Secret,
}

impl ConfirmPhone {
    /// The code, which may be wrong.
    ///
    /// # Errors
    /// [`InvalidBody`] for what can be no code.
    pub fn parse(self) -> Result<Secret, InvalidBody> {
        let code = self.code.0.as_bytes();
        match code.len() == CODE_DIGITS && code.iter().all(u8::is_ascii_digit) {
            true => Ok(self.code),
            false => Err(InvalidBody::at("/code", "six digits")),
        }
    }
}

/// How the confirmation of a telephone number stands: answer to all of
/// `/api/v1/users/{id}/phone/confirmation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhoneConfirmationBody {
    /// The number in the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `unconfirmed` (nothing was asked for), `pending` (the code is texted later), `sent`, `refused`, `unknown` (it may have been sent, and
    /// is not sent again), `expired` (another has to be asked for) or `confirmed`.
    pub status: String,
    /// Why it was refused, or has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to tell its owner as long as it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it is tried next, as long as it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Timestamp>,
    /// How many wrong codes are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
}

impl PhoneConfirmationBody {
    /// As of now, with what became of the text.
    pub fn of(account: &Account, text: Option<&Sending>, now: Timestamp) -> Self {
        let bare = |status: &str| Self {
            phone: account.profile.phone.clone(),
            status: status.to_owned(),
            reason: None,
            note: None,
            next_try: None,
            tries_left: None,
        };
        match &account.phone.state {
            PhoneState::Unconfirmed => bare("unconfirmed"),
            PhoneState::Confirmed => bare("confirmed"),
            PhoneState::Asked(asked) => match asked.check(now) {
                Err(why) => Self {
                    reason: Some(why.to_string()),
                    ..bare("expired")
                },
                Ok(()) => {
                    let told = DeliveryBody::by_row(Channel::Sms, text);
                    Self {
                        reason: told.reason,
                        note: told.note,
                        next_try: told.next_try,
                        tries_left: Some(asked.tries),
                        ..bare(&told.outcome)
                    }
                }
            },
        }
    }
}
