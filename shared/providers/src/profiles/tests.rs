//! What goes out to a service that keeps profiles, and what its answers mean.

use domain::ports::{ProviderError, SendProfile};
use domain::{Account, Sequence};
use serde_json::{Value, json};
use testkit::build::an_account;

use super::HttpProfiles;
use crate::Limits;
use crate::stub::{Stub, impatient, nobody, stand_ins};

fn client(url: &str) -> HttpProfiles {
    HttpProfiles::new(url, "secret", impatient()).unwrap()
}

async fn told(
    account: &Account,
    status: u16,
    body: Value,
) -> (Result<Sequence, ProviderError>, Stub) {
    let stub = Stub::json(status, &body).await;
    (client(&stub.url()).send_profile(account).await, stub)
}

#[tokio::test]
async fn the_whole_profile_goes_out_with_its_version() {
    let account = an_account("ada");
    let version = account.sequence();
    let (has, stub) = told(&account, 200, json!({"version": version.0})).await;
    assert_eq!(has, Ok(version));
    let asked = stub.asked();
    assert_eq!(asked[0].method, "PUT");
    assert_eq!(asked[0].uri, format!("/v1/profiles/{}", account.id));
    assert_eq!(asked[0].headers["authorization"], "Bearer secret");
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["version"], version.0);
    assert_eq!(body["profile"]["email"], "ada@example.org");
    assert!(!asked[0].body.contains("password"), "{}", asked[0].body);
}

#[tokio::test]
async fn of_an_erased_account_nothing_goes_out_but_that_it_is() {
    let mut account = an_account("ada");
    account.erase(testkit::build::at(9));
    let (has, stub) = told(&account, 200, json!({"version": account.sequence().0})).await;
    assert_eq!(has, Ok(account.sequence()));
    let body: Value = serde_json::from_str(&stub.asked()[0].body).unwrap();
    assert_eq!(body["profile"], Value::Null);
}

#[tokio::test]
async fn the_same_or_something_newer_there_is_an_answer() {
    let account = an_account("ada");
    let same = account.sequence();
    for version in [same, same.next()] {
        let (has, _) = told(&account, 409, json!({"version": version.0})).await;
        assert_eq!(has, Ok(version));
    }
}

#[tokio::test]
async fn an_older_version_is_no_success() {
    let mut account = an_account("ada");
    account.version = 5;
    for status in [200, 409] {
        let (has, _) = told(&account, status, json!({"version": 4})).await;
        assert!(matches!(has, Err(ProviderError::Refused(_))), "{has:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_only() {
    let account = an_account("ada");
    let body = json!({"error": {"code": "no_name", "message": "ada@example.com has no name"}});
    let (has, _) = told(&account, 422, body).await;
    let Err(ProviderError::Refused(cause)) = has else {
        panic!("refused, not {has:?}");
    };
    assert_eq!(cause.0, "profile put: answered 422 no_name");
}

#[tokio::test]
async fn who_is_not_there_is_down_and_who_is_in_trouble_unknown() {
    let account = an_account("ada");
    let down = client(&nobody().await).send_profile(&account).await;
    assert!(matches!(down, Err(ProviderError::Down(_))), "{down:?}");
    let (trouble, _) = told(&account, 500, json!({})).await;
    assert!(
        matches!(trouble, Err(ProviderError::Unknown(_))),
        "{trouble:?}"
    );
    let (busy, _) = told(&account, 503, json!({})).await;
    assert!(matches!(busy, Err(ProviderError::Down(_))), "{busy:?}");
}

#[test]
fn an_address_that_cannot_be_is_refused() {
    HttpProfiles::new("ftp://crm", "secret", Limits::default()).unwrap_err();
}

#[tokio::test]
async fn the_stand_in_takes_what_is_newer_and_says_what_it_has() {
    let crm = client(&format!("{}/destinations/crm", stand_ins().await));
    let mut ada = an_account("ada");
    ada.version = 1;
    let older = ada.clone();
    assert_eq!(crm.send_profile(&ada).await, Ok(ada.sequence()));
    assert_eq!(crm.send_profile(&ada).await, Ok(ada.sequence()));
    ada.deactivate(testkit::build::at(9));
    ada.version = 2;
    assert_eq!(crm.send_profile(&ada).await, Ok(ada.sequence()));
    assert_eq!(crm.send_profile(&older).await, Ok(ada.sequence()));
}
