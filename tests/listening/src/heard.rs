//! What was heard.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Of all sockets.
#[derive(Debug)]
pub(crate) struct Heard {
    sockets: usize,
    /// The first ones, that left by themselves.
    left: usize,
    cut: usize,
    broadcasts: BTreeMap<u64, Broadcast>,
}

#[derive(Debug)]
struct Broadcast {
    sent: Instant,
    /// How often each socket heard it.
    times: Vec<u8>,
    /// Microseconds.
    after: Histogram<u64>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(alias = "sequence")]
    number: u64,
}

/// What was heard so far.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    /// Sockets that the other side ended.
    cut: usize,
    broadcasts: Vec<ToldOf>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ToldOf {
    number: u64,
    /// Sockets that have it.
    have: usize,
    /// Sockets that have it more than once.
    twice: usize,
    p50_us: u64,
    p99_us: u64,
    max_us: u64,
}

impl Heard {
    /// Nothing, of so many.
    pub(crate) const fn new(sockets: usize) -> Self {
        Self {
            sockets,
            left: 0,
            cut: 0,
            broadcasts: BTreeMap::new(),
        }
    }

    /// A broadcast begins.
    pub(crate) fn is_sent(&mut self, number: u64, at: Instant) {
        let broadcast = Broadcast::new(self.sockets, at);
        self.broadcasts.insert(number, broadcast);
    }

    /// A socket heard this, at a time. What is no broadcast is left alone.
    pub(crate) fn take(&mut self, socket: usize, text: &str, at: Instant) {
        let Ok(frame) = serde_json::from_str::<Frame>(text) else {
            return;
        };
        let Some(broadcast) = self.broadcasts.get_mut(&frame.number) else {
            return;
        };
        if let Some(times) = broadcast.times.get_mut(socket) {
            *times = times.saturating_add(1);
        }
        let after = at.duration_since(broadcast.sent).as_micros();
        broadcast
            .after
            .saturating_record(u64::try_from(after).unwrap_or(u64::MAX));
    }

    /// The first sockets have left: what they hear or not is not told any more.
    pub(crate) const fn left(&mut self, first: usize) {
        self.left = first;
    }

    /// The other side has ended one more.
    pub(crate) const fn cut(&mut self) {
        self.cut += 1;
    }

    pub(crate) fn told(&self) -> Told {
        let of = |(number, broadcast): (&u64, &Broadcast)| broadcast.told(*number, self.left);
        Told {
            cut: self.cut,
            broadcasts: self.broadcasts.iter().map(of).collect(),
        }
    }
}

impl Broadcast {
    /// Times up to a minute, three digits of them.
    fn new(sockets: usize, sent: Instant) -> Self {
        let after = Histogram::new_with_bounds(1, 60_000_000, 3);
        Self {
            sent,
            times: vec![0; sockets],
            // These bounds are good ones.
            after: after.unwrap_or_else(|error| panic!("{error}")),
        }
    }

    fn told(&self, number: u64, left: usize) -> ToldOf {
        let still_there = || self.times.iter().skip(left);
        let at_least = |times: u8| still_there().filter(|it| **it >= times).count();
        ToldOf {
            number,
            have: at_least(1),
            twice: at_least(2),
            p50_us: self.after.value_at_quantile(0.5),
            p99_us: self.after.value_at_quantile(0.99),
            max_us: self.after.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_came_twice_is_told_from_what_did_not_come() {
        let begun = Instant::now();
        let mut heard = Heard::new(3);
        heard.is_sent(1, begun);
        for (socket, text, micros) in [
            (0, r#"{"number":1,"more":{}}"#, 10),
            (2, r#"{"type":"stock","sequence":1}"#, 30),
            (2, r#"{"number":1}"#, 40),
            (1, r#"{"number":2}"#, 40),
            (1, r#"{"type":"pong"}"#, 40),
        ] {
            heard.take(socket, text, begun + Duration::from_micros(micros));
        }
        let expected = ToldOf {
            number: 1,
            have: 2,
            twice: 1,
            p50_us: 30,
            p99_us: 40,
            max_us: 40,
        };
        assert_eq!(heard.told().broadcasts, [expected]);
        heard.left(1);
        assert_eq!(heard.told().broadcasts[0].have, 1);
    }
}
