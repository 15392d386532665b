//! What other services have of profiles.

use std::future::Future;

use jiff::Timestamp;

use super::{ProviderError, SaveError, StoreError};
use crate::{Account, CustomerId, DestinationName, DestinationState, ProfileCopy, Sequence};

/// Keeps what each service has of each profile.
pub trait KeepCopies {
    /// The copy, consistently; [`ProfileCopy::none`] where there is none.
    fn copy_of(
        &self,
        destination: &DestinationName,
        owner: &CustomerId,
    ) -> impl Future<Output = Result<ProfileCopy, StoreError>> + Send;

    /// Stores it if what is stored is still what it was read from.
    fn save_copy(
        &self,
        copy: ProfileCopy,
    ) -> impl Future<Output = Result<ProfileCopy, SaveError<ProfileCopy>>> + Send;
}

/// Which copies are behind.
pub trait ListCopies {
    /// Up to `limit` profiles that a service is to be told before a time, the longest due first. The
    /// list may lag.
    fn copies_due(
        &self,
        destination: &DestinationName,
        before: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<CustomerId>, StoreError>> + Send;

    /// How many copies of a service are behind, counted up to `most`.
    fn behind(
        &self,
        destination: &DestinationName,
        most: u32,
    ) -> impl Future<Output = Result<u32, StoreError>> + Send;
}

/// Keeps how all services stood when they were last looked at.
pub trait KeepDestinations {
    /// What was last stored; nothing before.
    fn destinations(
        &self,
    ) -> impl Future<Output = Result<Vec<DestinationState>, StoreError>> + Send;

    /// Stores it over what was. Of two at once the last one counts: both are of the same minute.
    fn save_destinations(
        &self,
        states: &[DestinationState],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Tells another service.
pub trait SendProfile {
    /// Tells it the whole profile as of the account's version, or that it was erased. Answers the
    /// version that it has then, which is a newer one where somebody was faster. Repeating it is
    /// safe.
    ///
    /// # Errors
    /// [`ProviderError`]; `Refused` where it does not take this profile.
    fn send_profile(
        &self,
        account: &Account,
    ) -> impl Future<Output = Result<Sequence, ProviderError>> + Send;
}
