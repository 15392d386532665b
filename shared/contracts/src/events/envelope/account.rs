//! What is told of accounts.

use domain::{Account, AccountEvent, Email, Raised};
use serde_json::Value;

use super::{Envelope, EventType, Origin, value};
use crate::events::{AccountChanged, AccountErased};

/// What the last write did to an account, and how everything but the password is now: the newest
/// sequence wins, none need be seen.
pub fn account_changed(account: &Account) -> Envelope {
    let data = match account.last {
        AccountEvent::Erased => value(AccountErased::from(account)),
        _ => value(AccountChanged::from(account)),
    };
    account_event(account, data)
}

/// The same of a write that gave it another address than this one.
pub fn account_moved(account: &Account, from: &Email) -> Envelope {
    let data = AccountChanged {
        previous_email: Some(from.as_str().to_owned()),
        ..account.into()
    };
    account_event(account, value(data))
}

fn account_event(account: &Account, data: Value) -> Envelope {
    let event_type = match account.last {
        AccountEvent::Registered => EventType::AccountRegistered,
        AccountEvent::Updated => EventType::AccountUpdated,
        AccountEvent::RolesChanged => EventType::AccountRolesChanged,
        AccountEvent::PasswordChanged => EventType::AccountPasswordChanged,
        AccountEvent::SessionsEnded => EventType::AccountSessionsEnded,
        AccountEvent::Deactivated => EventType::AccountDeactivated,
        AccountEvent::Activated => EventType::AccountActivated,
        AccountEvent::VerificationRequested => EventType::AccountVerificationRequested,
        AccountEvent::EmailVerified => EventType::AccountEmailVerified,
        AccountEvent::ResetRequested => EventType::AccountResetRequested,
        AccountEvent::EmailChanged => EventType::AccountEmailChanged,
        AccountEvent::PhoneCodeRequested => EventType::AccountPhoneCodeRequested,
        AccountEvent::PhoneCodeRefused => EventType::AccountPhoneCodeRefused,
        AccountEvent::PhoneConfirmed => EventType::AccountPhoneConfirmed,
        AccountEvent::Erased => EventType::AccountErased,
    };
    let raised = Raised {
        sequence: account.sequence(),
        at: account.changed_at,
        event: (),
    };
    let origin = Origin {
        subject: account.id.to_string(),
        tenant: Some(&account.tenant),
        traceparent: None,
    };
    origin.envelope(&raised, event_type, data)
}
