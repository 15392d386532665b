//! What happened to an account that its owner must see, whoever did it. No link stands in it, and no
//! address: a list is shown to whoever is signed in.

use contracts::events::{Envelope, EventType};
use domain::NotificationKind;

use crate::Words;

pub(crate) fn words_of(event_type: EventType, event: &Envelope) -> Option<Words> {
    let (title, message) = match event_type {
        EventType::AccountPasswordChanged => (
            "Your password was changed",
            "You were signed out everywhere. If it was not you, set another one at once.",
        ),
        EventType::AccountEmailChanged => (
            "The address of your account was changed",
            "You sign in with the new one, and were signed out everywhere. If it was not you, tell \
             us at once.",
        ),
        _ => return None,
    };
    Some(Words {
        reader: event.subject.clone(),
        kind: NotificationKind::AccountSecurity,
        title: title.to_owned(),
        message: message.to_owned(),
        data: Vec::new(),
    })
}
