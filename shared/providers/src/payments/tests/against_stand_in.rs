//! The same client against the stand-in of the local stack, which was written without it.

use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, ProviderError, SettlePayment, Settled,
};
use domain::{Attempt, ProviderReference};
use serde_json::json;

use super::{ORDER, request};
use crate::stub::{impatient, stand_ins};
use crate::{Limits, StripePayments};

async fn client() -> (StripePayments, String) {
    let base = stand_ins().await;
    let url = format!("{base}/payments/v1");
    let payments = StripePayments::new(&url, "sk_test", impatient()).unwrap();
    (payments, base)
}

async fn hold(payments: &StripePayments) -> ProviderReference {
    match payments.authorise(&request()).await.unwrap() {
        Authorisation::Held(reference) => reference,
        other => panic!("{other:?}"),
    }
}

async fn fault(base: &str, kind: &str) {
    let sent = reqwest::Client::new()
        .put(format!("{base}/faults/payment.create"))
        .json(&json!({"kind": kind, "times": 1}))
        .send()
        .await
        .unwrap();
    assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
}

#[tokio::test]
async fn authorises_once_however_often_the_attempt_is_sent() {
    let (payments, _) = client().await;
    let first = hold(&payments).await;
    assert_eq!(hold(&payments).await, first);
    let found = payments.look_up(ORDER, Attempt(2)).await.unwrap();
    assert_eq!(found, Some(Authorisation::Held(first)));
    assert_eq!(payments.look_up(ORDER, Attempt(1)).await.unwrap(), None);
}

#[tokio::test]
async fn captures_and_answers_captured_to_whatever_comes_later() {
    let (payments, _) = client().await;
    let reference = hold(&payments).await;
    for _ in 0..2 {
        let answer = payments.capture(ORDER, Attempt(2), &reference).await;
        assert_eq!(answer.unwrap(), Settled::Captured);
    }
    let late = payments.cancel(ORDER, Attempt(2), &reference).await;
    assert_eq!(late.unwrap(), Settled::Captured);
}

#[tokio::test]
async fn cancels_and_answers_closed_to_whatever_comes_later() {
    let (payments, _) = client().await;
    let reference = hold(&payments).await;
    for _ in 0..2 {
        let answer = payments.cancel(ORDER, Attempt(2), &reference).await;
        assert_eq!(answer.unwrap(), Settled::Closed);
    }
    let late = payments.capture(ORDER, Attempt(2), &reference).await;
    assert_eq!(late.unwrap(), Settled::Closed);
    let found = payments.look_up(ORDER, Attempt(2)).await.unwrap();
    assert_eq!(found, Some(Authorisation::Cancelled(reference)));
}

#[tokio::test]
async fn hears_why_a_card_was_declined_and_finds_it_again() {
    let (payments, _) = client().await;
    let declined = AuthorisationRequest {
        payment_method: "pm_card_insufficient".to_owned(),
        ..request()
    };
    let answer = payments.authorise(&declined).await.unwrap();
    let expected = Authorisation::Declined("insufficient_funds".to_owned());
    assert_eq!(answer, expected);
    let found = payments.look_up(ORDER, Attempt(2)).await.unwrap();
    assert_eq!(found, Some(expected));
}

#[tokio::test]
async fn other_terms_under_the_same_key_are_unexpected() {
    let (payments, _) = client().await;
    hold(&payments).await;
    let other = AuthorisationRequest {
        amount: request().amount.times(2).unwrap(),
        ..request()
    };
    let answer = payments.authorise(&other).await.unwrap_err();
    assert!(matches!(answer, ProviderError::Unexpected(_)), "{answer:?}");
}

#[tokio::test]
async fn finds_what_was_applied_without_an_answer() {
    let (payments, base) = client().await;
    fault(&base, "applied_no_answer").await;
    let lost = payments.authorise(&request()).await.unwrap_err();
    assert!(matches!(lost, ProviderError::Unknown(_)), "{lost:?}");
    let found = payments.look_up(ORDER, Attempt(2)).await.unwrap();
    assert_eq!(found, Some(Authorisation::Held(hold(&payments).await)));
}

#[tokio::test]
async fn tells_down_from_unknown() {
    let (payments, base) = client().await;
    for (kind, is_down) in [
        ("down", true),
        ("hang", false),
        ("drop", false),
        ("error500", false),
    ] {
        fault(&base, kind).await;
        let error = payments.authorise(&request()).await.unwrap_err();
        let as_expected = match &error {
            ProviderError::Down(_) => is_down,
            ProviderError::Unknown(_) => !is_down,
            ProviderError::Refused(_) | ProviderError::Unexpected(_) => false,
        };
        assert!(as_expected, "{kind}: {error:?}");
    }
}

#[tokio::test]
async fn needs_a_key() {
    let url = format!("{}/payments/v1", stand_ins().await);
    let payments = StripePayments::new(&url, "", Limits::default()).unwrap();
    let answer = payments.authorise(&request()).await.unwrap_err();
    assert!(matches!(answer, ProviderError::Unexpected(_)), "{answer:?}");
}
