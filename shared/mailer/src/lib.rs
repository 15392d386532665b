//! Sends mail through SES.

mod ses;

pub use ses::SesMailer;
