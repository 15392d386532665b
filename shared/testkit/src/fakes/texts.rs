//! A gateway of text messages. Like the real one it knows no key of ours: who asks twice sends twice.

use std::sync::{Arc, Mutex};

use domain::ports::{FindTexts, ProviderError, SendTexts, Text};
use jiff::{SignedDuration, Timestamp};

use super::cause;
use crate::{FakeClock, lock};

/// How a gateway answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextMood {
    /// It sends.
    #[default]
    Well,
    /// It cannot be reached; nothing happens.
    Down,
    /// Nobody gets an answer in time, and nothing happens.
    Hanging,
    /// Nobody gets an answer in time, and what was asked for is done.
    Mute,
    /// It sends to nobody, and says so.
    Refusing,
    /// It sends nothing as things are, and says so: its account with us is not in order.
    Declining,
}

/// A gateway of text messages.
#[derive(Clone, Debug, Default)]
pub struct FakeTexts {
    clock: FakeClock,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    mood: TextMood,
    asked: u32,
    unanswered: u32,
    sent: Vec<(Timestamp, Text)>,
}

impl FakeTexts {
    /// How long a caller waits for an answer that does not come.
    pub const LIMIT: SignedDuration = SignedDuration::from_secs(2);

    /// One whose callers lose time on this clock.
    pub fn on(clock: &FakeClock) -> Self {
        Self {
            clock: clock.clone(),
            inner: Arc::default(),
        }
    }

    /// Lets it answer so from now on.
    pub fn feel(&self, mood: TextMood) {
        lock(&self.inner).mood = mood;
    }

    /// How often it was called.
    pub fn asked(&self) -> u32 {
        lock(&self.inner).asked
    }

    /// How often somebody who wanted a text sent got no answer.
    pub fn unanswered(&self) -> u32 {
        lock(&self.inner).unanswered
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Text> {
        let inner = lock(&self.inner);
        inner.sent.iter().map(|(_, text)| text.clone()).collect()
    }

    fn asked_in(&self) -> TextMood {
        let mut inner = lock(&self.inner);
        inner.asked += 1;
        inner.mood
    }

    fn no_answer(&self) -> ProviderError {
        self.clock.advance(Self::LIMIT);
        ProviderError::Unknown(cause("its mood"))
    }
}

impl SendTexts for FakeTexts {
    async fn send_text(&self, text: &Text) -> Result<(), ProviderError> {
        let mood = self.asked_in();
        if matches!(mood, TextMood::Well | TextMood::Mute) {
            let sent = (self.clock.now(), text.clone());
            lock(&self.inner).sent.push(sent);
        }
        match mood {
            TextMood::Well => Ok(()),
            TextMood::Down => Err(ProviderError::Down(cause("its mood"))),
            TextMood::Refusing => Err(ProviderError::Refused(cause("its mood"))),
            TextMood::Declining => Err(ProviderError::Unexpected(cause("its mood"))),
            TextMood::Hanging | TextMood::Mute => {
                lock(&self.inner).unanswered += 1;
                Err(self.no_answer())
            }
        }
    }
}

impl FindTexts for FakeTexts {
    async fn has_text(&self, text: &Text, since: Timestamp) -> Result<bool, ProviderError> {
        match self.asked_in() {
            TextMood::Well | TextMood::Refusing | TextMood::Declining => {}
            TextMood::Down => return Err(ProviderError::Down(cause("its mood"))),
            TextMood::Hanging | TextMood::Mute => return Err(self.no_answer()),
        }
        let inner = lock(&self.inner);
        let is_it = |(at, sent): &(Timestamp, Text)| {
            *at >= since && sent.to == text.to && sent.body.contains(&text.reference)
        };
        Ok(inner.sent.iter().any(is_it))
    }
}
