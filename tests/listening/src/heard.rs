//! What was heard.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Of all sockets.
#[derive(Debug)]
pub(crate) struct Heard {
    sockets: usize,
    cut: usize,
    broadcasts: BTreeMap<u64, Broadcast>,
}

#[derive(Debug)]
struct Broadcast {
    /// How often each socket heard it.
    times: Vec<u8>,
    /// Microseconds.
    after: Histogram<u64>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    number: u64,
    sent_us: u64,
}

/// What was heard so far.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    /// Sockets that ended.
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
            cut: 0,
            broadcasts: BTreeMap::new(),
        }
    }

    /// A socket heard this, at a time. What is no broadcast is left alone.
    pub(crate) fn take(&mut self, socket: usize, text: &str, at_us: u64) {
        let Ok(frame) = serde_json::from_str::<Frame>(text) else {
            return;
        };
        let broadcast = self.broadcasts.entry(frame.number);
        let broadcast = broadcast.or_insert_with(|| Broadcast::new(self.sockets));
        if let Some(times) = broadcast.times.get_mut(socket) {
            *times = times.saturating_add(1);
        }
        let after = at_us.saturating_sub(frame.sent_us);
        broadcast.after.saturating_record(after);
    }

    /// One more socket has ended.
    pub(crate) const fn cut(&mut self) {
        self.cut += 1;
    }

    pub(crate) fn told(&self) -> Told {
        let of = |(number, broadcast): (&u64, &Broadcast)| broadcast.told(*number);
        Told {
            cut: self.cut,
            broadcasts: self.broadcasts.iter().map(of).collect(),
        }
    }
}

impl Broadcast {
    /// Times up to a minute, three digits of them.
    fn new(sockets: usize) -> Self {
        let after = Histogram::new_with_bounds(1, 60_000_000, 3);
        Self {
            times: vec![0; sockets],
            // These bounds are good ones.
            after: after.unwrap_or_else(|error| panic!("{error}")),
        }
    }

    fn told(&self, number: u64) -> ToldOf {
        let at_least = |times: u8| self.times.iter().filter(|it| **it >= times).count();
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

/// Microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "two processes share this clock only"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_micros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(frames: &[(usize, &str, u64)]) -> Told {
        let mut heard = Heard::new(3);
        for (socket, text, at) in frames {
            heard.take(*socket, text, *at);
        }
        heard.told()
    }

    #[test]
    fn what_came_twice_is_told_from_what_did_not_come() {
        let told = told(&[
            (0, r#"{"number":1,"sent_us":100,"more":{}}"#, 110),
            (2, r#"{"number":1,"sent_us":100}"#, 130),
            (2, r#"{"number":1,"sent_us":100}"#, 140),
            (1, r#"{"type":"pong"}"#, 140),
        ]);
        let expected = ToldOf {
            number: 1,
            have: 2,
            twice: 1,
            p50_us: 30,
            p99_us: 40,
            max_us: 40,
        };
        assert_eq!(told.broadcasts, [expected]);
    }
}
