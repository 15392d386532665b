//! Links that are mailed: whose they are, that each is good once, and that asking tells nothing.

use contracts::http::ConfirmReset;
use domain::{AccountEvent, LinkPurpose};

use super::*;

pub(super) fn tokens(digit: &str) -> LinkTokens {
    LinkTokens::new(&digit.repeat(64)).unwrap()
}

#[test]
fn a_link_reads_back_and_no_other_text_does() {
    let tokens = tokens("1");
    let alice = an_account("alice.b").id;
    let token = tokens.make(LinkPurpose::ResetPassword, &alice, 7);
    let read = |token: &str| tokens.read(LinkPurpose::ResetPassword, token);
    assert_eq!(read(&token), Some((alice.clone(), 7)));
    // Not for another purpose, and not by another key.
    assert_eq!(tokens.read(LinkPurpose::VerifyEmail, &token), None);
    let other = super::links::tokens("2");
    assert_eq!(other.read(LinkPurpose::ResetPassword, &token), None);
    let signature = token.rsplit('.').next().unwrap();
    for wrong in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("bob.7.{signature}"),
        format!("alice.b.8.{signature}"),
        format!("alice.b.+7.{}", signature.replace(['0', '1'], "2")),
        format!("alice.b.{signature}"),
        format!("{token}00"),
        "x".repeat(100_000),
    ] {
        assert_eq!(read(&wrong), None, "{wrong}");
    }
}

#[test]
fn a_key_that_is_too_short_is_refused() {
    for key in ["", "00", &"0".repeat(62), &"x".repeat(64), &"0".repeat(65)] {
        assert_eq!(LinkTokens::new(key).unwrap_err(), LinkKeyError, "{key}");
    }
    assert_eq!(format!("{:?}", tokens("1")), "LinkTokens(..)");
}

async fn ask(store: &FakeAccounts, name: &str, second: i64) -> usize {
    let before = store.calls();
    let email = email(&format!("{name}@example.org"));
    let who = (&tenant(), &email);
    let spare = Uuid::from_u128(0x5ba5e);
    request_reset(store, who, spare, at(second)).await.unwrap();
    store.calls() - before
}

async fn confirm(store: &FakeAccounts, number: u32, password: &str) -> Result<(), LinkError> {
    let id = store.accounts().remove(0).id;
    let body = ConfirmReset {
        token: Secret(String::new()),
        new_password: Secret(password.to_owned()),
    };
    let salt = Uuid::from_u128(9);
    let passwords = Counting::default();
    reset_password(store, &passwords, (id, number), (body, salt), at(100)).await
}

/// API2: what asking costs tells nothing about the address, also where none is mailed.
#[tokio::test]
async fn asking_costs_the_same_for_whoever_it_is() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    let mut closed = registered(&store, "bob", 10).await.unwrap();
    closed.deactivate(at(1));
    let closed = store.save_account(closed).await.unwrap();
    let known = ask(&store, "alice", 10).await;
    let alice = store.accounts().remove(0);
    assert_eq!(
        (alice.last, alice.reset.number),
        (AccountEvent::ResetRequested, 1)
    );
    // Too soon, nobody, and somebody who may not sign in.
    let others = [
        ask(&store, "alice", 20).await,
        ask(&store, "nobody", 20).await,
        ask(&store, "bob", 20).await,
    ];
    assert_eq!((known, others), (3, [3, 3, 3]));
    assert_eq!(store.accounts(), [alice, closed]);
}

#[tokio::test]
async fn a_link_sets_a_password_once() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    assert!(matches!(
        confirm(&store, 0, PASSWORD).await,
        Err(LinkError::Refused)
    ));
    ask(&store, "alice", 10).await;
    let short = confirm(&store, 1, "short").await;
    assert!(matches!(short, Err(LinkError::Password(_))), "{short:?}");
    confirm(&store, 1, "another password").await.unwrap();
    let passwords = Counting::default();
    let new = signing_in(&store, &passwords, ("alice", "another password")).await;
    assert_eq!(new.unwrap().account.epoch, 1);
    let again = confirm(&store, 1, "a third password").await;
    assert!(matches!(again, Err(LinkError::Refused)), "{again:?}");
    let old = signing_in(&store, &passwords, ("alice", PASSWORD)).await;
    assert!(matches!(old, Err(SignInError::Refused { .. })), "{old:?}");
}

#[tokio::test]
async fn an_address_is_verified_by_its_link() {
    let store = FakeAccounts::default();
    let alice = registered(&store, "alice", 1).await.unwrap().id;
    let link = |number| (alice.clone(), number);
    let wrong = verify_email(&store, link(2), at(5)).await;
    assert!(matches!(wrong, Err(LinkError::Refused)), "{wrong:?}");
    verify_email(&store, link(1), at(5)).await.unwrap();
    assert!(store.accounts().remove(0).verified);
    let again = verify_email(&store, link(1), at(6)).await;
    assert!(matches!(again, Err(LinkError::Refused)), "{again:?}");
    let nobody = verify_email(&store, (an_account("gone").id, 1), at(6)).await;
    assert!(matches!(nobody, Err(LinkError::Refused)), "{nobody:?}");
}

#[tokio::test]
async fn where_it_is_wanted_nobody_signs_in_with_an_address_that_was_not_verified() {
    let store = FakeAccounts::default();
    let alice = registered(&store, "alice", 1).await.unwrap();
    let try_in = async |password: &str| {
        let who = Credentials {
            tenant: &tenant(),
            email: &alice.email,
            password: &Secret(password.to_owned()),
            verified_only: true,
        };
        sign_in(&store, &Counting::default(), who, Uuid::from_u128(5), at(9)).await
    };
    assert!(matches!(
        try_in("wrong one").await,
        Err(SignInError::Refused { .. })
    ));
    assert!(matches!(
        try_in(PASSWORD).await,
        Err(SignInError::Unverified)
    ));
    assert_eq!(store.sessions(), []);
    verify_email(&store, (alice.id.clone(), 1), at(5))
        .await
        .unwrap();
    assert!(try_in(PASSWORD).await.is_ok());
}
