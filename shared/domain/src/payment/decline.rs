//! What a decline means to whoever pays. Codes of the provider are kept for those who run the shop;
//! what a customer reads is written here, and never the provider's own text.

use super::PaymentRejection;

#[cfg(test)]
mod tests;

/// The provider's code where the holder of the card has to confirm the payment.
pub const ACTION_REQUIRED: &str = "authentication_required";

impl PaymentRejection {
    /// The refusal of an attempt that was declined with this code.
    pub fn of_decline(reason: &str) -> Self {
        match reason {
            ACTION_REQUIRED => Self::ActionRequired,
            _ => Self::Declined {
                reason: reason.to_owned(),
            },
        }
    }
}

/// A decline code (<https://docs.stripe.com/declines/codes>) in plain words. That a card is known
/// as stolen, or the payment as suspect, is not told to whoever holds it.
pub fn decline_in_words(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => "there is not enough money on the card or account",
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
            "the card's limit is used up"
        }
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => "the card has expired",
        "incorrect_cvc" | "invalid_cvc" => "the security code is wrong",
        "incorrect_number" | "invalid_number" | "invalid_account" => {
            "the number of the card or account is wrong"
        }
        "card_not_supported" | "currency_not_supported" | "transaction_not_allowed" => {
            "the card cannot be used for this purchase"
        }
        "issuer_not_available" | "processing_error" | "try_again_later" => {
            "the bank could not be asked; try again later"
        }
        "resource_missing" => "the payment provider does not know this way to pay",
        "amount_too_large" | "amount_too_small" => "the payment provider does not take this sum",
        ACTION_REQUIRED => "the bank wants you to confirm the payment; pay with another card",
        _ => "the bank declined it without a reason; ask the bank, or pay with another card",
    }
}
