//! What waits in a queue until it is said over sockets.

use domain::ports::Letter;
use domain::{GroupId, TenantId, Topic};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::InvalidBody;

/// What is to be said into one slice of a group's sockets: a message of the queue of slices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceBody {
    /// Whose shop.
    pub tenant: String,
    /// The group's id.
    pub group: String,
    /// Which of the topic's slices, from 0.
    pub slice: u8,
    /// The frame, as sockets get it.
    pub frame: String,
}

impl SliceBody {
    /// One for each slice of a group.
    pub fn all_of((tenant, group): (&TenantId, GroupId), frame: &str) -> Vec<Self> {
        let slices = Topic::Group(tenant.clone(), group).slices();
        let one = |slice| Self {
            tenant: tenant.to_string(),
            group: group.to_string(),
            slice,
            frame: frame.to_owned(),
        };
        (0..slices).map(one).collect()
    }

    /// As it goes into the queue.
    pub fn letter(&self) -> Letter {
        Letter {
            body: text(self),
            ..Letter::default()
        }
    }

    /// Whose sockets these are.
    ///
    /// # Errors
    /// [`InvalidBody`] for what [`SliceBody::all_of`] does not make.
    pub fn topic(&self) -> Result<Topic, InvalidBody> {
        let tenant = TenantId::parse(&self.tenant).ok();
        let whose = tenant.zip(GroupId::parse(&self.group));
        let (tenant, group) =
            whose.ok_or_else(|| InvalidBody::at("/group", "no group of a shop"))?;
        Ok(Topic::Group(tenant, group))
    }
}

/// That figures of a shop changed: a message of the queue of dashboards, which hands it on late. Changes
/// that come close to each other are one message; it is read after the last of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiguresChanged {
    /// Which shop.
    pub shop: String,
}

impl FiguresChanged {
    /// Seconds whose changes are one message.
    pub const PACE: i64 = 4;
    /// Seconds that the queue holds each message back: until those are over, and one more, by which
    /// clocks may be apart.
    pub const DELAY: i64 = 5;

    /// As it goes into the queue, which takes one of all that are sent within the same seconds. Each is
    /// in a group of its own, so that none waits behind one that failed.
    pub fn letter(shop: &TenantId, now: Timestamp) -> Letter {
        let seconds = now.as_second().div_euclid(Self::PACE);
        let once = format!("{shop}#{seconds}");
        let changed = Self {
            shop: shop.to_string(),
        };
        Letter {
            body: text(&changed),
            group: Some(once.clone()),
            dedupe: Some(once),
            ..Letter::default()
        }
    }

    /// Who is told.
    ///
    /// # Errors
    /// [`InvalidBody`] for what [`FiguresChanged::letter`] does not make.
    pub fn shop(&self) -> Result<TenantId, InvalidBody> {
        let shop = TenantId::parse(&self.shop);
        shop.map_err(|_| InvalidBody::at("/shop", "no shop"))
    }
}

/// Texts and numbers are JSON by construction.
fn text(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}
