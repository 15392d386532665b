//! Signatures of webhooks in Stripe's form (<https://docs.stripe.com/webhooks#verify-manually>):
//! `t=<seconds since 1970>,v1=<HMAC-SHA-256 over "t.body" in hexadecimal digits>`, with more than
//! one `v1` while the sender changes its secret. The body is taken as it came, byte for byte.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use ring::hmac;
use thiserror::Error;

use crate::Problem;

#[cfg(test)]
mod tests;

/// How far the sender's clock may be from ours, in seconds, either way.
const TOLERANCE: i64 = 5 * 60;
/// Shortest secret, in bytes.
const MIN_SECRET: usize = 32;
/// Most secrets at one time: the present one, and those that are being replaced.
const MAX_SECRETS: usize = 4;
/// Most signatures of one webhook that are looked at.
const MAX_SIGNATURES: usize = 8;

/// The secrets cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("secrets of webhooks are 1 to 4 texts of 32 bytes or more, separated by commas")]
pub struct WebhookSecretsError;

/// Tells webhooks that were signed with one of our secrets, and lately, from others.
#[derive(Clone)]
pub struct WebhookVerifier {
    header: HeaderName,
    keys: Vec<hmac::Key>,
}

impl WebhookVerifier {
    /// With the header that has the signature, and the secrets, separated by commas: the first is
    /// the present one, others are on their way in or out.
    ///
    /// # Errors
    /// [`WebhookSecretsError`].
    pub fn new(header: &'static str, secrets: &str) -> Result<Self, WebhookSecretsError> {
        let secrets: Vec<_> = secrets.split(',').map(str::trim).collect();
        let long = secrets.iter().all(|secret| secret.len() >= MIN_SECRET);
        if !long || secrets.len() > MAX_SECRETS {
            return Err(WebhookSecretsError);
        }
        let key = |secret: &&str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Ok(Self {
            header: HeaderName::from_static(header),
            keys: secrets.iter().map(key).collect(),
        })
    }

    /// Refuses what was not signed with one of the secrets, whatever it says of its time, and then
    /// what was signed too long ago, or in times to come.
    ///
    /// # Errors
    /// 401 for the first, 400 for the second.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Problem> {
        let signed = self
            .signature(headers)
            .ok_or_else(|| forged("no signature"))?;
        let mut text = Vec::with_capacity(signed.time.len().saturating_add(1 + body.len()));
        text.extend_from_slice(signed.time.as_bytes());
        text.push(b'.');
        text.extend_from_slice(body);
        // Takes as long for a signature that is almost right as for any other.
        let fits = |signature: &Vec<u8>| {
            let mut keys = self.keys.iter();
            keys.any(|key| hmac::verify(key, &text, signature).is_ok())
        };
        if !signed.signatures.iter().any(fits) {
            return Err(forged("the signature is not ours"));
        }
        match now.as_second().checked_sub(signed.seconds) {
            Some(age) if (-TOLERANCE..=TOLERANCE).contains(&age) => Ok(()),
            _ => Err(old()),
        }
    }

    fn signature<'a>(&self, headers: &'a HeaderMap) -> Option<Signed<'a>> {
        let mut values = headers.get_all(&self.header).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        Signed::parse(value)
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("header", &self.header)
            .field("secrets", &self.keys.len())
            .finish()
    }
}

/// What the header says.
struct Signed<'a> {
    /// As it was signed.
    time: &'a str,
    seconds: i64,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Signed<'a> {
    /// One `t`, and a `v1` at least; what else there is is of other schemes.
    fn parse(value: &'a str) -> Option<Self> {
        let mut time = None;
        let mut signatures = Vec::new();
        for part in value.split(',') {
            let (name, text) = part.trim().split_once('=')?;
            match name {
                "t" if time.is_some() => return None,
                "t" => time = Some(text),
                "v1" if signatures.len() < MAX_SIGNATURES => {
                    signatures.push(hex::decode(text).ok()?);
                }
                _ => {}
            }
        }
        let time = time.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(Self {
            time,
            seconds: time.parse().ok()?,
            signatures,
        })
    }
}

/// One answer for all that can be wrong with a signature, so that nobody learns which.
fn forged(why: &str) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "signature-refused",
        "Signature refused",
    )
    .detail("the body must be signed with the secret that we share")
    .header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Signature"),
    )
    .because(why)
}

/// Only whoever has the secret learns that it was the time.
fn old() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "signature-expired",
        "Signature expired",
    )
    .detail(format!(
        "the signature must be of the last {TOLERANCE} seconds"
    ))
}
