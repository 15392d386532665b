//! What wakes those who do jobs. It says nothing of any job: what is to be done stands in the rows, and a
//! message that is lost costs a minute.

use domain::ports::Letter;
use serde::{Deserialize, Serialize};

/// Body of a message that says that jobs may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookForJobs {
    /// For what.
    pub look: Jobs,
}

/// The one thing that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jobs {
    /// Jobs that are due.
    Jobs,
}

impl LookForJobs {
    /// As it goes into the queue, and as the schedule sends it.
    pub const TEXT: &'static str = r#"{"look":"jobs"}"#;

    /// As it goes into the queue.
    pub fn letter() -> Letter {
        Letter {
            body: Self::TEXT.to_owned(),
            ..Letter::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read() {
        let read: LookForJobs = serde_json::from_str(LookForJobs::TEXT).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), LookForJobs::TEXT);
        assert_eq!(LookForJobs::letter().body, LookForJobs::TEXT);
        serde_json::from_str::<LookForJobs>(r#"{"look":"orders"}"#).unwrap_err();
    }
}
