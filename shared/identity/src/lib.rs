//! Who is who: registering, signing in, staying signed in and signing out, and what mailed links
//! do, free of HTTP and of access tokens. Passwords are kept as Argon2id hashes. Whether an address has an account does not show
//! when somebody signs in, neither in the answer nor in how long it takes; registering tells it.

mod change;
mod link_tokens;
mod links;
mod passwords;
mod phone_codes;
mod phones;
mod register;
mod sessions;
mod sign_in;
mod unsubscribe;

pub use change::{change, erase};
pub use link_tokens::{LinkKeyError, LinkTokens};
pub use links::{LinkError, request_reset, reset_password, verify_email};
pub use passwords::{Argon2Passwords, HashPasswords, PasswordParams, PasswordParamsError};
pub use phone_codes::{CodeKeyError, PhoneCodes};
pub use phones::{ask_phone_code, confirm_phone, phone_standing};
pub use register::register;
pub use sessions::{RefreshError, Refreshed, is_signed_in, refresh, sign_out};
pub use sign_in::{Credentials, SignInError, SignedIn, sign_in};
pub use unsubscribe::Unsubscribe;

#[cfg(test)]
mod tests;
