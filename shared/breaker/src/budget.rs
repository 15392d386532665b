//! How many calls may be repeated at once. A process earns a tenth of a retry with each call, and
//! begins with none: over any number of processes, new ones too, at most a tenth of what was asked
//! for is asked again.

/// Calls that earn a retry.
const CALLS: u32 = 10;
/// Retries that are kept for later.
const MOST: u32 = 10;

/// The retries that a process has earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// In parts of a retry.
    earned: u32,
}

impl Budget {
    /// A call was asked for.
    pub fn earn(&mut self) {
        self.earned = self.earned.saturating_add(1).min(CALLS * MOST);
    }

    /// Whether there is a retry, which is spent by that.
    pub fn spend(&mut self) -> bool {
        match self.earned.checked_sub(CALLS) {
            Some(left) => {
                self.earned = left;
                true
            }
            None => false,
        }
    }
}
