//! What recovery does with an order that a run could not finish, and how long it waits first.

use jiff::{SignedDuration, Timestamp};

use crate::{Epoch, Order, OrderState};

#[cfg(test)]
mod tests;

/// How long an order may be open before the sweeper takes it over, unless recovery looks after it.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_secs(180);
/// Within this time recovery has begun with a refund; the sweeper begins with it otherwise.
pub const REFUND_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// How long an order may stay pending before it is given up: "payment unavailable", no charge.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(30);
/// After so many rounds without an end a person is called.
pub const ROUNDS_BEFORE_FLAG: u32 = 20;
/// Between rounds once a person was called.
const WAIT_FLAGGED: u16 = 600;
/// Longest wait between rounds before that, so that an order ends soon after a fault heals.
const WAIT_MAX: u16 = 60;
/// First wait.
const WAIT_FIRST: u16 = 5;
/// How long past its own wait recovery may be silent before the sweeper takes over.
const SILENCE: SignedDuration = SignedDuration::from_secs(120);

/// When a payment or a shipment that was asked to close, and has not answered, is asked again
/// even though nobody waits for it: after 15 minutes, then every 24 hours (a late effect of a
/// call can take that long).
pub fn next_closing_look(previous: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let wait = match previous {
        None => SignedDuration::from_mins(15),
        Some(planned) if planned > now => return planned,
        Some(_) => SignedDuration::from_hours(24),
    };
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Run the saga again under a new epoch; its steps are safe to repeat.
    Restart,
    /// Decide to take everything back.
    Unwind,
    /// Go forward from the capture.
    Capture,
    /// Take everything back.
    Undo,
    /// Give money back.
    Refund,
    /// Nothing.
    Done,
}

impl Act {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Unwind => "unwind",
            Self::Capture => "capture",
            Self::Undo => "undo",
            Self::Refund => "refund",
            Self::Done => "done",
        }
    }
}

/// What recovery does in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// What to do.
    pub act: Act,
    /// How long to wait before.
    pub wait_seconds: u16,
    /// Whether to call a person.
    pub flag: bool,
}

impl Round {
    /// From when the sweeper may take the order over.
    pub fn next_look(&self, now: Timestamp) -> Timestamp {
        let silent = SignedDuration::from_secs(i64::from(self.wait_seconds)) + SILENCE;
        now.checked_add(silent).unwrap_or(Timestamp::MAX)
    }
}

/// The round that follows `rounds` rounds that did not end the order.
///
/// Ended orders are undone once more when they failed: that is how a payment or a shipment that
/// was still closing at the end is looked at again.
pub fn next_round(order: &Order, rounds: u32, now: Timestamp) -> Round {
    let act = match &order.state {
        OrderState::Pending if now.duration_since(order.facts.placed_at) >= PATIENCE => Act::Unwind,
        OrderState::Pending => Act::Restart,
        OrderState::Charging { .. } => Act::Capture,
        OrderState::Unwinding { .. } | OrderState::Failed { .. } | OrderState::Cancelled => {
            Act::Undo
        }
        _ if order.refund_due().is_some() => Act::Refund,
        OrderState::Confirmed { .. }
        | OrderState::Shipped { .. }
        | OrderState::Delivered { .. }
        | OrderState::Refunded { .. } => Act::Done,
    };
    Round {
        act,
        wait_seconds: wait_before(act, order.epoch, rounds),
        flag: rounds >= ROUNDS_BEFORE_FLAG,
    }
}

/// A pending order waits longer with each run that it took; a decided one tries at once, then
/// longer with each round.
fn wait_before(act: Act, epoch: Epoch, rounds: u32) -> u16 {
    match (act, rounds) {
        (Act::Done, _) => 0,
        (_, ROUNDS_BEFORE_FLAG..) => WAIT_FLAGGED,
        (Act::Restart, _) => doubled(epoch.0.saturating_sub(1).saturating_add(rounds)),
        (_, 0) => 0,
        (_, _) => doubled(rounds.saturating_sub(1)),
    }
}

fn doubled(times: u32) -> u16 {
    let factor = 1_u16.checked_shl(times.min(10)).unwrap_or(u16::MAX);
    WAIT_FIRST.saturating_mul(factor).min(WAIT_MAX)
}
