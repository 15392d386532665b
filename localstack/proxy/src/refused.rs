//! Why settings or faults are refused. What stood before stays.

/// What is wrong with them. Rules are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// No unit would ever pass.
    #[error("`item_write_units_per_second` must be more than 0")]
    Rate,
    /// A slip of the pen.
    #[error("no latency is longer than a day")]
    Latency,
    /// It is no share.
    #[error("rule {rule}: `share` must be more than 0 and at most 1")]
    Share {
        /// Which one.
        rule: usize,
    },
    /// It would never strike.
    #[error("rule {rule}: `times` and `for_ms` must be at least 1")]
    Never {
        /// Which one.
        rule: usize,
    },
    /// Only `slow` has a delay, and it needs one.
    #[error("rule {rule}: `slow` needs a `delay_ms` of at most a day, no other kind takes one")]
    Delay {
        /// Which one.
        rule: usize,
    },
    /// A name that every call, or none, would have.
    #[error("rule {rule}: a name is empty; leave it out to match any")]
    Empty {
        /// Which one.
        rule: usize,
    },
}
