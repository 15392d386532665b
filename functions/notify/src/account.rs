//! Mails to the owner of an account: links, and that the password or the address is another.

use contracts::events::{AccountChanged, Envelope, EventType};
use domain::ports::Mail;
use domain::{CustomerId, LinkPurpose};

use crate::{Links, NotifyError};

/// What is mailed because of an event, each under the id that it is claimed by.
type Mails = Vec<(String, Mail)>;

/// What to tell the owner of the account because of the event; nothing because of most. It is told
/// whatever they prefer: it is about who can sign in.
pub(crate) fn mails_for(event: &Envelope, links: &Links) -> Result<Mails, NotifyError> {
    let words: fn(&str) -> (&'static str, String) = match EventType::parse(&event.event_type) {
        Some(EventType::AccountRegistered | EventType::AccountVerificationRequested) => verify,
        Some(EventType::AccountEmailChanged) => verify_another,
        Some(EventType::AccountResetRequested) => reset,
        Some(EventType::AccountPasswordChanged) => |_| changed(),
        _ => return Ok(Vec::new()),
    };
    let account: AccountChanged = event.data()?;
    let link = link_of(event, &account, links)?;
    let told = mail(account.email, words(&link));
    Ok(match account.previous_email {
        None => vec![(event.id.clone(), told)],
        // The warning first: it waits for no other, and who is not told of the link asks for another.
        // It is what the list says, so its outcome is the one that is shown there.
        Some(before) => vec![
            (event.id.clone(), mail(before, moved())),
            (format!("{}/link", event.id), told),
        ],
    })
}

fn mail(to: String, (subject, text): (&str, String)) -> Mail {
    Mail {
        to,
        subject: subject.to_owned(),
        text,
        unsubscribe: None,
    }
}

/// Empty where the event is no reason to mail one.
fn link_of(
    event: &Envelope,
    account: &AccountChanged,
    links: &Links,
) -> Result<String, NotifyError> {
    let Some(link) = &account.link else {
        return Ok(String::new());
    };
    let owner = CustomerId::parse(&event.subject)?;
    let mut purposes = LinkPurpose::ALL.into_iter();
    let purpose = purposes.find(|purpose| purpose.name() == link.purpose);
    let purpose = purpose.ok_or(NotifyError::Purpose)?;
    Ok(links.make(purpose, &owner, link.number))
}

fn verify(link: &str) -> (&'static str, String) {
    let text = format!(
        "Welcome. Please confirm that this is your address:\n\n{link}\n\nThe link is good once, for \
         three days. If it was not you who registered, do nothing.\n"
    );
    ("Confirm your address", text)
}

fn verify_another(link: &str) -> (&'static str, String) {
    let text = format!(
        "An account wants to be reached here. Please confirm that this is your address:\n\n{link}\n\n\
         The link is good once, for three days. If it was not you who asked for it, do nothing.\n"
    );
    ("Confirm your address", text)
}

/// To the address of before: it is not said which one came after it.
fn moved() -> (&'static str, String) {
    let text = "The address of your account was changed: you sign in with the new one, and no mail about \
                your account comes here any more. You were signed out everywhere. If it was not you, \
                somebody knows your password: tell us at once.\n";
    ("The address of your account was changed", text.to_owned())
}

fn reset(link: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody, probably you, wants to set another password:\n\n{link}\n\nThe link is good once, \
         for an hour. If it was not you, do nothing: your password stays what it is.\n"
    );
    ("Set another password", text)
}

fn changed() -> (&'static str, String) {
    let text = "Your password was changed, and you were signed out everywhere. If it was not you, \
                set another one at once: ask for a link where you sign in.\n";
    ("Your password was changed", text.to_owned())
}
