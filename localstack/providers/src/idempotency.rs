//! Idempotency keys as Stripe keeps them: the first result is the answer for a day.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::Answer;

/// How long a key is remembered after its first result, in milliseconds.
const RETENTION: i64 = 24 * 60 * 60 * 1000;

/// The key of a request, and what it must be repeated with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
}

#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<String, Slot>);

#[derive(Debug)]
struct Slot {
    fingerprint: String,
    /// The first result and when it was given; none while the first request is running.
    first: Option<(Answer, i64)>,
}

/// What a key says about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody used it: the request is to be carried out, and the key is now in use.
    Fresh,
    /// The request is answered already.
    Answered(Answer),
}

impl Keys {
    pub(crate) fn claim(&mut self, key: &Key, now: i64) -> Claim {
        let Some(slot) = self.0.get(&key.name).filter(|slot| slot.lives(now)) else {
            let slot = Slot {
                fingerprint: key.fingerprint.clone(),
                first: None,
            };
            self.0.insert(key.name.clone(), slot);
            return Claim::Fresh;
        };
        if slot.fingerprint != key.fingerprint {
            return Claim::Answered(other_parameters(&key.name));
        }
        match &slot.first {
            None => Claim::Answered(in_use(&key.name)),
            Some((answer, _)) => Claim::Answered(Answer {
                replayed: true,
                ..answer.clone()
            }),
        }
    }

    pub(crate) fn finish(&mut self, key: &Key, answer: Answer, now: i64) {
        let slot = Slot {
            fingerprint: key.fingerprint.clone(),
            first: Some((answer, now)),
        };
        self.0.insert(key.name.clone(), slot);
    }

    /// Frees a key whose request came to nothing.
    pub(crate) fn release(&mut self, key: &Key) {
        self.0.remove(&key.name);
    }
}

impl Slot {
    fn lives(&self, now: i64) -> bool {
        match self.first {
            None => true,
            Some((_, at)) => now < at.saturating_add(RETENTION),
        }
    }
}

fn other_parameters(name: &str) -> Answer {
    let message = format!(
        "Keys for idempotent requests can only be used with the same parameters they were first \
         used with. Try using a key other than '{name}' if you meant to execute a different request."
    );
    Answer::new(
        400,
        &json!({"error": {"type": "idempotency_error", "message": message}}),
    )
}

fn in_use(name: &str) -> Answer {
    let message = format!("There is currently another in-progress request using the key '{name}'.");
    Answer::new(
        409,
        &json!({"error": {
            "type": "idempotency_error",
            "code": "idempotency_key_in_use",
            "message": message,
        }}),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Claim, Key, Keys, RETENTION};
    use crate::answer::Answer;

    fn key(fingerprint: &str) -> Key {
        Key {
            name: "k".to_owned(),
            fingerprint: fingerprint.to_owned(),
        }
    }

    fn status(claim: &Claim) -> Option<(u16, bool)> {
        match claim {
            Claim::Fresh => None,
            Claim::Answered(answer) => Some((answer.status, answer.replayed)),
        }
    }

    #[test]
    fn answers_a_repeated_key_with_the_first_result() {
        let mut keys = Keys::default();
        assert_eq!(keys.claim(&key("a"), 0), Claim::Fresh);
        keys.finish(&key("a"), Answer::new(402, &json!({"first": 1})), 5);
        assert_eq!(status(&keys.claim(&key("a"), 6)), Some((402, true)));
    }

    #[test]
    fn refuses_a_key_that_is_running_or_has_other_parameters() {
        let mut keys = Keys::default();
        assert_eq!(keys.claim(&key("a"), 0), Claim::Fresh);
        assert_eq!(status(&keys.claim(&key("a"), 1)), Some((409, false)));
        assert_eq!(status(&keys.claim(&key("b"), 1)), Some((400, false)));
    }

    #[test]
    fn forgets_a_key_after_a_day() {
        let mut keys = Keys::default();
        keys.finish(&key("a"), Answer::new(200, &json!({})), 0);
        assert_eq!(
            status(&keys.claim(&key("a"), RETENTION - 1)),
            Some((200, true))
        );
        assert_eq!(keys.claim(&key("a"), RETENTION), Claim::Fresh);
    }

    #[test]
    fn can_be_used_again_after_a_release() {
        let mut keys = Keys::default();
        assert_eq!(keys.claim(&key("a"), 0), Claim::Fresh);
        keys.release(&key("a"));
        assert_eq!(keys.claim(&key("b"), 0), Claim::Fresh);
    }
}
