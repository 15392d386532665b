//! The payment provider: a subset of Stripe's PaymentIntents API
//! (<https://docs.stripe.com/api/payment_intents>). Listing by metadata is the local stand-in's;
//! at Stripe it is the search API.

mod answer;
mod news;
mod refund;
mod wire;

use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, ProviderError, SettlePayment, Settled,
};
use domain::{Attempt, OrderId, ProviderReference};
use http::{HeaderName, Method};

pub use self::news::{PAYMENT_SIGNATURE, payment_news};

use self::answer::{authorisation, check_terms, refused, settled};
use self::wire::{Failed, Intent, IntentList};
use crate::client::{Call, Caller, ClientError, Limits, Reply, word};

#[cfg(test)]
mod tests;

const INTENTS: &str = "payment_intents";
/// Says that every repeat of a request is the same request.
const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Holds and settles money at a payment provider that speaks Stripe's PaymentIntents.
#[derive(Clone, Debug)]
pub struct StripePayments {
    caller: Caller,
}

impl StripePayments {
    /// A client for the API below `base_url`, such as `https://api.stripe.com/v1`, with a secret
    /// key. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] for an address or a key that cannot be.
    pub fn new(base_url: &str, key: &str, limits: Limits) -> Result<Self, ClientError> {
        let caller = Caller::new(base_url, key, limits)?;
        Ok(Self { caller })
    }

    fn post(&self, path: &[&str], key: String) -> Call {
        self.caller
            .request(Method::POST, path)
            .header(KEY_HEADER, &key)
    }

    async fn settle(
        &self,
        operation: Operation,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let path = [INTENTS, reference.as_str(), operation.name()];
        let key = key(order_id, operation.name(), attempt);
        let reply = self
            .caller
            .send(operation.call(), self.post(&path, key))
            .await?;
        match reply.status {
            200..=299 => settled(&reply, &reply.json()?, reference),
            // Refused because of the state that the payment is in: that state is the answer.
            402 if operation == Operation::Capture && still_held(&reply, reference) => {
                Err(reply.refused("and the amount is still held"))
            }
            400 | 402 => self.settled_before(&reply, reference).await,
            _ => Err(refused(&reply)),
        }
    }

    async fn settled_before(
        &self,
        reply: &Reply,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let failed: Failed = reply.json()?;
        match failed.error.payment_intent.as_deref() {
            Some(intent) if intent.status.is_final() => settled(reply, intent, reference),
            None if failed.error.is_about_state() => {
                let (reply, intent) = self.retrieve(reference).await?;
                settled(&reply, &intent, reference)
            }
            _ => Err(refused(reply)),
        }
    }

    async fn retrieve(
        &self,
        reference: &ProviderReference,
    ) -> Result<(Reply, Intent), ProviderError> {
        let request = self.caller.read(&[INTENTS, reference.as_str()], &[]);
        let reply = self.caller.send("payment retrieve", request).await?;
        if reply.is_success() {
            let intent = reply.json()?;
            Ok((reply, intent))
        } else {
            Err(refused(&reply))
        }
    }
}

/// A refusal for good of what was asked, that leaves the payment as it was.
fn still_held(reply: &Reply, reference: &ProviderReference) -> bool {
    let failed: Option<Failed> = reply.json_if_any();
    let intent = failed.and_then(|failed| failed.error.payment_intent);
    intent.is_some_and(|intent| intent.id == reference.as_str() && intent.status.is_held())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Capture,
    Cancel,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Cancel => "cancel",
        }
    }

    const fn call(self) -> &'static str {
        match self {
            Self::Capture => "payment capture",
            Self::Cancel => "payment cancel",
        }
    }
}

impl AuthorisePayment for StripePayments {
    async fn authorise(
        &self,
        request: &AuthorisationRequest,
    ) -> Result<Authorisation, ProviderError> {
        let key = key(request.order_id, "authorise", request.attempt);
        let form = create_form(request);
        let sent = self.post(&[INTENTS], key).form(&form);
        let reply = self.caller.send("payment create", sent).await?;
        match reply.status {
            200..=299 => {
                let intent: Intent = reply.json()?;
                check_terms(&reply, &intent, request)?;
                authorisation(&reply, &intent)
            }
            402 => {
                let failed: Failed = reply.json()?;
                Ok(Authorisation::Declined(word(failed.error.reason())))
            }
            // An unknown payment method, an amount out of bounds: the same request gets the same
            // answer, and nothing is held.
            400 | 404 | 422 => match reply.json_if_any::<Failed>() {
                Some(failed) if failed.error.is_about_the_request() => {
                    Ok(Authorisation::Declined(word(failed.error.reason())))
                }
                _ => Err(refused(&reply)),
            },
            _ => Err(refused(&reply)),
        }
    }

    async fn look_up(
        &self,
        order_id: OrderId,
        attempt: Attempt,
    ) -> Result<Option<Authorisation>, ProviderError> {
        let query = [
            ("metadata[order_id]", order_id.to_string()),
            ("metadata[attempt]", attempt.to_string()),
        ];
        let request = self.caller.read(&[INTENTS], &query);
        let reply = self.caller.send("payment list", request).await?;
        if !reply.is_success() {
            return Err(refused(&reply));
        }
        let list: IntentList = reply.json()?;
        let mut found = list
            .data
            .iter()
            .filter(|intent| intent.is_of(order_id, attempt));
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(intent), None) => authorisation(&reply, intent).map(Some),
            // One attempt has one key: two payments are a double charge in the making.
            (Some(_), Some(_)) => Err(reply.unexpected("with two payments for one attempt")),
        }
    }
}

impl SettlePayment for StripePayments {
    async fn outcome(
        &self,
        reference: &ProviderReference,
    ) -> Result<Option<Settled>, ProviderError> {
        let (reply, intent) = self.retrieve(reference).await?;
        if intent.status.is_final() {
            settled(&reply, &intent, reference).map(Some)
        } else {
            Ok(None)
        }
    }

    async fn capture(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        self.settle(Operation::Capture, order_id, attempt, reference)
            .await
    }

    async fn cancel(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        self.settle(Operation::Cancel, order_id, attempt, reference)
            .await
    }
}

fn key(order_id: OrderId, operation: &str, attempt: Attempt) -> String {
    format!("{order_id}:{operation}:{attempt}")
}

fn create_form(request: &AuthorisationRequest) -> [(&'static str, String); 8] {
    let currency = request.amount.currency().code().to_ascii_lowercase();
    [
        ("amount", request.amount.minor().to_string()),
        ("currency", currency),
        ("payment_method", request.payment_method.clone()),
        ("capture_method", "manual".to_owned()),
        ("confirm", "true".to_owned()),
        // The customer is not there to act: a card that asks for it is declined.
        ("error_on_requires_action", "true".to_owned()),
        ("metadata[order_id]", request.order_id.to_string()),
        ("metadata[attempt]", request.attempt.to_string()),
    ]
}
