//! The SMS gateway's rules. Like Twilio's it knows no idempotency key: who asks twice sends twice.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::book::Entry;
use crate::party::{Moment, Outcome, Party};
use crate::sms_wire;

#[cfg(test)]
mod tests;

/// Longest text, in characters.
const LONGEST_BODY: usize = 1600;
/// The recipient does not want any more messages.
const UNSUBSCRIBED: u32 = 21_610;

/// What is to be sent to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) account: String,
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) body: String,
}

/// A message that was taken to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) text: Text,
}

/// A message and when it was sent, in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) at: i64,
    pub(crate) message: Message,
}

#[derive(Debug, Clone)]
pub(crate) enum Query {
    One { account: String, sid: String },
    List(Listing),
}

/// Which messages of an account are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) account: String,
    pub(crate) to: Option<String>,
    /// Not sent before this, in milliseconds since 1970.
    pub(crate) since: Option<i64>,
    /// Most on a page.
    pub(crate) size: usize,
    /// The last message of the page before.
    pub(crate) after: Option<String>,
    /// Messages that are younger than so many milliseconds do not show.
    pub(crate) lag: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoNumber,
    BodyTooLong,
    /// A no that a fault asked for, with its code.
    Declined(u32),
}

/// Every message, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Messages(Vec<Sent>);

impl Messages {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.0.iter()
    }

    pub(crate) fn find(&self, account: &str, sid: &str) -> Option<&Sent> {
        self.iter()
            .find(|sent| sent.message.sid == sid && sent.message.text.account == account)
    }

    /// A page, newest first, and whether more follow.
    fn page(&self, listing: &Listing, now: i64) -> (Vec<&Sent>, bool) {
        let last = listing.after.as_deref();
        let newest_first = self.iter().rev();
        let mut wanted: Vec<&Sent> = newest_first
            .skip_while(|sent| last.is_some_and(|last| last != sent.message.sid))
            .skip(usize::from(last.is_some()))
            .filter(|sent| listing.wants(sent, now))
            .take(listing.size.saturating_add(1))
            .collect();
        let more = wanted.len() > listing.size;
        wanted.truncate(listing.size);
        (wanted, more)
    }
}

impl Listing {
    fn wants(&self, sent: &Sent, now: i64) -> bool {
        // What a message says about its time has whole seconds.
        let second = sent.at - sent.at.rem_euclid(1000);
        let text = &sent.message.text;
        text.account == self.account
            && self.to.as_ref().is_none_or(|to| *to == text.to)
            && self.since.is_none_or(|since| second >= since)
            && sent.at.saturating_add(self.lag) <= now
    }
}

/// Why the gateway does not take a message, if it does not. `decline` is a fault's code; one that
/// is no number means a recipient who does not want any more.
pub(crate) fn check(text: &Text, decline: Option<&str>) -> Result<(), Refusal> {
    if !is_number(&text.to) {
        return Err(Refusal::NoNumber);
    }
    if text.body.chars().count() > LONGEST_BODY {
        return Err(Refusal::BodyTooLong);
    }
    match decline {
        None => Ok(()),
        Some(code) => Err(Refusal::Declined(code.parse().unwrap_or(UNSUBSCRIBED))),
    }
}

/// E.164: a plus and at most fifteen digits, of which the first is not zero.
fn is_number(to: &str) -> bool {
    let digits = to.strip_prefix('+').unwrap_or_default();
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl Party for Messages {
    type Command = Text;
    type Effect = Message;
    type Query = Query;

    fn decide(&self, text: &Text, moment: &Moment<'_>) -> Outcome<Message> {
        if let Err(refusal) = check(text, moment.decline) {
            return (None, sms_wire::refusal_answer(refusal, text));
        }
        let message = Message {
            sid: format!("SM{}", moment.fresh),
            text: text.clone(),
        };
        let answer = Answer::new(201, &sms_wire::queued_json(&message, moment.now));
        (Some(message), answer)
    }

    fn fold(&mut self, message: &Message, entry: &Entry) {
        self.0.push(Sent {
            at: entry.at,
            message: message.clone(),
        });
    }

    fn read(&self, query: &Query, now: i64) -> Answer {
        match query {
            Query::One { account, sid } => match self.find(account, sid) {
                Some(sent) => Answer::new(200, &sms_wire::sent_json(sent)),
                None => sms_wire::no_such_message(account, sid),
            },
            Query::List(listing) => {
                let (page, more) = self.page(listing, now);
                Answer::new(200, &sms_wire::page_json(listing, &page, more))
            }
        }
    }
}
