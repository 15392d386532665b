//! What an answer of the provider means. It is believed only where it is about what was asked.

use domain::ProviderReference;
use domain::ports::{Authorisation, AuthorisationRequest, ProviderError, Settled};

use super::wire::{Failed, Intent, Status};
use crate::client::{Reply, word};

/// A provider that answers for another sum or another order must not be believed.
pub(super) fn check_terms(
    reply: &Reply,
    intent: &Intent,
    asked: &AuthorisationRequest,
) -> Result<(), ProviderError> {
    let money = asked.amount;
    let same_money = intent.amount == money.minor()
        && intent
            .currency
            .eq_ignore_ascii_case(money.currency().code());
    if !same_money {
        return Err(reply.unexpected("with another amount or currency"));
    }
    if !intent.is_of(asked.order_id, asked.attempt) {
        return Err(reply.unexpected("with the payment of another attempt"));
    }
    Ok(())
}

pub(super) fn authorisation(
    reply: &Reply,
    intent: &Intent,
) -> Result<Authorisation, ProviderError> {
    let reference = || {
        ProviderReference::parse(&intent.id)
            .map_err(|_| reply.unexpected("with an id that cannot be"))
    };
    match &intent.status {
        Status::RequiresCapture => Ok(Authorisation::Held(reference()?)),
        Status::Succeeded => {
            check_captured(reply, intent)?;
            Ok(Authorisation::Captured(reference()?))
        }
        Status::Canceled => Ok(Authorisation::Cancelled(reference()?)),
        Status::RequiresPaymentMethod => Ok(Authorisation::Declined(word(intent.reason()))),
        Status::Processing => Err(reply.unknown("that it is still being processed")),
        Status::Other => Ok(Authorisation::Unfinished(reference()?)),
    }
}

pub(super) fn settled(
    reply: &Reply,
    intent: &Intent,
    reference: &ProviderReference,
) -> Result<Settled, ProviderError> {
    if intent.id != reference.as_str() {
        return Err(reply.unexpected("with another payment"));
    }
    match intent.status {
        Status::Succeeded => {
            check_captured(reply, intent)?;
            Ok(Settled::Captured)
        }
        Status::Canceled => Ok(Settled::Closed),
        Status::Processing => Err(reply.unknown("that it is still being processed")),
        _ => Err(reply.unexpected("with a payment that is neither captured nor closed")),
    }
}

/// We capture the whole amount or nothing.
fn check_captured(reply: &Reply, intent: &Intent) -> Result<(), ProviderError> {
    if intent.amount_received == intent.amount {
        Ok(())
    } else {
        Err(reply.unexpected("with a part of the amount captured"))
    }
}

pub(super) fn refused(reply: &Reply) -> ProviderError {
    let failed: Option<Failed> = reply.json_if_any();
    let code = failed.map_or_else(String::new, |failed| word(failed.error.reason()));
    match reply.status {
        // Somebody is in the middle of the same request.
        409 => reply.unknown(&code),
        _ => reply.unexpected(&code),
    }
}
