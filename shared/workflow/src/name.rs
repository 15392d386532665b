//! Names of executions. A name is what makes a second start of the same run harmless.

use domain::ports::{Cause, StartError};
use domain::{Epoch, OrderId};

/// Longest name, in characters
/// (<https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>).
const MAX_NAME: usize = 80;

/// `{order_id}-{epoch}`, with an occasion `{order_id}-{epoch}-{occasion}`. Characters of the
/// occasion that no name can have become hyphens.
///
/// # Errors
/// [`StartError::Refused`] when the name would be too long: cut, it could stand for another run.
pub(crate) fn execution_name(
    order_id: OrderId,
    epoch: Epoch,
    occasion: Option<&str>,
) -> Result<String, StartError> {
    let mut name = format!("{order_id}-{epoch}");
    if let Some(occasion) = occasion {
        name.push('-');
        name.extend(occasion.chars().map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' => c,
            _ => '-',
        }));
    }
    if name.len() <= MAX_NAME {
        Ok(name)
    } else {
        let text = format!("a name of more than {MAX_NAME} characters");
        Err(StartError::Refused(Cause(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(uuid::Uuid::from_u128(7));

    #[test]
    fn names_a_run_by_order_and_epoch() {
        let name = execution_name(ORDER, Epoch(3), None).unwrap();
        assert_eq!(name, "00000000-0000-0000-0000-000000000007-3");
    }

    #[test]
    fn adds_the_occasion_in_characters_that_a_name_can_have() {
        let name = execution_name(ORDER, Epoch(1), Some("2026-01-02T03:04:05Z")).unwrap();
        assert_eq!(
            name,
            "00000000-0000-0000-0000-000000000007-1-2026-01-02T03-04-05Z"
        );
    }

    #[test]
    fn fits_the_largest_epoch_and_refuses_what_would_have_to_be_cut() {
        assert!(execution_name(ORDER, Epoch(u32::MAX), Some("2026-01-02T03:04:05.678Z")).is_ok());
        let long = "x".repeat(80);
        assert!(matches!(
            execution_name(ORDER, Epoch(1), Some(&long)),
            Err(StartError::Refused(_))
        ));
    }
}
