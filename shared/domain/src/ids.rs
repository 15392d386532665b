//! The registry of ids, in alphabetical order. No raw `String`, `u32` or `Uuid` stands for an id
//! anywhere else.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// A text that cannot be an id.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{kind} must be 1 to {max} characters from A-Z a-z 0-9 . _ - @ : |")]
pub struct InvalidId {
    /// Which id was meant.
    pub kind: &'static str,
    /// How long it may be, in characters.
    pub max: usize,
}

fn checked(kind: &'static str, max: usize, text: &str) -> Result<String, InvalidId> {
    let fits = (1..=max).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-@:|".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err(InvalidId { kind, max })
    }
}

/// The first 128 bits of SHA-256 over the length-prefixed parts, as a version-8 UUID: the same parts
/// are the same id, and parts that run together differently are another.
pub(crate) fn hashed<const PARTS: usize>(parts: [&str; PARTS]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0_u8; 16];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    Uuid::new_v8(first)
}

/// The id of what somebody asks a route for under an idempotency key. Whoever does it again meets
/// what was done.
pub fn id_of_request(
    (tenant, who): (&TenantId, &CustomerId),
    route: &str,
    idempotency_key: &str,
) -> Uuid {
    let (tenant, who) = (tenant.as_str(), who.as_str());
    hashed(["request", tenant, who, route, idempotency_key])
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a text from outside.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, too long or has other characters.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                checked($kind, $max, text).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The number after this one.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// Number of an attempt to authorise a payment, from 1. Part of the provider's key.
    Attempt, u32
);

impl Attempt {
    /// The first attempt.
    pub const FIRST: Self = Self(1);
}

text_id!(
    /// A course of the catalogue.
    CourseId, "course id", 64
);

text_id!(
    /// Who carries a parcel.
    CarrierName, "carrier name", 64
);

text_id!(
    /// Who ordered: the subject of the access token.
    CustomerId, "customer id", 64
);

impl From<Uuid> for CourseId {
    /// The id of a new course: 36 characters of the alphabet of ids.
    fn from(id: Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}

impl From<Uuid> for CustomerId {
    /// The id of a new account: 36 characters of the alphabet of ids.
    fn from(id: Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}

impl CustomerId {
    /// The bearer of an API key: 40 characters of the alphabet of ids, of which an account's id has
    /// no colon.
    pub(crate) fn of_key(id: crate::ApiKeyId) -> Self {
        Self(format!("key:{id}"))
    }

    /// The reader of a group's list, who is nobody: 42 characters of the alphabet of ids.
    pub(crate) fn of_group(id: crate::GroupId) -> Self {
        Self(id.list())
    }
}

text_id!(
    /// A service that is told of profiles.
    DestinationName, "name of a destination", 32
);

number_id!(
    /// Number of the run that is meant to act on an order, from 1.
    Epoch, u32
);

impl Epoch {
    /// The epoch of an order just placed.
    pub const FIRST: Self = Self(1);
}

text_id!(
    /// What kind of thing happens at a tenant.
    MetricType, "event type", 64
);

text_id!(
    /// What a third party calls one piece of its news; a repeat has the same.
    NewsId, "news id", 128
);

/// An order. Derived from tenant, customer and idempotency key; grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub Uuid);

impl OrderId {
    /// Takes a text from outside: a hyphenated UUID in lower case, the one form that we write.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            kind: "order id",
            max: 36,
        };
        let id = Uuid::try_parse(text).map_err(|_| invalid.clone())?;
        if id.hyphenated().to_string() == text {
            Ok(Self(id))
        } else {
            Err(invalid)
        }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

text_id!(
    /// An entry of the catalogue.
    ProductId, "product id", 64
);

impl From<Uuid> for ProductId {
    /// The id of a new product: 36 characters of the alphabet of ids.
    fn from(id: Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}

text_id!(
    /// What a third party calls a thing of its own: a payment intent, a parcel.
    ProviderReference, "provider reference", 128
);

text_id!(
    /// Tells a refund of an order from its others.
    RefundId, "refund id", 64
);

impl RefundId {
    /// The refund of an order that its customer cancelled.
    pub fn of_cancel() -> Self {
        Self("cancel".to_owned())
    }

    /// The refund that somebody asks for under their idempotency key, as a hash of the three.
    pub fn asked(tenant: &TenantId, who: &CustomerId, idempotency_key: &str) -> Self {
        let id = hashed(["refund", tenant.as_str(), who.as_str(), idempotency_key]);
        Self(id.hyphenated().to_string())
    }
}

number_id!(
    /// Place of an event in the life of its aggregate: 1, 2, 3 … without gaps.
    Sequence, u32
);

impl Sequence {
    /// Before the first event.
    pub const NONE: Self = Self(0);
}

impl Default for Sequence {
    fn default() -> Self {
        Self::NONE
    }
}

text_id!(
    /// What is counted in the warehouse.
    Sku, "sku", 64
);

/// An open socket, as the gateway that holds it calls it: base64 of either alphabet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(String);

/// A text that cannot be the id of a socket.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a socket id must be 1 to 128 characters from A-Z a-z 0-9 - _ + / =")]
pub struct InvalidSocketId;

impl SocketId {
    /// Takes a text from outside.
    ///
    /// # Errors
    /// [`InvalidSocketId`] when it is empty, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidSocketId> {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte);
        match (1..=128).contains(&text.len()) && text.bytes().all(is_base64) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidSocketId),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_id!(
    /// Whose shop it is.
    TenantId, "tenant id", 32
);

text_id!(
    /// What a carrier lets the customer follow a parcel by.
    TrackingNumber, "tracking number", 64
);

impl From<&TrackingNumber> for ProviderReference {
    /// Our carrier calls a parcel by its tracking number.
    fn from(number: &TrackingNumber) -> Self {
        Self(number.0.clone())
    }
}

text_id!(
    /// W3C trace context of the request that placed the order.
    Traceparent, "traceparent", 64
);
