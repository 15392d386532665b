//! A message that goes out over a third party which may be slow or dead: when it is tried, and that
//! it is never lost and seldom sent twice. What it says is made anew for each try, from what it is of:
//! no number, no address, no words and no code are kept here.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{Channel, CustomerId, Notification, TenantId};

#[cfg(test)]
mod tests;

/// A try of which nothing was heard for so long has ended without a known outcome: more than a call,
/// its repeat and its pause take together.
const HELD: SignedDuration = SignedDuration::from_mins(2);
/// Before a message is looked up that may have been sent: the list of a third party lags.
const SETTLES: SignedDuration = SignedDuration::from_mins(1);
/// Pause after the first try that sent nothing; it doubles.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Longest pause. The breaker keeps a third party from being asked too often, so that it need not be
/// longer.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// What is dead for a few minutes comes back by itself; what has waited for so long may not.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);
/// Most tries without a known outcome.
const MOST: u32 = 2;
/// What references are made of: no letter that is taken for another, or for a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a reference.
const REFERENCE: usize = 8;

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendingState {
    /// It is tried from this time on.
    Waiting {
        /// The time.
        next: Timestamp,
    },
    /// Nothing: it was sent.
    Sent,
    /// Nothing: it can never be sent, for this reason.
    Refused(String),
    /// Nothing: it may have been sent, and is not sent again.
    GivenUp,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is sent.
    Send,
    /// An earlier try has no known outcome: it is looked up before anything else is done.
    LookUp,
    /// Nothing, or nothing now.
    Nothing,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A notification, by its place in the reader's list.
    Notification(u64),
    /// The code of this number that shows that a telephone number is the reader's. See
    /// [`AskedCode`](crate::AskedCode).
    PhoneCode(u64),
}

/// A message to one person on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The id of the event that it is of.
    pub message: String,
    /// How it goes out.
    pub channel: Channel,
    /// Whose shop.
    pub tenant: TenantId,
    /// Whom it is for.
    pub reader: CustomerId,
    /// What it says.
    pub says: Says,
    /// Since when it is to be sent.
    pub since: Timestamp,
    /// What is to be done with it.
    pub state: SendingState,
    /// Tries without a known outcome; one that is under way is among them.
    pub open: u32,
    /// Tries that sent nothing.
    pub failed: u32,
    /// Whether the third party itself, or the other way, said that it does not send it as things are:
    /// what was answered so goes no other way.
    pub declined: bool,
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
}

impl Sending {
    /// A notification as a message: it is due at once.
    pub fn of(
        channel: Channel,
        reader: (&TenantId, &CustomerId),
        notification: &Notification,
    ) -> Self {
        let message = notification.notice.id.clone();
        let says = Says::Notification(notification.number);
        Self::new((message, channel), reader, says, notification.notice.at)
    }

    /// A code as a text, of the event that asked for it: it is due at once.
    pub fn of_phone_code(
        message: String,
        reader: (&TenantId, &CustomerId),
        number: u64,
        since: Timestamp,
    ) -> Self {
        let says = Says::PhoneCode(number);
        Self::new((message, Channel::Sms), reader, says, since)
    }

    fn new(
        (message, channel): (String, Channel),
        (tenant, reader): (&TenantId, &CustomerId),
        says: Says,
        since: Timestamp,
    ) -> Self {
        Self {
            message,
            channel,
            tenant: tenant.clone(),
            reader: reader.clone(),
            says,
            since,
            state: SendingState::Waiting { next: since },
            open: 0,
            failed: 0,
            declined: false,
            version: 0,
        }
    }

    /// The same where its first try is made before anything is stored: it is under way.
    pub fn begun(
        channel: Channel,
        reader: (&TenantId, &CustomerId),
        notification: &Notification,
        now: Timestamp,
    ) -> Self {
        let mut sending = Self::of(channel, reader, notification);
        sending.open = 1;
        sending.wait(now, HELD);
        sending
    }

    /// Eight letters and digits that stand in the message, so that it is found again at a third party
    /// that knows no key of ours. Of a message they are always the same.
    pub fn reference(&self) -> String {
        let hash = Sha256::digest(self.message.as_bytes());
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied();
        let letters = hash.iter().take(REFERENCE).filter_map(letter);
        letters.map(char::from).collect()
    }

    /// When it is tried again; nothing where it is not.
    pub const fn next_try(&self) -> Option<Timestamp> {
        match self.state {
            SendingState::Waiting { next } => Some(next),
            _ => None,
        }
    }

    /// What comes next, as of now.
    pub fn step(&self, now: Timestamp) -> Step {
        match self.next_try() {
            Some(next) if next <= now && self.open == 0 => Step::Send,
            Some(next) if next <= now => Step::LookUp,
            _ => Step::Nothing,
        }
    }

    /// A try begins; it counts as one without a known outcome until that is known. `false` where
    /// there have been too many: nothing is sent any more.
    #[must_use]
    pub fn begin(&mut self, now: Timestamp) -> bool {
        if self.open >= MOST {
            self.give_up();
            return false;
        }
        self.open += 1;
        self.wait(now, HELD);
        true
    }

    /// Whether the try that is under way may be the second time that it is sent.
    pub const fn may_be_twice(&self) -> bool {
        self.open > 1
    }

    /// It was sent.
    pub fn sent(&mut self) {
        self.state = SendingState::Sent;
    }

    /// It can never be sent.
    pub fn refused(&mut self, why: &str) {
        self.state = SendingState::Refused(why.to_owned());
    }

    /// It may have been sent, and is not sent again.
    pub fn give_up(&mut self) {
        self.state = SendingState::GivenUp;
    }

    /// The try that is under way sent nothing: the next one comes later each time, and there is
    /// always one.
    pub fn not_sent(&mut self, now: Timestamp) {
        self.open = self.open.saturating_sub(1);
        self.later(now);
    }

    /// It is not sent now, was the answer, for a reason that may be put right. The third party is the
    /// one that is asked again.
    pub fn declined(&mut self, now: Timestamp) {
        self.declined = true;
        self.not_sent(now);
    }

    /// Nobody was asked: it goes on where it was, at this time.
    pub fn not_tried(&mut self, until: Timestamp) {
        self.open = self.open.saturating_sub(1);
        self.state = SendingState::Waiting { next: until };
    }

    /// Nobody knows what became of the try: it is looked up when the third party has had the time to
    /// list it.
    pub fn unknown(&mut self, now: Timestamp) {
        self.wait(now, SETTLES);
    }

    /// As many tries as there may be have no known outcome: what comes next gives it up, unless it is found.
    pub fn unknown_for_good(&mut self, now: Timestamp) {
        self.open = MOST;
        self.unknown(now);
    }

    /// Whether it has waited for so long that somebody has to see why.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.next_try().is_some() && now.duration_since(self.since) >= OVERDUE
    }

    /// It could not be looked up.
    pub fn later(&mut self, now: Timestamp) {
        let doubled = 1_i32
            .checked_shl(self.failed.min(20))
            .and_then(|times| FIRST_PAUSE.checked_mul(times));
        let pause = doubled.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE));
        self.failed = self.failed.saturating_add(1);
        self.wait(now, self.spread(pause));
    }

    /// Between a half and the whole of a pause, another part for each message and try: those that
    /// failed together do not come again together.
    fn spread(&self, pause: SignedDuration) -> SignedDuration {
        let name = format!("{}#{}", self.message, self.failed);
        let part = Sha256::digest(name.as_bytes()).first().copied();
        let half = pause / 2;
        half.saturating_add(half * i32::from(part.unwrap_or_default()) / 255)
    }

    fn wait(&mut self, now: Timestamp, pause: SignedDuration) {
        let next = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        self.state = SendingState::Waiting { next };
    }
}
