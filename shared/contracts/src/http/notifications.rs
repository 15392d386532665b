//! Bodies of notifications: what somebody was told, what they have read, and what they want.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::DeliveryOutcome;
use domain::{ByMail, Channel, Choices, Notification, NotificationKind, NotificationList};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::InvalidBody;

/// Something that somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotificationBody {
    /// The id of the event that it is of. No two have the same.
    pub id: String,
    /// Its place in the reader's list: 1, 2, 3 … without gaps.
    pub number: u64,
    /// What it is about, such as `order-shipped`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line.
    pub title: String,
    /// Plain words.
    pub message: String,
    /// What a program may want of it, such as `order_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whether it was marked as read.
    pub read: bool,
    /// What became of it beside this list, by channel.
    pub deliveries: Vec<DeliveryBody>,
}

/// What became of a notification on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeliveryBody {
    /// `email`
    pub channel: String,
    /// `pending`, `sent`, `refused`, `unknown` (it may have been sent, and is not sent again),
    /// `switched-off` or `no-address`.
    pub outcome: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl DeliveryBody {
    fn by_mail(by_mail: ByMail, outcome: Option<&DeliveryOutcome>) -> Self {
        let (name, reason) = match (by_mail, outcome) {
            (ByMail::SwitchedOff, _) => ("switched-off", None),
            (ByMail::NoAddress, _) => ("no-address", None),
            (ByMail::Sent, None | Some(DeliveryOutcome::Open)) => ("pending", None),
            (ByMail::Sent, Some(DeliveryOutcome::Sent)) => ("sent", None),
            (ByMail::Sent, Some(DeliveryOutcome::Refused(why))) => ("refused", Some(why.clone())),
            (ByMail::Sent, Some(DeliveryOutcome::Unknown)) => ("unknown", None),
        };
        Self {
            channel: Channel::Email.name().to_owned(),
            outcome: name.to_owned(),
            reason,
        }
    }
}

impl NotificationBody {
    /// A notification of a list, and what became of its mail, as far as one was tried.
    pub fn of(
        list: &NotificationList,
        notification: &Notification,
        mail: Option<&DeliveryOutcome>,
    ) -> Self {
        let notice = &notification.notice;
        Self {
            id: notice.id.clone(),
            number: notification.number,
            kind: notice.kind.name().to_owned(),
            title: notice.title.clone(),
            message: notice.message.clone(),
            data: notice.data.clone(),
            timestamp: notice.at,
            read: list.has_read(notification),
            deliveries: vec![DeliveryBody::by_mail(notification.by_mail, mail)],
        }
    }
}

/// Answer to `GET /api/v1/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotificationListBody {
    /// Newest first; oldest first from a place on (`after`).
    pub notifications: Vec<NotificationBody>,
    /// The newest number of the list; 0 for none.
    pub last: u64,
    /// All up to this number were read.
    pub read_up_to: u64,
    /// Give it as `cursor` for older ones; absent on the last page, and from a place on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Give it as `after` for what came since. From a place on there is more until a page ends with
    /// `last`.
    pub resume_cursor: String,
    /// Whether `resume_cursor` is behind `last`: there is more to come right now.
    pub behind: bool,
}

/// Most single notifications that are marked by one request.
pub const MAX_MARKED: usize = 50;

/// Highest number that a request may name: as far as every reader of JSON counts exactly (RFC 8259
/// section 6).
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// Body of `POST /api/v1/notifications/read`: single ones, or all up to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadMarkBody {
    /// These, by their number; 50 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Vec<u64>>,
    /// This one and all before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
}

/// What is to be marked as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkedRead {
    /// These.
    Numbers(Vec<u64>),
    /// This one and all before it.
    UpTo(u64),
}

impl ReadMarkBody {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] for none, for both, for too many, and for what is no number of a list.
    pub fn parse(self) -> Result<MarkedRead, InvalidBody> {
        let is_number = |number: &u64| (1..=MAX_NUMBER).contains(number);
        match (self.numbers, self.up_to) {
            (Some(numbers), None) => {
                let few = (1..=MAX_MARKED).contains(&numbers.len());
                if !few || !numbers.iter().all(is_number) {
                    return Err(InvalidBody::at("/numbers", "1 to 50 numbers of a list"));
                }
                let numbers: BTreeSet<u64> = numbers.into_iter().collect();
                Ok(MarkedRead::Numbers(numbers.into_iter().collect()))
            }
            (None, Some(up_to)) if is_number(&up_to) => Ok(MarkedRead::UpTo(up_to)),
            (None, Some(_)) => Err(InvalidBody::at("/up_to", "a number of the list")),
            _ => Err(InvalidBody::at("/up_to", "either this or numbers")),
        }
    }
}

/// What somebody wants to be told of beside the list itself: body of and answer to
/// `PUT /api/v1/notifications/preferences`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotificationPreferences {
    /// By kind. A kind that is not sent stays as it is.
    pub kinds: Vec<WantedByKind>,
}

/// By which channels a kind is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WantedByKind {
    /// The kind, such as `order-shipped`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is mailed. Above it stands whether the account takes mail at all.
    pub email: bool,
}

impl NotificationPreferences {
    /// What is wanted of each kind, said or usual.
    pub fn of(email: &Choices) -> Self {
        let wanted = |kind: &NotificationKind| WantedByKind {
            kind: kind.name().to_owned(),
            email: email.want_mailed(*kind),
        };
        let kinds = NotificationKind::ALL.iter().map(wanted).collect();
        Self { kinds }
    }

    /// Checks the content: the choices for mail.
    ///
    /// # Errors
    /// [`InvalidBody`] with the place of a kind that is not known, is said twice, or cannot be
    /// switched off.
    pub fn parse(&self) -> Result<Choices, InvalidBody> {
        let (mut choices, mut said) = (Choices::default(), BTreeSet::new());
        for (at, wanted) in self.kinds.iter().enumerate() {
            let wrong = |field, what: &str| InvalidBody::at(format!("/kinds/{at}/{field}"), what);
            let kind = NotificationKind::from_name(&wanted.kind);
            let kind = kind.ok_or_else(|| wrong("type", "a kind of notification"))?;
            if !said.insert(kind) {
                return Err(wrong("type", "each kind once"));
            }
            if !wanted.email && !kind.may_be_switched_off() {
                return Err(wrong("email", "this kind cannot be switched off"));
            }
            choices = choices.with(kind, wanted.email);
        }
        Ok(choices)
    }
}

/// Answer of `/api/v1/notifications/unsubscribe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnsubscribeBody {
    /// The kind that the link switches off.
    #[serde(rename = "type")]
    pub kind: String,
    /// On which channel: `email`.
    pub channel: String,
}

impl UnsubscribeBody {
    /// What a mailed link switches off.
    pub fn of_mail(kind: NotificationKind) -> Self {
        Self {
            kind: kind.name().to_owned(),
            channel: Channel::Email.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;

/// Answer to all of `/api/v1/courses/subscriptions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CourseSubscriptionBody {
    /// Whether the caller hears of new courses.
    pub subscribed: bool,
}
