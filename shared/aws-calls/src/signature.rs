//! Signatures of requests, version 4
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>), as far as our
//! calls need them: in headers, over a whole body, of addresses that are written as AWS writes them.
//! The key of the day is kept; AWS's own signer derives it anew for each request.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, InvalidHeaderValue};
use http::{Request, Uri};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use crate::Service;
use crate::body::Body;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const BODY: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// What is not written as it is in a path that is encoded once more.
const ENCODED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// What is not written as it is in a query.
const IN_QUERY: AsciiSet = ENCODED.add(b'/');

/// Signs for one service in one region.
#[derive(Debug)]
pub(crate) struct Signer {
    service: Service,
    region: String,
    kept: Mutex<Option<Arc<DaysKey>>>,
}

/// What signs all requests of one day with the same credentials.
#[derive(Debug)]
struct DaysKey {
    secret: String,
    token: Option<HeaderValue>,
    day: String,
    key: hmac::Key,
}

impl Signer {
    pub(crate) fn new(service: Service, region: String) -> Self {
        Self {
            service,
            region,
            kept: Mutex::default(),
        }
    }

    /// Adds the time, the token of the credentials and the signature, over all headers that are
    /// there.
    pub(crate) fn sign(
        &self,
        request: &mut Request<Body>,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<(), InvalidHeaderValue> {
        let time = compact(TimeZone::UTC.to_datetime(now));
        let day = time.get(..8).unwrap_or_default();
        let key = self.key(credentials, day)?;
        let body = request.body().hash();
        let headers = request.headers_mut();
        headers.insert(DATE, HeaderValue::from_str(&time)?);
        if let Some(token) = &key.token {
            headers.insert(TOKEN, token.clone());
        }
        if self.service.paths_as_they_are {
            headers.insert(BODY, HeaderValue::from_str(&body)?);
        }
        let (canonical, names) = self.canonical(request, &body);
        let scope = self.scope(day);
        let id = credentials.access_key_id();
        let mut authorization =
            format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature=");
        push_signature(&mut authorization, &key.key, (&time, &scope), &canonical);
        let authorization = HeaderValue::from_str(&authorization)?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(())
    }

    /// An address for `GET` that whoever has it may use for so many seconds
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>). `asked` are names
    /// and values of its query, as they are.
    pub(crate) fn link(
        &self,
        address: &Uri,
        asked: &[(&str, &str)],
        (credentials, seconds): (&Credentials, u32),
        now: Timestamp,
    ) -> Result<String, InvalidHeaderValue> {
        let time = compact(TimeZone::UTC.to_datetime(now));
        let day = time.get(..8).unwrap_or_default();
        let key = self.key(credentials, day)?;
        let scope = self.scope(day);
        let credential = format!("{}/{scope}", credentials.access_key_id());
        let seconds = seconds.to_string();
        let mut pairs = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &time),
            ("X-Amz-Expires", &seconds),
            ("X-Amz-SignedHeaders", "host"),
        ];
        pairs.extend(
            credentials
                .session_token()
                .map(|token| ("X-Amz-Security-Token", token)),
        );
        pairs.extend(asked);
        let pair = |(name, value): (&str, &str)| {
            format!("{name}={}", utf8_percent_encode(value, &IN_QUERY))
        };
        let query = pairs.into_iter().map(pair).collect::<Vec<_>>().join("&");
        let mut canonical = String::from("GET\n");
        self.push_path(&mut canonical, address.path());
        canonical.push('\n');
        push_query(&mut canonical, &query);
        canonical.extend(["\nhost:", host(address), "\n\nhost\nUNSIGNED-PAYLOAD"]);
        let mut link = format!("{address}?{query}&X-Amz-Signature=");
        push_signature(&mut link, &key.key, (&time, &scope), &canonical);
        Ok(link)
    }

    fn scope(&self, day: &str) -> String {
        let (region, service) = (&self.region, self.service.signing_name);
        format!("{day}/{region}/{service}/aws4_request")
    }

    /// The request in the one form of which the hash is signed, and the names of its headers.
    fn canonical(&self, request: &Request<Body>, body: &str) -> (String, String) {
        let uri = request.uri();
        let host = host(uri);
        let present = request.headers().iter();
        let mut headers: Vec<(&str, &str)> = present
            .filter_map(|(name, value)| {
                Some((
                    name.as_str(),
                    std::str::from_utf8(value.as_bytes()).ok()?.trim(),
                ))
            })
            .chain([(HOST.as_str(), host)])
            .collect();
        headers.sort_unstable();
        let mut text = String::with_capacity(1024);
        text.push_str(request.method().as_str());
        text.push('\n');
        self.push_path(&mut text, uri.path());
        text.push('\n');
        push_query(&mut text, uri.query().unwrap_or_default());
        text.push('\n');
        let mut names = String::with_capacity(64);
        for (name, value) in headers {
            text.extend([name, ":", value, "\n"]);
            names.extend([if names.is_empty() { "" } else { ";" }, name]);
        }
        text.extend(["\n", &names, "\n", body]);
        (text, names)
    }

    /// Most services want the path encoded once more than it is sent.
    fn push_path(&self, text: &mut String, path: &str) {
        if self.service.paths_as_they_are {
            return text.push_str(path);
        }
        text.extend(utf8_percent_encode(path, &ENCODED));
    }

    fn key(
        &self,
        credentials: &Credentials,
        day: &str,
    ) -> Result<Arc<DaysKey>, InvalidHeaderValue> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(key) if key.is_of(credentials, day) => Ok(Arc::clone(key)),
            _ => Ok(Arc::clone(
                kept.insert(Arc::new(self.derive(credentials, day)?)),
            )),
        }
    }

    fn derive(&self, credentials: &Credentials, day: &str) -> Result<DaysKey, InvalidHeaderValue> {
        let secret = credentials.secret_access_key();
        let token = credentials.session_token().map(HeaderValue::from_str);
        let first = key(format!("AWS4{secret}").as_bytes());
        let parts = [day, &self.region, self.service.signing_name, "aws4_request"];
        let next = |of: hmac::Key, part: &str| key(hmac::sign(&of, part.as_bytes()).as_ref());
        Ok(DaysKey {
            secret: secret.to_owned(),
            token: token.transpose()?,
            day: day.to_owned(),
            key: parts.into_iter().fold(first, next),
        })
    }
}

impl DaysKey {
    fn is_of(&self, credentials: &Credentials, day: &str) -> bool {
        let token = self.token.as_ref().map(HeaderValue::as_bytes);
        self.day == day
            && self.secret == credentials.secret_access_key()
            && token == credentials.session_token().map(str::as_bytes)
    }
}

fn push_signature(
    text: &mut String,
    key: &hmac::Key,
    (time, scope): (&str, &str),
    canonical: &str,
) {
    let mut to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n");
    push_hex(&mut to_sign, hash(canonical.as_bytes()).as_ref());
    push_hex(text, hmac::sign(key, to_sign.as_bytes()).as_ref());
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

pub(crate) fn hash(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

/// As it will be sent: without the port that the scheme has anyway.
fn host(uri: &Uri) -> &str {
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    match uri.port_u16() {
        Some(port) if port != usual => uri.authority().map_or("", |it| it.as_str()),
        _ => uri.host().unwrap_or_default(),
    }
}

/// Sorted; our addresses are encoded as the signature wants it.
fn push_query(text: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    for (number, pair) in pairs.into_iter().enumerate() {
        text.push_str(if number == 0 { "" } else { "&" });
        text.push_str(pair);
        if !pair.contains('=') {
            text.push('=');
        }
    }
}

/// Such as `20260720T093000Z`.
fn compact(time: DateTime) -> String {
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

pub(crate) fn push_hex(text: &mut String, hash: &[u8]) {
    let mut digits = [0; 64];
    // Every hash here has 32 bytes.
    if hex::encode_to_slice(hash, &mut digits).is_ok() {
        text.push_str(std::str::from_utf8(&digits).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
