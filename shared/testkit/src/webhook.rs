//! Webhooks as third parties sign them.

use ring::hmac;

/// The header of a body that is signed with a secret at a time, in seconds since 1970.
pub fn signed(secret: &str, seconds: i64, body: &str) -> String {
    format!(
        "t={seconds},v1={}",
        signature(secret, &format!("{seconds}.{body}"))
    )
}

/// HMAC-SHA-256 of a text, in hexadecimal digits.
pub fn signature(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, text.as_bytes()))
}
