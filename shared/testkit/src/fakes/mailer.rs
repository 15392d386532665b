//! A mail service that keeps what it sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use domain::ports::{Mail, MailError, SendMail};

use super::cause;
use crate::lock;

/// What goes wrong once with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// It is certain that nothing was sent.
    NotSent,
    /// No answer, and nothing was sent.
    UnknownBefore,
    /// No answer, and it was sent.
    UnknownAfter,
    /// It will never be sent.
    Refused,
}

/// A mail service.
#[derive(Clone, Debug, Default)]
pub struct FakeMailer(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    sent: Vec<Mail>,
    faults: VecDeque<MailFault>,
}

impl FakeMailer {
    /// Lets the next mail go wrong; several queue up.
    pub fn fail_next(&self, fault: MailFault) {
        lock(&self.0).faults.push_back(fault);
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        lock(&self.0).sent.clone()
    }
}

impl SendMail for FakeMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let mut inner = lock(&self.0);
        match inner.faults.pop_front() {
            None => {
                inner.sent.push(mail.clone());
                Ok(())
            }
            Some(MailFault::NotSent) => Err(MailError::NotSent(cause("throttled"))),
            Some(MailFault::UnknownBefore) => Err(MailError::Unknown(cause("no answer"))),
            Some(MailFault::UnknownAfter) => {
                inner.sent.push(mail.clone());
                Err(MailError::Unknown(cause("no answer")))
            }
            Some(MailFault::Refused) => Err(MailError::Refused(cause("no such address"))),
        }
    }
}
