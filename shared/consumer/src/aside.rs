//! What can never be done goes to the dead letters at once, with the reason beside it.

use contracts::commands::REASON;
use domain::ports::{Attribute, Letter, SendMessages, StoreError};
use tracing::warn;

/// Longest reason of a dead letter, in characters.
const MAX_REASON: usize = 500;

/// Sends the body as it came, with the reason beside it. What cannot be sent goes back to the queue, so it is
/// in one of the two at any time.
///
/// # Errors
/// [`StoreError`]; the message must then go back to the queue.
pub async fn set_aside(
    dead_letters: &impl SendMessages,
    body: String,
    refused: &impl ToString,
) -> Result<(), StoreError> {
    let reason = Attribute {
        data_type: "String".to_owned(),
        value: in_a_line(&refused.to_string()),
    };
    let letter = Letter {
        body,
        attributes: [(REASON.to_owned(), reason)].into(),
        ..Letter::default()
    };
    dead_letters.send(&letter).await?;
    // Not why: what cannot be read may have been quoted.
    warn!(outcome = "refused", "a message was set aside");
    Ok(())
}

/// What SQS takes in an attribute, and a person reads at once.
fn in_a_line(reason: &str) -> String {
    let readable =
        |letter: &char| !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}');
    reason.chars().filter(readable).take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::in_a_line;

    #[test]
    fn a_reason_is_one_readable_line() {
        let reason = in_a_line(&format!("a\nb\u{0}c\u{ffff}{}", "x".repeat(600)));
        assert_eq!(reason, format!("abc{}", "x".repeat(497)));
    }
}
