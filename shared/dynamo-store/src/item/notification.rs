//! The items of a list of notifications: one per notification, `NOTIFICATION#<tenant>#<customer>#<number>`,
//! which DynamoDB removes some time after its end, and one of the list as a whole,
//! `NOTIFICATIONS#<tenant>#<customer>`, which stays: a number is never given twice.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::Reader;
use domain::{ByMail, Choices, Notice, Notification, NotificationKind, NotificationList};
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

/// Entity of a notification.
pub(crate) const NOTIFICATION: &str = "notification";
/// Entity of a list.
pub(crate) const LIST: &str = "notifications";

#[derive(Debug, Serialize, Deserialize)]
struct NotificationItem {
    pk: String,
    entity: String,
    id: String,
    kind: String,
    title: String,
    message: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    data: BTreeMap<String, String>,
    at: Nanos,
    /// Why it is not mailed; absent where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unmailed: Option<Unmailed>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    read: bool,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unmailed {
    SwitchedOff,
    NoAddress,
}

pub(crate) fn encode(
    (tenant, customer): Reader<'_>,
    notification: &Notification,
) -> Result<Image, ItemError> {
    let notice = &notification.notice;
    write(NotificationItem {
        pk: Key::Notification(tenant.clone(), customer.clone(), notification.number).pk(),
        entity: NOTIFICATION.to_owned(),
        id: notice.id.clone(),
        kind: notice.kind.name().to_owned(),
        title: notice.title.clone(),
        message: notice.message.clone(),
        data: notice.data.clone(),
        at: Nanos(notice.at),
        unmailed: match notification.by_mail {
            ByMail::Sent => None,
            ByMail::SwitchedOff => Some(Unmailed::SwitchedOff),
            ByMail::NoAddress => Some(Unmailed::NoAddress),
        },
        read: notification.read,
        expires: notification.expires_at().as_second(),
    })
}

pub(crate) fn decode(image: Image) -> Result<Notification, ItemError> {
    let item: NotificationItem = read(image)?;
    expect_entity(&item.entity, NOTIFICATION)?;
    let Key::Notification(_, _, number) = Key::parse(&item.pk).map_err(ItemError::of("pk"))? else {
        return Err(ItemError::of("pk")("the key names no notification"));
    };
    Ok(Notification {
        number,
        notice: Notice {
            id: item.id,
            kind: kind(&item.kind)?,
            title: item.title,
            message: item.message,
            data: item.data,
            at: item.at.0,
        },
        by_mail: match item.unmailed {
            None => ByMail::Sent,
            Some(Unmailed::SwitchedOff) => ByMail::SwitchedOff,
            Some(Unmailed::NoAddress) => ByMail::NoAddress,
        },
        read: item.read,
    })
}

fn kind(name: &str) -> Result<NotificationKind, ItemError> {
    let kind = NotificationKind::from_name(name);
    kind.ok_or_else(|| ItemError::of("kind")("no kind of ours"))
}

/// The attributes of a list are set one by one.
#[derive(Debug, Default, Deserialize)]
struct ListItem {
    #[serde(default)]
    last: u64,
    #[serde(default)]
    read_up_to: u64,
    #[serde(default)]
    mail_on: BTreeSet<String>,
    #[serde(default)]
    mail_off: BTreeSet<String>,
    takes_mail: Option<bool>,
    #[serde(default)]
    closed: bool,
}

pub(crate) fn decode_list(image: Image) -> Result<NotificationList, ItemError> {
    let item: ListItem = read(image)?;
    Ok(NotificationList {
        last: item.last,
        read_up_to: item.read_up_to,
        email: Choices {
            on: kinds(&item.mail_on)?,
            off: kinds(&item.mail_off)?,
        },
        takes_mail: item.takes_mail.unwrap_or(true),
        closed: item.closed,
    })
}

fn kinds(names: &BTreeSet<String>) -> Result<BTreeSet<NotificationKind>, ItemError> {
    names.iter().map(|name| kind(name)).collect()
}

#[derive(Debug, Deserialize)]
struct MarkItem {
    number: u64,
}

/// The number under which an event is in a list, by what refused it a second one.
pub(crate) fn decode_mark(image: Image) -> Result<u64, ItemError> {
    read(image).map(|item: MarkItem| item.number)
}
