//! What one process holds of one limit, and what it does for the next who wants to pass.

use std::collections::VecDeque;

use crate::row::{End, Row, Update};
use crate::{Limit, SKEW_MS, Time, WINDOW_MS};

/// What passed is counted by ticks of this many milliseconds.
const TICK_MS: u64 = 100;
/// A first share is this part of the limit.
const FIRST_PART: u32 = 100;
/// A share is doubled up to about this part of the limit, then grows by half.
const TWICE_UP_TO: u32 = 16;
/// How long a first share lasts: nothing is known of how it is spent.
const FIRST_MS: u64 = 300_000;
/// A share lasts until about so many were spent of it, at the pace so far …
const SPENT_PER_TERM: u64 = 100;
/// … but not shorter, nor longer.
const SHORTEST_MS: u64 = 15_000;
const LONGEST_MS: u64 = 1_800_000;
/// Nobody takes more than this part of what is left, so that shares shrink to one at the end.
const PART_OF_ROOM: u32 = 4;
/// With less than this part of the limit left, what was seen a while ago is not acted on.
const NEAR_THE_END: u32 = 4;
/// While nothing is left, the row is looked at so often.
const LOOK_AGAIN_MS: u64 = 15_000;
const LOOK_AT_LEAST_MS: u64 = 1_000;

/// What is to be done for somebody who wants to pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// They passed.
    Passed,
    /// They do not, until then.
    Refused(Time),
    /// The row must be read, and [`Lease::saw`] told.
    Look,
    /// The row must be changed; [`Lease::took`] is told when it was, [`Lease::saw`] when it was not.
    Take(Update),
}

/// What this process holds.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    share: u32,
    end: End,
    /// What passed, by tick, while it is in the window.
    passed: VecDeque<(u64, u32)>,
    in_window: u32,
    /// Since the share was taken: when that was, how many passed, and the most in one window.
    since: Time,
    spent: u32,
    peak: u32,
    /// The row as it was last seen.
    row: Option<Row>,
    seen: Time,
    full_until: Option<Time>,
}

impl Lease {
    /// Lets somebody pass, or says what is to be done first.
    pub fn next(&mut self, limit: Limit, now: Time) -> Step {
        self.forget_passed(now);
        if !limit.is_shared() {
            return self.one_by_one(limit, now);
        }
        if self.in_window < self.share {
            if now < self.end.time() {
                self.pass(now);
                return Step::Passed;
            }
            // There is something to spend, but the share has ended.
            return self.renew(limit, now);
        }
        self.grow(limit, now)
    }

    /// How many may still pass, as far as this process knows.
    pub fn left(&self, limit: Limit, now: Time) -> u32 {
        let own = match now < self.end.time() {
            true => self.share.saturating_sub(self.in_window),
            false => 0,
        };
        let room = self.row.as_ref().map_or(0, |row| row.room(limit, now));
        own.saturating_add(room).min(limit.get())
    }

    /// The row was read, or refused a change and is this.
    pub fn saw(&mut self, row: Row, now: Time) {
        self.row = Some(row);
        self.seen = now;
        self.full_until = None;
    }

    /// The change was made, and this is the row after it. True when who asked for it has passed.
    pub fn took(&mut self, update: &Update, row: Row, limit: Limit, now: Time) -> bool {
        self.saw(row, now);
        if !limit.is_shared() {
            return now < update.end.time();
        }
        self.forget_passed(now);
        self.share = update.take;
        self.end = update.end;
        self.since = now;
        self.spent = 0;
        self.peak = self.in_window;
        let passes = self.in_window < self.share && now < self.end.time();
        if passes {
            self.pass(now);
        }
        passes
    }

    /// Whether nothing is lost when this is dropped.
    pub fn is_over(&self, now: Time) -> bool {
        self.end.forgotten() <= now
    }

    fn pass(&mut self, now: Time) {
        let tick = now.0 / TICK_MS;
        match self.passed.back_mut() {
            Some((last, passed)) if *last >= tick => *passed = passed.saturating_add(1),
            _ => self.passed.push_back((tick, 1)),
        }
        self.in_window = self.in_window.saturating_add(1);
        self.spent = self.spent.saturating_add(1);
        self.peak = self.peak.max(self.in_window);
    }

    fn forget_passed(&mut self, now: Time) {
        while let Some((tick, passed)) = self.passed.front().copied() {
            if out_of_window(tick) > now {
                return;
            }
            self.passed.pop_front();
            self.in_window = self.in_window.saturating_sub(passed);
        }
    }

    /// One write for each: where the limit is so small that a share that lies about is a large part
    /// of it. What was taken is spent at once, so nothing of it goes before its time.
    fn one_by_one(&self, limit: Limit, now: Time) -> Step {
        let full = self.row.as_ref().filter(|row| row.room(limit, now) == 0);
        if let Some(until) = full.and_then(|row| row.next_forgotten(now)) {
            return Step::Refused(until);
        }
        Step::Take(self.change(limit, now, (1, End::at_once(now)), None))
    }

    fn renew(&mut self, limit: Limit, now: Time) -> Step {
        let needed = self.peak.saturating_add(self.peak / 8).saturating_add(2);
        let scarce = |row: &Row| row.room(limit, now) < limit.get() / NEAR_THE_END;
        let least = match self.row.as_ref().is_some_and(scarce) {
            true => self.in_window.saturating_add(1),
            false => first_share(limit),
        };
        self.ask(limit, now, needed.max(least))
    }

    fn grow(&mut self, limit: Limit, now: Time) -> Step {
        if let Some(until) = self.full_until.filter(|until| *until > now) {
            return self.refuse(until);
        }
        let room = self.row.as_ref().map(|row| row.room(limit, now));
        if room.is_some_and(|room| room < limit.get() / NEAR_THE_END) && self.is_stale(now) {
            return Step::Look;
        }
        let twice = self.share.min(limit.get() / TWICE_UP_TO);
        let more = twice.max(self.share / 2).max(first_share(limit));
        self.ask(limit, now, self.share.saturating_add(more))
    }

    /// Has so much held, or as much of it as there is.
    fn ask(&mut self, limit: Limit, now: Time, wanted: u32) -> Step {
        let moved = self.movable(now);
        let own = moved.map_or(0, |(_, held)| held).min(wanted);
        let moved = moved.map(|(end, _)| (end, own));
        let take = own.saturating_add(self.more(limit, now, wanted.saturating_sub(own)));
        if take > self.in_window {
            let end = End::after(now, self.term_ms(now)).max(self.end);
            return Step::Take(self.change(limit, now, (take, end), moved));
        }
        if self.is_stale(now) {
            return Step::Look;
        }
        let next = self.row.as_ref().and_then(|row| row.next_forgotten(now));
        // What others hold may be moved on, or left behind, before its time.
        let soonest = now.plus(LOOK_AT_LEAST_MS);
        let until = next
            .unwrap_or(soonest)
            .clamp(soonest, now.plus(LOOK_AGAIN_MS));
        self.full_until = Some(until);
        self.refuse(until)
    }

    /// So much more than is held already.
    fn more(&self, limit: Limit, now: Time, wanted: u32) -> u32 {
        let Some(row) = &self.row else {
            return wanted.min(limit.get());
        };
        let room = row.room(limit, now);
        // A change that the row refuses costs a write too.
        if self.share > 0 && self.is_stale(now) && room < limit.get() / NEAR_THE_END {
            return 0;
        }
        wanted.min((room / PART_OF_ROOM).max(1)).min(room)
    }

    fn is_stale(&self, now: Time) -> bool {
        now.since(self.seen) >= LOOK_AT_LEAST_MS
    }

    fn change(
        &self,
        limit: Limit,
        now: Time,
        (take, end): (u32, End),
        moved: Option<(End, u32)>,
    ) -> Update {
        let row = self.row.as_ref();
        let forget = row.map(|row| row.forgettable(now)).unwrap_or_default();
        let mut update = Update {
            take,
            end,
            moved,
            forget,
            at_most: 0,
            now,
        };
        let most = limit.get().saturating_add(update.given_up());
        // Whoever has not seen the row cannot know that what they take is too large a part.
        let room = match row {
            None if limit.is_shared() => take.saturating_mul(PART_OF_ROOM),
            _ => take,
        };
        update.at_most = most.saturating_sub(room);
        update
    }

    /// What the row still counts as held by this process.
    fn movable(&self, now: Time) -> Option<(End, u32)> {
        if self.share == 0 || self.end.forgotten() <= now {
            return None;
        }
        let row = self.row.as_ref()?;
        let counted = row.ends.get(&self.end).copied().unwrap_or_default();
        (counted >= self.share).then_some((self.end, self.share))
    }

    /// How long the next share is to last, by the pace of this one.
    fn term_ms(&self, now: Time) -> u64 {
        if self.share == 0 {
            return FIRST_MS;
        }
        let spent = u64::from(self.spent).max(1);
        let at_this_pace = now.since(self.since).saturating_mul(SPENT_PER_TERM) / spent;
        at_this_pace.clamp(SHORTEST_MS, LONGEST_MS)
    }

    /// Refused until the row has room, or until something of the own share is free again.
    fn refuse(&self, until: Time) -> Step {
        let own = self.passed.front().map(|(tick, _)| out_of_window(*tick));
        let own = own.filter(|_| self.share > 0);
        Step::Refused(own.map_or(until, |own| own.min(until)))
    }
}

/// When nothing that passed in this tick, by a clock that was ahead, is in the window any more, by
/// a clock that is behind.
const fn out_of_window(tick: u64) -> Time {
    Time(tick.saturating_add(1).saturating_mul(TICK_MS)).plus(WINDOW_MS + SKEW_MS)
}

fn first_share(limit: Limit) -> u32 {
    (limit.get() / FIRST_PART).max(1)
}
