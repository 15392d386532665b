//! Taking its owner out of an account. What stays is its id, so that what others keep of it can be
//! found, and that it was erased.

use jiff::Timestamp;

use super::{
    Account, AccountEvent, AccountState, Email, PasswordHash, PhoneProof, Preferences, Profile,
};

impl Email {
    /// Nobody's, for an account without an owner. No mail goes there (RFC 2606 section 2).
    fn nobody() -> Self {
        Self("erased@erased.invalid".to_owned())
    }
}

impl Account {
    /// Takes out who its owner is, and ends all of its sessions and links; answers the address that
    /// is free from then on, and nothing where that was done before.
    pub fn erase(&mut self, now: Timestamp) -> Option<Email> {
        if self.is_erased() {
            return None;
        }
        let freed = std::mem::replace(&mut self.email, Email::nobody());
        self.profile = Profile {
            name: String::new(),
            phone: None,
            address: None,
            preferences: Preferences {
                email: false,
                sms: false,
            },
        };
        self.phone = PhoneProof::default();
        self.verified = false;
        self.roles = Vec::new();
        self.password = PasswordHash(String::new());
        self.verification.spend();
        self.reset.spend();
        self.end_sessions(now);
        self.state = AccountState::Erased;
        self.did(AccountEvent::Erased, now);
        Some(freed)
    }

    /// Whether it has no owner any more.
    pub fn is_erased(&self) -> bool {
        self.state == AccountState::Erased
    }
}
