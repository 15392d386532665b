//! What somebody was told: a list of their own, numbered 1, 2, 3 … without gaps, in which each event
//! is once. What they want by which channel, and what they have read, belongs to the list.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What a notification is about. Append only.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NotificationKind {
            $($(#[$doc])* $name,)*
        }

        impl NotificationKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// An order came in.
    OrderPlaced = "order-placed",
    /// It is paid.
    OrderConfirmed = "order-confirmed",
    /// It could not be fulfilled.
    OrderFailed = "order-failed",
    /// Its parcel left.
    OrderShipped = "order-shipped",
    /// Its parcel arrived.
    OrderDelivered = "order-delivered",
    /// It was cancelled in time.
    OrderCancelled = "order-cancelled",
    /// Money went back.
    OrderRefunded = "order-refunded",
    /// Who can sign in changed: the password, or the address.
    AccountSecurity = "account-security",
    /// There is a new course, for those who want to hear of new ones.
    CourseCreated = "course-created",
    /// Those who run the shop say something.
    Message = "message",
}

impl NotificationKind {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.name() == name)
    }

    /// Whether it can be sent beside the list. What those who run the shop say stands in lists only, and
    /// comes over sockets.
    pub const fn goes_out(self) -> bool {
        !matches!(self, Self::Message)
    }

    /// Whether its reader may do without it. Who took an account over must not switch off the mails
    /// that say so.
    pub const fn may_be_switched_off(self) -> bool {
        !matches!(self, Self::AccountSecurity)
    }

    /// Whether it is mailed to those who said nothing. That an order came in is not: how it ended
    /// follows within seconds.
    pub const fn is_mailed(self) -> bool {
        !matches!(self, Self::OrderPlaced)
    }
}

/// A way to reach somebody beside the list itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// E-mail.
    Email,
    /// A text message.
    Sms,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// What somebody chose for one channel, by kind; of all other kinds they said nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// These, please.
    pub on: BTreeSet<NotificationKind>,
    /// Not these.
    pub off: BTreeSet<NotificationKind>,
}

impl Choices {
    /// The choices with this one in the place of any before it.
    #[must_use]
    pub fn with(mut self, kind: NotificationKind, wanted: bool) -> Self {
        let (into, out_of) = match wanted {
            true => (&mut self.on, &mut self.off),
            false => (&mut self.off, &mut self.on),
        };
        out_of.remove(&kind);
        into.insert(kind);
        self
    }

    /// The choices with later ones in the place of those before; what they do not name stays.
    #[must_use]
    pub fn and(self, later: &Self) -> Self {
        let on = later.on.iter().map(|kind| (*kind, true));
        let off = later.off.iter().map(|kind| (*kind, false));
        on.chain(off)
            .fold(self, |all, (kind, wanted)| all.with(kind, wanted))
    }

    /// Whether this kind is wanted by mail.
    pub fn want_mailed(&self, kind: NotificationKind) -> bool {
        let chosen = match (self.off.contains(&kind), self.on.contains(&kind)) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => kind.is_mailed(),
        };
        kind.goes_out() && (chosen || !kind.may_be_switched_off())
    }

    /// Whether this kind is wanted as a text: only where somebody said so, because each one costs.
    pub fn want_texted(&self, kind: NotificationKind) -> bool {
        kind.goes_out() && self.on.contains(&kind)
    }
}

/// What is done with a notification by mail, decided once, when it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByMail {
    /// It is sent.
    Sent,
    /// It is not: its reader does not want it.
    SwitchedOff,
    /// It is not: there is no address.
    NoAddress,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The id of the event: the same event is told once.
    pub id: String,
    /// What it is about.
    pub kind: NotificationKind,
    /// One line.
    pub title: String,
    /// Plain words.
    pub message: String,
    /// What a program may want of it, such as `order_id`.
    pub data: BTreeMap<String, String>,
    /// When it happened.
    pub at: Timestamp,
}

/// A notice in somebody's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its place in the list, from 1.
    pub number: u64,
    /// What it says.
    pub notice: Notice,
    /// What is done with it by mail.
    pub by_mail: ByMail,
    /// Whether it is sent as a text, decided once, when it is kept.
    pub texted: bool,
    /// Whether it was marked as read by itself; see [`NotificationList::has_read`].
    pub read: bool,
}

impl Notification {
    /// How long it stays in the list: what is older nobody resumes from.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

    /// How long it is known whom a course, or something that staff said, was told. The event of a course
    /// comes once by the stream, within a day, and may then lie in a queue and among dead letters,
    /// fourteen days each; a key of idempotency is kept for a week.
    const TOLD: SignedDuration = SignedDuration::from_hours(90 * 24);

    /// Whether it is mailed.
    pub fn is_mailed(&self) -> bool {
        self.by_mail == ByMail::Sent
    }

    /// When it leaves the list.
    pub fn expires_at(&self) -> Timestamp {
        let end = self.notice.at.checked_add(Self::KEPT);
        end.unwrap_or(Timestamp::MAX)
    }

    /// Until when it is known that the event was told; nothing where that is for good: events of
    /// orders are replayed, however old they are. Those of courses, and messages, are not.
    pub fn known_until(&self) -> Option<Timestamp> {
        match self.notice.kind {
            NotificationKind::CourseCreated | NotificationKind::Message => {
                self.notice.at.checked_add(Self::TOLD).ok()
            }
            _ => None,
        }
    }
}

/// Numbers of a list, both ends among them: a page of it, whether or not they are all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberWindow {
    /// The first.
    pub first: u64,
    /// The last; in front of the first where there is none.
    pub last: u64,
}

impl NumberWindow {
    /// One number.
    pub const fn one(number: u64) -> Self {
        Self {
            first: number,
            last: number,
        }
    }

    /// As many as a page has in front of a number.
    pub fn before(end: u64, limit: u8) -> Self {
        Self {
            first: end.saturating_sub(limit.into()).max(1),
            last: end.saturating_sub(1),
        }
    }

    /// As many as a page has behind a number, as far as the list goes.
    pub fn after(number: u64, limit: u8, end: u64) -> Self {
        let last = number.saturating_add(limit.into());
        Self {
            first: number.saturating_add(1),
            last: last.min(end),
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        let count = self.last.saturating_add(1).saturating_sub(self.first);
        usize::try_from(count).unwrap_or_default()
    }
}

/// How an account is reached beside its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether it wants mail at all.
    pub takes_mail: bool,
    /// The number that texts go to, where it wants texts at all.
    pub texts_to: Option<String>,
}

impl Reach {
    /// By nothing.
    pub const NONE: Self = Self {
        takes_mail: false,
        texts_to: None,
    };
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            takes_mail: true,
            texts_to: None,
        }
    }
}

/// What is known of somebody's list as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationList {
    /// The newest number; 0 for none. It never falls.
    pub last: u64,
    /// All up to this number were read. It never falls.
    pub read_up_to: u64,
    /// What is wanted by mail.
    pub email: Choices,
    /// What is wanted as a text.
    pub sms: Choices,
    /// How the account is reached.
    pub reach: Reach,
    /// Its reader was erased: nothing is told any more.
    pub closed: bool,
}

impl NotificationList {
    /// The notice as the next of the list; nothing where the list is closed.
    pub fn next(&self, notice: Notice, has_address: bool) -> Option<Notification> {
        let by_mail = self.by_mail(notice.kind, has_address);
        let texted = self.reach.texts_to.is_some() && self.sms.want_texted(notice.kind);
        (!self.closed).then(|| Notification {
            number: self.last.saturating_add(1),
            notice,
            by_mail,
            texted,
            read: false,
        })
    }

    /// Whether a mail of this kind that waits is still to be sent, where there is an address.
    pub fn wants_mailed(&self, kind: NotificationKind) -> bool {
        !self.closed && self.by_mail(kind, true) == ByMail::Sent
    }

    fn by_mail(&self, kind: NotificationKind, has_address: bool) -> ByMail {
        let takes = self.reach.takes_mail || !kind.may_be_switched_off();
        match takes && self.email.want_mailed(kind) {
            false => ByMail::SwitchedOff,
            true if has_address => ByMail::Sent,
            true => ByMail::NoAddress,
        }
    }

    /// Whether a notification of the list was read: by itself, or with all up to a later one. Both
    /// only ever become true, so that marks may come in any order, twice and at once.
    pub fn has_read(&self, notification: &Notification) -> bool {
        notification.read || notification.number <= self.read_up_to
    }
}
