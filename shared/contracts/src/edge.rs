//! What an error is worth at an edge. Every error that reaches one has a kind, which says what
//! to do, and a stable name, which says what it was.

/// What whoever asked can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The rules, or the input, say no. Asking again will not help.
    Rejected,
    /// Somebody else was faster.
    Conflict,
    /// Not now; it may or may not have happened. Ask again.
    Retryable,
    /// It is our fault, and asking again will not help.
    Fault,
}

/// An error that may leave a function.
pub trait EdgeError: std::error::Error {
    /// What whoever asked can do about it.
    fn kind(&self) -> Kind;
    /// One of [`crate::errors::ErrorName`]; Step Functions matches on it.
    fn name(&self) -> crate::errors::ErrorName;
    /// Text for whoever asked: no internals, no personal data.
    fn detail(&self) -> String {
        self.to_string()
    }
}
