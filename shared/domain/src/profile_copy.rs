//! What another service has of somebody's profile, and when it is told again.

use jiff::{SignedDuration, Timestamp};

use crate::{CustomerId, DestinationName, Sequence};

#[cfg(test)]
mod tests;

/// How long whoever wanted it has to send it by themselves.
const IN_HAND: SignedDuration = SignedDuration::from_mins(1);
/// Pause after the first try that was not answered; it doubles.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Longest pause before a service is told again that could not be reached. The breaker keeps it from
/// being asked too often, so that it need not be longer.
const UNREACHED: SignedDuration = SignedDuration::from_mins(10);
/// Longest pause before a service is told again that does not take this profile.
const REFUSED: SignedDuration = SignedDuration::from_hours(24);

/// The copy that one service has of one profile. Of a profile the newest version counts: what lies
/// between is never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileCopy {
    /// Who has it.
    pub destination: DestinationName,
    /// Whose profile.
    pub owner: CustomerId,
    /// The version that it must have at least.
    pub wanted: Sequence,
    /// The version that it is known to have.
    pub done: Sequence,
    /// When to tell it again; there is none as long as it has what is wanted.
    pub next_try: Option<Timestamp>,
    /// Tries since it was last told.
    pub failed: u32,
    /// Why it did not take it, where it said so.
    pub refusal: Option<String>,
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
}

/// Why a service was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTold {
    /// It did not answer, or is in trouble.
    Unreached,
    /// It does not take this profile, and says why.
    Refused(String),
}

impl ProfileCopy {
    /// The service has nothing of it.
    pub fn none(destination: DestinationName, owner: CustomerId) -> Self {
        Self {
            destination,
            owner,
            wanted: Sequence::NONE,
            done: Sequence::NONE,
            next_try: None,
            failed: 0,
            refusal: None,
            version: 0,
        }
    }

    /// It must have this version at least; whether that is news. Whoever wants it sends it at once:
    /// it is due where they did not come to it.
    pub fn want(&mut self, version: Sequence, now: Timestamp) -> bool {
        if version <= self.wanted {
            return false;
        }
        self.wanted = version;
        if version > self.done {
            self.next_try = Some(later(now, IN_HAND));
        }
        true
    }

    /// The service has lost what it had.
    pub fn lost(&mut self) {
        *self = Self {
            version: self.version,
            ..Self::none(self.destination.clone(), self.owner.clone())
        };
    }

    /// Whether it has what is wanted.
    pub fn is_in_sync(&self) -> bool {
        self.done >= self.wanted
    }

    /// The service has this version. Where something newer is wanted meanwhile it is told at once.
    pub fn told(&mut self, version: Sequence, now: Timestamp) {
        self.done = self.done.max(version);
        self.failed = 0;
        self.refusal = None;
        self.next_try = (!self.is_in_sync()).then_some(now);
    }

    /// A try failed; the next one comes later each time, and there is always one.
    pub fn not_told(&mut self, why: NotTold, now: Timestamp) {
        if self.is_in_sync() {
            return;
        }
        let (longest, refusal) = match why {
            NotTold::Unreached => (UNREACHED, None),
            NotTold::Refused(reason) => (REFUSED, Some(reason)),
        };
        let pause = 1_i32
            .checked_shl(self.failed.min(20))
            .and_then(|times| FIRST_PAUSE.checked_mul(times));
        let pause = pause.map_or(longest, |pause| pause.min(longest));
        self.failed = self.failed.saturating_add(1);
        self.refusal = refusal;
        self.next_try = Some(later(now, pause));
    }
}

/// How a service stands, as of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationState {
    /// Which service.
    pub name: DestinationName,
    /// Profiles that it is behind with; those above [`DestinationState::MOST`] are not counted.
    pub behind: u32,
    /// Since when it is not called but for single probes.
    pub failing_since: Option<Timestamp>,
    /// Profiles that it is told in a minute at most.
    pub per_minute: u16,
    /// When it was looked at.
    pub as_of: Timestamp,
}

impl DestinationState {
    /// So many are counted.
    pub const MOST: u32 = 1_000;

    /// In how many minutes it has everything, at its pace; nothing is known of one that fails, or
    /// that more is due for than was counted.
    pub fn minutes_left(&self) -> Option<u32> {
        let is_known = self.failing_since.is_none() && self.behind < Self::MOST;
        is_known.then(|| self.behind.div_ceil(u32::from(self.per_minute.max(1))))
    }
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
