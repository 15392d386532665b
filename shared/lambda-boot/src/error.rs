//! The error of `main`.

use std::fmt;

/// Why a function could not start or go on. Takes any error by `?`; prints it with its causes,
/// because `main` prints what it returns by way of `Debug`.
pub struct Error(Box<dyn std::error::Error + Send + Sync>);

impl Error {
    /// For errors that come boxed.
    pub(crate) fn boxed(cause: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self(cause)
    }
}

// `Error` itself is no `std::error::Error`: only so can it be made from any of them.
impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(cause: E) -> Self {
        Self(Box::new(cause))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(self.0.as_ref()))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An error and its causes in one line, outermost first.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open the shop")]
    struct Outer(#[source] std::fmt::Error);

    #[test]
    fn shows_the_whole_chain() {
        let error = Error::from(Outer(std::fmt::Error));
        let text = "cannot open the shop: an error occurred when formatting an argument";
        assert_eq!(format!("{error:?}"), text);
        assert_eq!(format!("{error}"), text);
    }
}
