//! A session: a family of refresh tokens of which one is live at a time. Each use makes the next
//! one live. The one before may be used for a moment longer and yields the same next one, so that
//! two tabs can refresh at once; any older one was stolen, or was used by a thief before, and ends
//! the session.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::{Account, CustomerId, TenantId};

#[cfg(test)]
mod tests;

/// A session. Its id alone grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub Uuid);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Number of a refresh token within its session, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl Generation {
    /// The first.
    pub const FIRST: Self = Self(1);
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// For how long the token before the live one yields the live one.
    pub grace: SignedDuration,
    /// Without use.
    pub idle: SignedDuration,
    /// In all.
    pub total: SignedDuration,
}

impl Default for SessionLimits {
    /// 30 seconds of grace, 14 days without use, 90 days in all.
    fn default() -> Self {
        Self {
            grace: SignedDuration::from_secs(30),
            idle: SignedDuration::from_hours(14 * 24),
            total: SignedDuration::from_hours(90 * 24),
        }
    }
}

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// Its owner signed out.
    SignedOut,
    /// A token was used that had been replaced: one of its two users is a thief.
    Reused,
}

impl SessionEnd {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Reused => "reused",
        }
    }

    /// The end with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SignedOut, Self::Reused]
            .into_iter()
            .find(|end| end.name() == name)
    }
}

/// Why a token was refused. To its bearer all of them are the same.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SessionRejection {
    /// The session ended before.
    #[error("the session has ended")]
    Ended,
    /// Its time is over.
    #[error("the session has expired")]
    Expired,
    /// It was replaced longer ago than the grace; the session ends by this.
    #[error("the token was used before")]
    Reused,
    /// It was never given out.
    #[error("there is no such token")]
    Unknown,
}

/// A family of refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub account: CustomerId,
    /// Whose shop.
    pub tenant: TenantId,
    /// The account's number when they signed in: with another the session has ended.
    pub epoch: u32,
    /// The live token.
    pub live: Generation,
    /// When they signed in.
    pub began_at: Timestamp,
    /// When the live token replaced the one before.
    pub rotated_at: Timestamp,
    /// When nothing can come of it any more, whatever happens.
    pub ends_at: Timestamp,
    /// Why it ended before its time.
    pub ended: Option<SessionEnd>,
    /// When that was.
    pub ended_at: Option<Timestamp>,
    /// How often it was stored; 0 for never.
    pub version: u64,
}

impl Session {
    /// Somebody signs in.
    pub fn begin(id: SessionId, account: &Account, limits: &SessionLimits, now: Timestamp) -> Self {
        Self {
            id,
            account: account.id.clone(),
            tenant: account.tenant.clone(),
            epoch: account.epoch,
            live: Generation::FIRST,
            began_at: now,
            rotated_at: now,
            ends_at: now.checked_add(limits.total).unwrap_or(Timestamp::MAX),
            ended: None,
            ended_at: None,
            version: 0,
        }
    }

    /// Somebody uses a token: which is live then. Whether that is to be stored, a change of the
    /// session tells; a rejection may be one too.
    ///
    /// # Errors
    /// [`SessionRejection`].
    pub fn present(
        &mut self,
        token: Generation,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Generation, SessionRejection> {
        if self.ended.is_some() {
            return Err(SessionRejection::Ended);
        }
        if token > self.live || token < Generation::FIRST {
            return Err(SessionRejection::Unknown);
        }
        if self.is_over(limits, now) {
            return Err(SessionRejection::Expired);
        }
        if token == self.live {
            self.live = Generation(self.live.0.saturating_add(1));
            self.rotated_at = now;
            return Ok(self.live);
        }
        let is_last = token.0.saturating_add(1) == self.live.0;
        if is_last && now.duration_since(self.rotated_at) <= limits.grace {
            return Ok(self.live);
        }
        self.end(SessionEnd::Reused, now);
        Err(SessionRejection::Reused)
    }

    /// Its owner signs out. One that has ended stays as it ended.
    pub fn sign_out(&mut self, now: Timestamp) {
        self.end(SessionEnd::SignedOut, now);
    }

    fn end(&mut self, how: SessionEnd, now: Timestamp) {
        if self.ended.is_none() {
            (self.ended, self.ended_at) = (Some(how), Some(now));
        }
    }

    fn is_over(&self, limits: &SessionLimits, now: Timestamp) -> bool {
        now.duration_since(self.rotated_at) >= limits.idle || now >= self.ends_at
    }
}
