//! Bodies of notifications: what somebody was told, what they have read, and what they want.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::DeliveryOutcome;
use domain::{
    ByMail, Channel, Choices, Notification, NotificationKind, NotificationList, Sending,
    SendingState,
};
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
    /// What became of it beside this list, by channel; a `message` is in lists only.
    pub deliveries: Vec<DeliveryBody>,
}

/// What became of a notification on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeliveryBody {
    /// `email` or `sms`
    pub channel: String,
    /// `pending`, `sent`, `refused`, `unknown` (it may have been sent, and is not sent again),
    /// `switched-off` or `no-address`.
    pub outcome: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to tell its reader as long as it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it is tried next, as long as it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Timestamp>,
}

/// What its reader is told of a text that waits.
pub const TEXT_LATER: &str = "We will text you later.";
/// What its reader is told of a mail that waits.
pub const MAIL_LATER: &str = "We will mail you later.";

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
            note: None,
            next_try: None,
        }
    }

    /// Of what waits as a row; it waits where nothing is known of it yet.
    pub(super) fn by_row(channel: Channel, sending: Option<&Sending>) -> Self {
        let state = sending.map(|sending| &sending.state);
        let later = match channel {
            Channel::Email => MAIL_LATER,
            Channel::Sms => TEXT_LATER,
        };
        let (name, reason) = match state {
            None | Some(SendingState::Waiting { .. }) => ("pending", None),
            Some(SendingState::Sent) => ("sent", None),
            Some(SendingState::Refused(why)) => ("refused", Some(why.clone())),
            Some(SendingState::GivenUp) => ("unknown", None),
        };
        Self {
            channel: channel.name().to_owned(),
            outcome: name.to_owned(),
            reason,
            note: (name == "pending").then(|| later.to_owned()),
            next_try: sending.and_then(Sending::next_try),
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
            deliveries: match notice.kind.goes_out() {
                true => vec![DeliveryBody::by_mail(notification.by_mail, mail)],
                false => Vec::new(),
            },
        }
    }

    /// With what became of its mail where that could not go out at once, and has a row.
    #[must_use]
    pub fn with_later_mail(mut self, row: Option<&Sending>) -> Self {
        let email = Channel::Email.name();
        let mut mails = self.deliveries.iter_mut().filter(|it| it.channel == email);
        if let (Some(mail), Some(_)) = (mails.next(), row) {
            *mail = DeliveryBody::by_row(Channel::Email, row);
        }
        self
    }

    /// With what became of its text, where it is sent as one.
    #[must_use]
    pub fn with_text(mut self, notification: &Notification, text: Option<&Sending>) -> Self {
        if notification.texted {
            self.deliveries
                .push(DeliveryBody::by_row(Channel::Sms, text));
        }
        self
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
    /// Why something that was told is not on this page; absent where all of it is. `unavailable`: it is
    /// older than thirty days, and what is older cannot be read just now; the same request again, later,
    /// has it. `gone`: it is older than thirty days, and was not kept, or is not there yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// Why a page lacks something that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It was not kept, or is not there yet.
    Gone,
    /// What is older cannot be read just now.
    Unavailable,
}

impl Missing {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Unavailable => "unavailable",
        }
    }
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
    /// Whether it is sent as a text. Above it stands whether the account takes texts at all, and has
    /// a number. Where nothing is said of it, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<bool>,
}

impl NotificationPreferences {
    /// What is wanted of each kind, said or usual.
    pub fn of(list: &NotificationList) -> Self {
        let wanted = |kind: &NotificationKind| WantedByKind {
            kind: kind.name().to_owned(),
            email: list.email.want_mailed(*kind),
            sms: Some(list.sms.want_texted(*kind)),
        };
        let sent = NotificationKind::ALL.iter().filter(|kind| kind.goes_out());
        let kinds = sent.map(wanted).collect();
        Self { kinds }
    }

    /// Checks the content: the choices for mail, and those for texts.
    ///
    /// # Errors
    /// [`InvalidBody`] with the place of a kind that is not known, is said twice, or cannot be
    /// switched off.
    pub fn parse(&self) -> Result<(Choices, Choices), InvalidBody> {
        let (mut email, mut sms) = (Choices::default(), Choices::default());
        let mut said = BTreeSet::new();
        for (at, wanted) in self.kinds.iter().enumerate() {
            let wrong = |field, what: &str| InvalidBody::at(format!("/kinds/{at}/{field}"), what);
            let kind = NotificationKind::from_name(&wanted.kind).filter(|kind| kind.goes_out());
            let kind = kind.ok_or_else(|| wrong("type", "a kind of notification"))?;
            if !said.insert(kind) {
                return Err(wrong("type", "each kind once"));
            }
            if !wanted.email && !kind.may_be_switched_off() {
                return Err(wrong("email", "this kind cannot be switched off"));
            }
            email = email.with(kind, wanted.email);
            if let Some(wanted) = wanted.sms {
                sms = sms.with(kind, wanted);
            }
        }
        Ok((email, sms))
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
