//! What of a table's stream is said over sockets: what was added to a list, how much there is of a
//! SKU, how figures stand, and who is signed out.

use domain::{
    Account, AccountState, CustomerId, GroupId, Notification, SessionEnd, SessionId, Stock,
    TenantId,
};

use crate::item::stock::Shelf;
use crate::item::{Image, ItemError, account, figures, group, notification, session, stock};
use crate::key::Key;
use crate::outbox::UndecodableImage;
use crate::schema::{ENTITY, PK};
use serde_dynamo::AttributeValue;

#[cfg(test)]
mod tests;

/// Something that sockets are to know at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// Somebody was told something.
    Told {
        /// Whose list.
        reader: (TenantId, CustomerId),
        /// What.
        notification: Box<Notification>,
    },
    /// There is another number of pieces.
    Stock {
        /// How many.
        stock: Stock,
        /// Whether it is low now and was not, or the other way round.
        alerts: bool,
    },
    /// Figures of a shop are others, or its newest courses.
    Counted(TenantId),
    /// Somebody is not signed in any more, or as somebody else.
    SignedOut {
        /// Who.
        reader: (TenantId, CustomerId),
        /// In this session; in all where there is none.
        session: Option<SessionId>,
        /// The stable name of why.
        reason: &'static str,
    },
    /// Somebody does not belong to groups any more.
    Left {
        /// Who.
        person: (TenantId, CustomerId),
        /// Which groups.
        groups: Vec<GroupId>,
    },
}

/// What a change of an item means to sockets; nothing for most.
///
/// # Errors
/// [`UndecodableImage`].
pub fn happened(old: Option<Image>, new: Image) -> Result<Option<Happened>, UndecodableImage> {
    let (key, entity) = (text(&new, PK), text(&new, ENTITY));
    let old = old.filter(|image| !image.is_empty());
    let found = match (entity.as_str(), old) {
        (notification::NOTIFICATION, None) => told(&key, new).map(Some),
        (stock::ENTITY, old) => stock_changed(old, new).map(Some),
        (figures::FIGURES | figures::NEWEST, _) => counted(&key).map(Some),
        (session::ENTITY, Some(old)) => session_ended(old, new),
        (account::ENTITY, Some(old)) => account_changed(old, new),
        (group::MEMBERSHIPS, Some(old)) => left_groups(old, new),
        _ => Ok(None),
    };
    found.map_err(|source| UndecodableImage { key, source })
}

fn text(image: &Image, name: &str) -> String {
    match image.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        _ => String::new(),
    }
}

fn told(key: &str, new: Image) -> Result<Happened, ItemError> {
    let Key::Notification(tenant, customer, _) = Key::parse(key).map_err(ItemError::of("pk"))?
    else {
        return Err(ItemError::of("pk")("the key names no notification"));
    };
    Ok(Happened::Told {
        reader: (tenant, customer),
        notification: Box::new(notification::decode(new)?),
    })
}

fn stock_changed(old: Option<Image>, new: Image) -> Result<Happened, ItemError> {
    let before = old.map(Shelf::decode).transpose()?;
    let was_low = before.is_some_and(|shelf| shelf.stock.is_low());
    let stock = Shelf::decode(new)?.stock;
    let alerts = stock.is_low() != was_low;
    Ok(Happened::Stock { stock, alerts })
}

fn counted(key: &str) -> Result<Happened, ItemError> {
    match Key::parse(key).map_err(ItemError::of("pk"))? {
        Key::Figures(shop, ..) | Key::Newest(shop) => Ok(Happened::Counted(shop)),
        _ => Err(ItemError::of("pk")("the key names no figures")),
    }
}

fn session_ended(old: Image, new: Image) -> Result<Option<Happened>, ItemError> {
    let (before, session) = (session::decode(old)?, session::decode(new)?);
    let ended = session.ended.filter(|_| before.ended.is_none());
    Ok(ended.map(|end| Happened::SignedOut {
        reader: (session.tenant, session.account),
        session: Some(session.id),
        reason: match end {
            SessionEnd::SignedOut => "signed-out",
            SessionEnd::Reused => "session-ended",
        },
    }))
}

fn left_groups(old: Image, new: Image) -> Result<Option<Happened>, ItemError> {
    let (person, groups) = group::left(old, new)?;
    Ok((!groups.is_empty()).then_some(Happened::Left { person, groups }))
}

fn account_changed(old: Image, new: Image) -> Result<Option<Happened>, ItemError> {
    let (before, account) = (account::decode(old)?, account::decode(new)?);
    let reason = why_signed_out(&before, &account);
    Ok(reason.map(|reason| Happened::SignedOut {
        // Of whom nothing is kept, the shop is not kept either.
        reader: (before.tenant, account.id),
        session: None,
        reason,
    }))
}

fn why_signed_out(before: &Account, after: &Account) -> Option<&'static str> {
    if before.state == AccountState::Active && !after.is_active() {
        return Some("account-closed");
    }
    if after.epoch != before.epoch {
        return Some("session-ended");
    }
    (after.roles != before.roles).then_some("roles-changed")
}
