//! Links that are mailed to the owner of an account, each good for one use and for a while. A link
//! is a number: what proves it is made from the number under a key, and stands nowhere.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// What a mailed link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// Shows that the address is its owner's.
    VerifyEmail,
    /// Sets another password.
    ResetPassword,
}

impl LinkPurpose {
    /// All purposes.
    pub const ALL: [Self; 2] = [Self::VerifyEmail, Self::ResetPassword];
    /// How long after one link there is no other: nobody's mailbox is filled by us.
    pub const PAUSE: SignedDuration = SignedDuration::from_mins(5);

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
        }
    }

    /// How long a link is good: three days, and an hour.
    pub const fn lasts(self) -> SignedDuration {
        match self {
            Self::VerifyEmail => SignedDuration::from_hours(72),
            Self::ResetPassword => SignedDuration::from_hours(1),
        }
    }
}

/// A link was mailed just now, so there is no other yet.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a link was mailed less than five minutes ago")]
pub struct LinkTooSoon {
    /// In how long there is another.
    pub wait: SignedDuration,
}

/// The links of one account for one purpose: the last one, and whether it can still be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its number, from 1; 0 before the first.
    pub number: u32,
    /// When it was made; nothing once it was used.
    pub made_at: Option<Timestamp>,
}

impl Link {
    /// The first.
    pub const fn first(now: Timestamp) -> Self {
        Self {
            number: 1,
            made_at: Some(now),
        }
    }

    /// Makes another one, which ends the one before; answers whether there is one.
    pub(super) fn renew(&mut self, now: Timestamp) -> bool {
        let renewed = self.wait(now).is_none();
        if renewed {
            self.replace(now);
        }
        renewed
    }

    /// The same for another address. The first link, which came with the account, holds nobody up
    /// whose address had a slip of the pen.
    ///
    /// # Errors
    /// [`LinkTooSoon`].
    pub(super) fn readdress(&mut self, now: Timestamp) -> Result<(), LinkTooSoon> {
        if let Some(wait) = self.wait(now).filter(|_| self.number > 1) {
            return Err(LinkTooSoon { wait });
        }
        self.replace(now);
        Ok(())
    }

    /// How long there is no other yet.
    fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        let age = now.duration_since(self.made_at?);
        (age < LinkPurpose::PAUSE).then(|| LinkPurpose::PAUSE.saturating_sub(age))
    }

    fn replace(&mut self, now: Timestamp) {
        self.number = self.number.saturating_add(1);
        self.made_at = Some(now);
    }

    /// When it ends, if it was not used.
    pub fn ends_at(&self, purpose: LinkPurpose) -> Option<Timestamp> {
        let end = |made_at: Timestamp| made_at.checked_add(purpose.lasts());
        self.made_at.map(|at| end(at).unwrap_or(Timestamp::MAX))
    }

    /// Whether this number is good now.
    pub fn admits(&self, purpose: LinkPurpose, number: u32, now: Timestamp) -> bool {
        let ends_at = self.ends_at(purpose);
        number == self.number && ends_at.is_some_and(|end| now < end)
    }

    /// Nobody uses it any more.
    pub(super) fn spend(&mut self) {
        self.made_at = None;
    }
}
