//! An account: who somebody is, how they are reached, what they may do, and whether they may sign
//! in. It changes as a whole; the newest version wins.

use jiff::Timestamp;

use crate::{Address, CustomerId, Sequence, TenantId};

mod email;
mod erasure;
mod link;
mod phone;

#[cfg(test)]
mod tests;

pub use email::{Email, InvalidEmail};
pub use link::{Link, LinkPurpose, LinkTooSoon};
pub use phone::{AskedCode, AskedOften, CodeRefused, NoCode, PhoneProof, PhoneState};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Buys, and sees what is theirs.
    Customer,
    /// Sees what is anybody's.
    Support,
    /// Changes what is anybody's.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Support, Self::Admin];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A password as it is kept: the text of a one-way hash with its salt and parameters (PHC string
/// format). It does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// How its owner wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// By e-mail.
    pub email: bool,
    /// By SMS, where there is a number.
    pub sms: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            email: true,
            sms: false,
        }
    }
}

/// What its owner may change at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// Telephone number in the form of E.164, `+441632960001`.
    pub phone: Option<String>,
    /// Where they are.
    pub address: Option<Address>,
    /// How they want to be told.
    pub preferences: Preferences,
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Yes.
    Active,
    /// No, until staff activates it again.
    Deactivated,
    /// Never again: whose it was is not kept.
    Erased,
}

impl AccountState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Active, Self::Deactivated, Self::Erased];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Erased => "erased",
        }
    }
}

/// What was done to an account by its last write. Others are told of each, with the whole state
/// but the password: the newest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountEvent {
    /// Somebody registered.
    Registered,
    /// The profile is another.
    Updated,
    /// The roles are others.
    RolesChanged,
    /// The password is another, and all sessions have ended.
    PasswordChanged,
    /// All sessions have ended.
    SessionsEnded,
    /// Nobody signs in any more.
    Deactivated,
    /// Its owner can sign in again.
    Activated,
    /// A link was asked for that shows that the address is its owner's.
    VerificationRequested,
    /// The address is its owner's.
    EmailVerified,
    /// A link was asked for that sets another password.
    ResetRequested,
    /// The address is another, and all sessions have ended.
    EmailChanged,
    /// A code was asked for that shows that the telephone number is its owner's.
    PhoneCodeRequested,
    /// A code was sent that was not the one.
    PhoneCodeRefused,
    /// The telephone number is its owner's.
    PhoneConfirmed,
    /// Whose it was is not kept any more. Others are told of nothing but its id.
    Erased,
}

impl AccountEvent {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Registered,
        Self::Updated,
        Self::RolesChanged,
        Self::PasswordChanged,
        Self::SessionsEnded,
        Self::Deactivated,
        Self::Activated,
        Self::VerificationRequested,
        Self::EmailVerified,
        Self::ResetRequested,
        Self::EmailChanged,
        Self::PhoneCodeRequested,
        Self::PhoneCodeRefused,
        Self::PhoneConfirmed,
        Self::Erased,
    ];

    /// The link that is mailed because of it.
    pub const fn mails(self) -> Option<LinkPurpose> {
        match self {
            Self::Registered | Self::VerificationRequested | Self::EmailChanged => {
                Some(LinkPurpose::VerifyEmail)
            }
            Self::ResetRequested => Some(LinkPurpose::ResetPassword),
            _ => None,
        }
    }
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Subject of their tokens.
    pub id: CustomerId,
    /// Whose shop.
    pub tenant: TenantId,
    /// Where they are reached, and what they sign in with.
    pub email: Email,
    /// Whether the address was shown to be theirs.
    pub verified: bool,
    /// What they may change at any time.
    pub profile: Profile,
    /// Whether the number in the profile was shown to be theirs.
    pub phone: PhoneProof,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Their password.
    pub password: PasswordHash,
    /// Whether they can sign in.
    pub state: AccountState,
    /// How often all of its sessions were ended: those that began before have another number. No
    /// clock is asked, because those of two machines differ.
    pub epoch: u32,
    /// The last link that shows that the address is theirs.
    pub verification: Link,
    /// The last link that sets another password.
    pub reset: Link,
    /// Since when they are known.
    pub registered_at: Timestamp,
    /// When anything of this changed last.
    pub changed_at: Timestamp,
    /// What changed last.
    pub last: AccountEvent,
    /// How often it was stored; 0 for never.
    pub version: u64,
}

/// Who registers.
#[derive(Clone, Debug)]
pub struct Registration {
    /// A new id.
    pub id: CustomerId,
    /// Whose shop.
    pub tenant: TenantId,
    /// Where they are reached.
    pub email: Email,
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: PasswordHash,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl Account {
    /// A new account.
    pub fn register(registration: Registration, now: Timestamp) -> Self {
        Self {
            id: registration.id,
            tenant: registration.tenant,
            email: registration.email,
            verified: false,
            profile: Profile {
                name: registration.name,
                phone: None,
                address: None,
                preferences: Preferences::default(),
            },
            phone: PhoneProof::default(),
            roles: registration.roles,
            password: registration.password,
            state: AccountState::Active,
            epoch: 0,
            verification: Link::first(now),
            reset: Link::default(),
            registered_at: now,
            changed_at: now,
            last: AccountEvent::Registered,
            version: 0,
        }
    }

    fn did(&mut self, event: AccountEvent, now: Timestamp) {
        self.last = event;
        self.changed_at = now;
    }

    /// Number of the event of the version that is stored: each write raises one.
    pub fn sequence(&self) -> Sequence {
        Sequence(u32::try_from(self.version).unwrap_or(u32::MAX))
    }

    /// Where news goes that it may do without: only to an address that was shown to be its owner's.
    pub fn news_address(&self) -> Option<&Email> {
        (self.verified && self.state == AccountState::Active).then_some(&self.email)
    }

    /// The links for a purpose.
    pub fn link(&self, purpose: LinkPurpose) -> &Link {
        match purpose {
            LinkPurpose::VerifyEmail => &self.verification,
            LinkPurpose::ResetPassword => &self.reset,
        }
    }

    /// Takes another profile; answers whether it differs. Another number is nobody's yet.
    pub fn update(&mut self, profile: Profile, now: Timestamp) -> bool {
        let differs = self.profile != profile;
        if differs {
            if self.profile.phone != profile.phone {
                self.phone.state = PhoneState::Unconfirmed;
            }
            self.profile = profile;
            self.did(AccountEvent::Updated, now);
        }
        differs
    }

    /// Gives it these roles, and no others; answers whether they differ.
    pub fn appoint(&mut self, roles: Vec<Role>, now: Timestamp) -> bool {
        let differs = self.roles != roles;
        if differs {
            self.roles = roles;
            self.did(AccountEvent::RolesChanged, now);
        }
        differs
    }

    /// Nobody signs in any more, and nobody is signed in.
    pub fn deactivate(&mut self, now: Timestamp) {
        if self.state == AccountState::Active {
            self.state = AccountState::Deactivated;
            self.end_sessions(now);
            self.did(AccountEvent::Deactivated, now);
        }
    }

    /// Its owner can sign in again.
    pub fn activate(&mut self, now: Timestamp) {
        if self.state == AccountState::Deactivated {
            self.state = AccountState::Active;
            self.did(AccountEvent::Activated, now);
        }
    }

    /// Ends all sessions.
    pub fn end_sessions(&mut self, now: Timestamp) {
        self.epoch = self.epoch.saturating_add(1);
        self.did(AccountEvent::SessionsEnded, now);
    }

    /// Takes another password: all sessions end, and no link that was mailed before sets another.
    pub fn change_password(&mut self, password: PasswordHash, now: Timestamp) {
        self.password = password;
        self.end_sessions(now);
        self.reset.spend();
        self.did(AccountEvent::PasswordChanged, now);
    }

    /// Asks for another link to verify the address; answers whether there is one. There is none
    /// where it was verified, and for a while after the last.
    pub fn request_verification(&mut self, now: Timestamp) -> bool {
        let renewed = self.is_active() && !self.verified && self.verification.renew(now);
        if renewed {
            self.did(AccountEvent::VerificationRequested, now);
        }
        renewed
    }

    /// Uses such a link; answers whether it was good.
    pub fn verify_email(&mut self, number: u32, now: Timestamp) -> bool {
        let good = self.is_active() && self.takes(LinkPurpose::VerifyEmail, number, now);
        if good {
            self.verified = true;
            self.verification.spend();
            self.did(AccountEvent::EmailVerified, now);
        }
        good
    }

    /// Asks for a link to set another password; answers whether there is one. There is none for who
    /// cannot sign in, and for a while after the last.
    pub fn request_reset(&mut self, now: Timestamp) -> bool {
        let renewed = self.is_active() && self.reset.renew(now);
        if renewed {
            self.did(AccountEvent::ResetRequested, now);
        }
        renewed
    }

    /// Uses such a link; answers whether it was good. Who has it reads the mails to the address.
    pub fn reset_password(&mut self, number: u32, password: PasswordHash, now: Timestamp) -> bool {
        let good = self.is_active() && self.takes(LinkPurpose::ResetPassword, number, now);
        if good {
            self.verified = true;
            self.change_password(password, now);
        }
        good
    }

    /// Whether the link with this number is good now.
    pub fn takes(&self, purpose: LinkPurpose, number: u32, now: Timestamp) -> bool {
        self.link(purpose).admits(purpose, number, now)
    }

    /// Whether somebody can sign in.
    pub fn is_active(&self) -> bool {
        self.state == AccountState::Active
    }

    /// Whether somebody with a session of this number is still signed in.
    pub fn admits(&self, epoch: u32) -> bool {
        self.is_active() && epoch == self.epoch
    }
}
