//! Refunds: a subset of Stripe's Refunds API (<https://docs.stripe.com/api/refunds>).

use domain::ProviderReference;
use domain::ports::{ProviderError, RefundPayment, RefundRequest};
use http::Method;

use super::answer::refused;
use super::wire::{Failed, Refund, RefundList, RefundStatus};
use super::{KEY_HEADER, StripePayments};
use crate::client::{Reply, word};

const REFUNDS: &str = "refunds";
/// Refunds of one payment that are read: more than an order may have.
const LISTED: &str = "100";

impl RefundPayment for StripePayments {
    async fn refund(&self, request: &RefundRequest) -> Result<ProviderReference, ProviderError> {
        let key = format!("{}:refund:{}", request.order_id, request.refund_id);
        let form = [
            ("payment_intent", request.payment.to_string()),
            ("amount", request.amount.minor().to_string()),
            ("metadata[order_id]", request.order_id.to_string()),
            ("metadata[refund_id]", request.refund_id.to_string()),
        ];
        let call = self.caller.request(Method::POST, &[REFUNDS]);
        let call = call.header(KEY_HEADER, &key).form(&form);
        let reply = self.caller.send("refund create", call).await?;
        match reply.status {
            200..=299 => made(&reply, &reply.json()?, request),
            // More than is left, or a card that takes nothing back: the same request gets the same
            // answer.
            400 | 402 => {
                let failed: Option<Failed> = reply.json_if_any();
                let code = failed.map_or_else(String::new, |it| word(it.error.reason()));
                Err(reply.refused(&code))
            }
            _ => Err(refused(&reply)),
        }
    }

    async fn look_up_refund(
        &self,
        request: &RefundRequest,
    ) -> Result<Option<ProviderReference>, ProviderError> {
        let query = [
            ("payment_intent", request.payment.to_string()),
            ("limit", LISTED.to_owned()),
        ];
        let call = self.caller.read(&[REFUNDS], &query);
        let reply = self.caller.send("refund list", call).await?;
        if !reply.is_success() {
            return Err(refused(&reply));
        }
        let list: RefundList = reply.json()?;
        let ours = |refund: &&Refund| refund.is_of(request) && refund.status.may_be_made();
        let mut found = list.data.iter().filter(ours);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(refund), None) => made(&reply, refund, request).map(Some),
            (Some(_), Some(_)) => Err(reply.unexpected("with two refunds for one")),
        }
    }
}

/// A refund that is pending will be made, or a webhook tells otherwise, which calls a person: nobody
/// else can act then.
fn made(
    reply: &Reply,
    refund: &Refund,
    asked: &RefundRequest,
) -> Result<ProviderReference, ProviderError> {
    let same_money = refund.amount == asked.amount.minor()
        && refund
            .currency
            .eq_ignore_ascii_case(asked.amount.currency().code());
    if !same_money || refund.payment_intent != asked.payment.as_str() {
        return Err(reply.unexpected("with another refund"));
    }
    match refund.status {
        RefundStatus::Succeeded | RefundStatus::Pending => {
            let reference = ProviderReference::parse(&refund.id);
            reference.map_err(|_| reply.unexpected("with an id that cannot be"))
        }
        RefundStatus::Other => Err(reply.refused("the refund failed")),
    }
}
