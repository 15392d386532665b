//! Whether the telephone number of an account is its owner's: that is shown by a code that is texted
//! there. Nothing is texted to a number of which it was not shown. The code is made under a key, and
//! stands nowhere; what is counted here is how often it is asked for, and guessed at.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use super::{Account, AccountEvent};
use crate::{AggregateKind, CustomerId};

#[cfg(test)]
mod tests;

/// Whether the number in the profile is its owner's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhoneState {
    /// Nobody has shown it, nor asked to.
    #[default]
    Unconfirmed,
    /// A code was asked for.
    Asked(AskedCode),
    /// It is.
    Confirmed,
}

/// A code that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedCode {
    /// The version of the account in which it was asked for. No two have the same.
    pub number: u64,
    /// When it was asked for.
    pub at: Timestamp,
    /// How many tries are left.
    pub tries: u8,
    /// The last try. Two wrong ones of the same moment would otherwise be stored alike, and one that
    /// finds what it wanted to store takes itself for stored.
    pub last_try: Option<Uuid>,
}

/// Codes that were asked for in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedOften {
    /// When the first was.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
    /// How many.
    pub count: u32,
}

/// What is known of the number in the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhoneProof {
    /// Whether it is its owner's.
    pub state: PhoneState,
    /// How often codes were asked for, whatever the number was.
    pub often: Option<AskedOften>,
}

/// Why no code is texted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoCode {
    /// There is nowhere to text it to, or nobody who signs in.
    #[error("the profile has no number")]
    NoNumber,
    /// There is nothing to show any more.
    #[error("the number is confirmed")]
    Confirmed,
    /// One was asked for just now, or many in a day: each is paid for.
    #[error("codes were asked for too often")]
    TooOften {
        /// In how long there is another.
        wait: SignedDuration,
    },
}

/// Why a code shows nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CodeRefused {
    /// No code was asked for, or it was for another number.
    #[error("no code was asked for")]
    NotAsked,
    /// It has done what it is for.
    #[error("the number is confirmed: the code was used")]
    Used,
    /// It was asked for long ago.
    #[error("the code was asked for a day ago; ask for another")]
    TooOld,
    /// It was guessed at too often.
    #[error("too many wrong codes; ask for another")]
    TooManyTries,
    /// It is not the one that was texted, or that was longer ago than it is good.
    #[error("the code is wrong, or too old; tries that are left: {left}")]
    Wrong {
        /// How many tries are left.
        left: u8,
    },
}

impl AskedCode {
    /// Tries at one code.
    pub const TRIES: u8 = 5;
    /// For how long a code is texted, and taken, after it was asked for: a gateway may be dead for
    /// hours.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(24);
    /// A code is another in each stretch of so many seconds; that of the stretch before is taken
    /// too. So it is good for as long at least, and twice as long at most, from when it was texted.
    pub const STRETCH: i64 = 300;

    /// The stretch of a time.
    pub fn stretch(at: Timestamp) -> i64 {
        at.as_second().div_euclid(Self::STRETCH)
    }

    /// The event that asked for it, by which its text is found.
    pub fn message(&self, account: &CustomerId) -> String {
        format!(
            "{}/{account}/{}",
            AggregateKind::Account.name(),
            self.number
        )
    }

    /// When it is neither texted nor taken any more.
    pub fn ends_at(&self) -> Timestamp {
        self.at.checked_add(Self::LASTS).unwrap_or(Timestamp::MAX)
    }

    /// Whether it may still show something.
    ///
    /// # Errors
    /// [`CodeRefused`].
    pub fn check(&self, now: Timestamp) -> Result<(), CodeRefused> {
        if now >= self.ends_at() {
            return Err(CodeRefused::TooOld);
        }
        match self.tries {
            0 => Err(CodeRefused::TooManyTries),
            _ => Ok(()),
        }
    }
}

impl AskedOften {
    /// Most codes of one account in a day, whatever its number is.
    pub const MOST: u32 = 5;
    /// How long after one code there is no other.
    pub const PAUSE: SignedDuration = SignedDuration::from_mins(1);
    /// How long they are counted.
    const DAY: SignedDuration = SignedDuration::from_hours(24);

    /// How long there is no other yet.
    fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        let left = |since: Timestamp, pause: SignedDuration| {
            let age = now.duration_since(since);
            (age < pause).then(|| pause.saturating_sub(age))
        };
        let day = left(self.first, Self::DAY).filter(|_| self.count >= Self::MOST);
        day.max(left(self.last, Self::PAUSE))
    }

    /// One more.
    fn next(before: Option<Self>, now: Timestamp) -> Self {
        match before.filter(|it| now.duration_since(it.first) < Self::DAY) {
            Some(it) => Self {
                last: now,
                count: it.count.saturating_add(1),
                ..it
            },
            None => Self {
                first: now,
                last: now,
                count: 1,
            },
        }
    }
}

impl PhoneProof {
    /// Whether the number is its owner's.
    pub fn is_confirmed(&self) -> bool {
        self.state == PhoneState::Confirmed
    }

    /// The code that was asked for.
    pub const fn asked(&self) -> Option<&AskedCode> {
        match &self.state {
            PhoneState::Asked(asked) => Some(asked),
            PhoneState::Unconfirmed | PhoneState::Confirmed => None,
        }
    }
}

impl Account {
    /// Whether a code is to be texted now; `false` where the last one was asked for just now, and
    /// is on its way.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn wants_phone_code(&self, now: Timestamp) -> Result<bool, NoCode> {
        if self.profile.phone.is_none() || !self.is_active() {
            return Err(NoCode::NoNumber);
        }
        if self.phone.is_confirmed() {
            return Err(NoCode::Confirmed);
        }
        let is_new = |asked: &&AskedCode| now.duration_since(asked.at) < AskedOften::PAUSE;
        let on_its_way = self.phone.asked().filter(is_new);
        if on_its_way.is_some_and(|asked| asked.check(now).is_ok()) {
            return Ok(false);
        }
        match self.phone.often.and_then(|often| often.wait(now)) {
            Some(wait) => Err(NoCode::TooOften { wait }),
            None => Ok(true),
        }
    }

    /// Asks for a code, which ends the one before; answers as [`Account::wants_phone_code`] does.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn ask_phone_code(&mut self, now: Timestamp) -> Result<bool, NoCode> {
        let wanted = self.wants_phone_code(now)?;
        if wanted {
            let asked = AskedCode {
                number: self.version.saturating_add(1),
                at: now,
                tries: AskedCode::TRIES,
                last_try: None,
            };
            self.phone = PhoneProof {
                state: PhoneState::Asked(asked),
                often: Some(AskedOften::next(self.phone.often, now)),
            };
            self.did(AccountEvent::PhoneCodeRequested, now);
        }
        Ok(wanted)
    }

    /// Where a code of this number goes; nowhere where another was asked for since, or none is
    /// wanted any more.
    pub fn texts_phone_code(&self, number: u64, now: Timestamp) -> Option<&str> {
        let asked = self.phone.asked().filter(|it| it.number == number)?;
        let good = self.is_active() && asked.check(now).is_ok();
        self.profile.phone.as_deref().filter(|_| good)
    }

    /// Takes a code; whether it is the right one is for the key to say, of what was asked for and of
    /// the number. A wrong one is counted, by an id of its own.
    ///
    /// # Errors
    /// [`CodeRefused`].
    pub fn confirm_phone(
        &mut self,
        fits: impl FnOnce(&AskedCode, &str) -> bool,
        (id, now): (Uuid, Timestamp),
    ) -> Result<(), CodeRefused> {
        if self.phone.is_confirmed() {
            return Err(CodeRefused::Used);
        }
        let (Some(mut asked), Some(phone)) = (self.phone.asked().copied(), &self.profile.phone)
        else {
            return Err(CodeRefused::NotAsked);
        };
        asked.check(now)?;
        if !self.is_active() {
            return Err(CodeRefused::NotAsked);
        }
        if fits(&asked, phone) {
            self.phone.state = PhoneState::Confirmed;
            self.did(AccountEvent::PhoneConfirmed, now);
            return Ok(());
        }
        asked.tries = asked.tries.saturating_sub(1);
        asked.last_try = Some(id);
        self.phone.state = PhoneState::Asked(asked);
        self.did(AccountEvent::PhoneCodeRefused, now);
        Err(CodeRefused::Wrong { left: asked.tries })
    }
}
