//! A mail service that keeps what it sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use domain::ports::{Mail, MailError, SendMail};
use jiff::SignedDuration;

use super::cause;
use crate::{FakeClock, lock};

/// What goes wrong with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// It is certain that nothing was sent.
    NotSent,
    /// It is certain that nothing was sent, and the service is well.
    Declined,
    /// No answer, and nothing was sent.
    UnknownBefore,
    /// No answer, and it was sent.
    UnknownAfter,
    /// It will never be sent.
    Refused,
}

/// A mail service.
#[derive(Clone, Debug, Default)]
pub struct FakeMailer {
    clock: FakeClock,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    sent: Vec<Mail>,
    faults: VecDeque<MailFault>,
    mood: Option<MailFault>,
    asked: u32,
}

impl FakeMailer {
    /// How long a caller waits for an answer that does not come.
    const LIMIT: SignedDuration = SignedDuration::from_secs(4);

    /// One whose callers lose time on this clock.
    pub fn on(clock: &FakeClock) -> Self {
        Self {
            clock: clock.clone(),
            inner: Arc::default(),
        }
    }

    /// Lets the next mail go wrong; several queue up.
    pub fn fail_next(&self, fault: MailFault) {
        lock(&self.inner).faults.push_back(fault);
    }

    /// Lets every mail go wrong from now on, or none any more.
    pub fn feel(&self, mood: Option<MailFault>) {
        lock(&self.inner).mood = mood;
    }

    /// How often it was called.
    pub fn asked(&self) -> u32 {
        lock(&self.inner).asked
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        lock(&self.inner).sent.clone()
    }

    fn no_answer(&self) -> MailError {
        self.clock.advance(Self::LIMIT);
        MailError::Unknown(cause("no answer"))
    }
}

impl SendMail for FakeMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let mut inner = lock(&self.inner);
        inner.asked += 1;
        match inner.faults.pop_front().or(inner.mood) {
            None => {
                inner.sent.push(mail.clone());
                Ok(())
            }
            Some(MailFault::NotSent) => Err(MailError::NotSent(cause("throttled"))),
            Some(MailFault::Declined) => Err(MailError::Declined(cause("not allowed"))),
            Some(MailFault::UnknownBefore) => Err(self.no_answer()),
            Some(MailFault::UnknownAfter) => {
                inner.sent.push(mail.clone());
                Err(self.no_answer())
            }
            Some(MailFault::Refused) => Err(MailError::Refused(cause("no such address"))),
        }
    }
}
