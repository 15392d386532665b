//! Registering and signing in against accounts in memory, with hashes that are counted.

mod links;
mod phone_codes;
mod schedules;
mod unsubscribe;

use std::cell::Cell;

use contracts::http::{ParsedRegistration, Secret};
use domain::ports::{KeepAccounts, KeepSessions, RegisterError, StoreError};
use domain::{
    Account, AccountState, Generation, PasswordHash, Role, Session, SessionEnd, SessionId,
    SessionLimits, SessionRejection, TenantId,
};
use testkit::build::{an_account, at, email, tenant};
use testkit::fakes::FakeAccounts;
use uuid::Uuid;

use super::*;

const PASSWORD: &str = "correct horse battery";

/// Keeps passwords as they are, and counts.
#[derive(Debug)]
struct Counting {
    hashes: Cell<usize>,
    nobody: PasswordHash,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            hashes: Cell::default(),
            nobody: PasswordHash("of nobody".to_owned()),
        }
    }
}

impl Counting {
    fn count(&self) {
        self.hashes.set(self.hashes.get() + 1);
    }
}

impl HashPasswords for Counting {
    fn hash(&self, password: &str, _salt: Uuid) -> Result<PasswordHash, StoreError> {
        self.count();
        Ok(PasswordHash(format!("kept {password}")))
    }

    fn verify(&self, kept: &PasswordHash, password: &str) -> bool {
        self.count();
        kept.0 == format!("kept {password}")
    }

    fn nobody(&self) -> &PasswordHash {
        &self.nobody
    }
}

async fn registered(store: &FakeAccounts, name: &str, id: u128) -> Result<Account, RegisterError> {
    let asked = ParsedRegistration {
        email: email(&format!("{name}@example.org")),
        password: Secret(PASSWORD.to_owned()),
        name: name.to_owned(),
    };
    let who = (tenant(), asked, vec![Role::Customer]);
    let ids = Cell::new(id);
    let new_id = || {
        ids.set(ids.get() + 1);
        Uuid::from_u128(ids.get())
    };
    register(store, &Counting::default(), who, new_id, at(0)).await
}

async fn signing_in(
    store: &FakeAccounts,
    passwords: &Counting,
    (name, password): (&str, &str),
) -> Result<SignedIn, SignInError> {
    let (tenant, email) = (tenant(), email(&format!("{name}@example.org")));
    let password = &Secret(password.to_owned());
    let who = Credentials {
        tenant: &tenant,
        email: &email,
        password,
        verified_only: false,
    };
    sign_in(store, passwords, who, Uuid::from_u128(0x5e55), at(10)).await
}

#[tokio::test]
async fn who_registers_can_sign_in() {
    let store = FakeAccounts::default();
    let alice = registered(&store, "alice", 1).await.unwrap();
    assert_eq!(alice.roles, [Role::Customer]);
    let signed_in = signing_in(&store, &Counting::default(), ("ALICE", PASSWORD)).await;
    let signed_in = signed_in.unwrap();
    assert_eq!(signed_in.account, alice);
    assert_eq!(store.sessions(), [signed_in.session]);
}

#[tokio::test]
async fn an_address_is_registered_once() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    let again = registered(&store, "Alice", 100).await;
    assert_eq!(again.unwrap_err(), RegisterError::EmailTaken);
    assert_eq!(store.accounts().len(), 1);
}

/// API2: what an attempt costs, and so how long it takes, tells nothing about the address.
#[tokio::test]
async fn an_unknown_address_costs_as_many_hashes_and_reads_as_a_wrong_password() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    let mut costs = Vec::new();
    for name in ["alice", "nobody"] {
        let (passwords, before) = (Counting::default(), store.calls());
        let refused = signing_in(&store, &passwords, (name, "wrong horse battery")).await;
        assert!(
            matches!(refused, Err(SignInError::Refused { .. })),
            "{refused:?}"
        );
        costs.push((passwords.hashes.get(), store.calls() - before));
    }
    assert_eq!(costs, [(1, 2), (1, 2)]);
}

#[tokio::test]
async fn a_deactivated_account_is_refused_as_a_wrong_password_is() {
    let store = FakeAccounts::default();
    let mut alice = registered(&store, "alice", 1).await.unwrap();
    alice.state = AccountState::Deactivated;
    store.save_account(alice).await.unwrap();
    let passwords = Counting::default();
    let refused = signing_in(&store, &passwords, ("alice", PASSWORD)).await;
    assert!(
        matches!(refused, Err(SignInError::Refused { .. })),
        "{refused:?}"
    );
    assert_eq!(passwords.hashes.get(), 1);
    assert_eq!(store.sessions(), []);
}

#[tokio::test]
async fn an_account_of_another_shop_is_unknown_here() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    let who = Credentials {
        tenant: &elsewhere,
        email: &email("alice@example.org"),
        password: &Secret(PASSWORD.to_owned()),
        verified_only: false,
    };
    assert!(!format!("{who:?}").contains("horse"));
    let passwords = Counting::default();
    let refused = sign_in(&store, &passwords, who, Uuid::from_u128(1), at(10)).await;
    assert!(
        matches!(refused, Err(SignInError::Refused { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_store_that_is_down_refuses_nobody() {
    let store = FakeAccounts::default();
    registered(&store, "alice", 1).await.unwrap();
    store.fail(true);
    let tried = signing_in(&store, &Counting::default(), ("alice", PASSWORD)).await;
    assert!(matches!(tried, Err(SignInError::Store(_))), "{tried:?}");
}

async fn signed_in(store: &FakeAccounts) -> Session {
    registered(store, "alice", 1).await.unwrap();
    let signed_in = signing_in(store, &Counting::default(), ("alice", PASSWORD)).await;
    signed_in.unwrap().session
}

async fn refreshing(
    store: &FakeAccounts,
    (id, token): (SessionId, u32),
    second: i64,
) -> Result<Generation, RefreshError> {
    let limits = SessionLimits::default();
    let refreshed = refresh(store, (id, Generation(token)), &limits, at(second)).await;
    refreshed.map(|refreshed| refreshed.live)
}

fn why<T: std::fmt::Debug>(refused: Result<T, RefreshError>) -> SessionRejection {
    match refused {
        Err(RefreshError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_goes_on_token_by_token() {
    let store = FakeAccounts::default();
    let id = signed_in(&store).await.id;
    for token in 1..=3 {
        let second = i64::from(token) * 600;
        let live = refreshing(&store, (id, token), second).await.unwrap();
        assert_eq!(live, Generation(token + 1));
    }
}

/// F31: both tabs live on one successor; who comes with the old token later is a thief.
#[tokio::test]
async fn two_tabs_get_one_successor_and_a_thief_ends_the_session() {
    let store = FakeAccounts::default();
    let id = signed_in(&store).await.id;
    let one = refreshing(&store, (id, 1), 600).await.unwrap();
    let other = refreshing(&store, (id, 1), 620).await.unwrap();
    assert_eq!((one, other), (Generation(2), Generation(2)));
    let thief = refreshing(&store, (id, 1), 700).await;
    assert_eq!(why(thief), SessionRejection::Reused);
    let owner = refreshing(&store, (id, 2), 701).await;
    assert_eq!(why(owner), SessionRejection::Ended);
    assert_eq!(store.sessions()[0].ended, Some(SessionEnd::Reused));
}

#[tokio::test]
async fn a_session_that_nobody_began_does_not_go_on() {
    let store = FakeAccounts::default();
    let stranger = (SessionId(Uuid::from_u128(404)), 1);
    let refused = refreshing(&store, stranger, 1).await;
    assert_eq!(why(refused), SessionRejection::Unknown);
}

#[tokio::test]
async fn ending_all_sessions_ends_those_that_began_before() {
    let store = FakeAccounts::default();
    let session = signed_in(&store).await;
    let mut alice = store.accounts().remove(0);
    alice.end_sessions(at(11));
    store.save_account(alice).await.unwrap();
    let refused = refreshing(&store, (session.id, 1), 600).await;
    assert_eq!(why(refused), SessionRejection::Ended);
    assert_eq!(store.sessions(), [session]);
}

#[tokio::test]
async fn who_signed_out_does_not_go_on() {
    let store = FakeAccounts::default();
    let session = signed_in(&store).await;
    sign_out(&store, session.id, at(30)).await.unwrap();
    let refused = refreshing(&store, (session.id, 1), 60).await;
    assert_eq!(why(refused), SessionRejection::Ended);
    sign_out(&store, session.id, at(30)).await.unwrap();
    sign_out(&store, SessionId(Uuid::from_u128(404)), at(30))
        .await
        .unwrap();
    assert_eq!(store.sessions()[0].ended, Some(SessionEnd::SignedOut));
}

#[tokio::test]
async fn a_refresh_that_could_not_be_stored_gives_no_token() {
    let store = FakeAccounts::default();
    let id = signed_in(&store).await.id;
    store.fail(true);
    let failed = refreshing(&store, (id, 1), 60).await;
    assert!(matches!(failed, Err(RefreshError::Store(_))), "{failed:?}");
    store.fail(false);
    assert_eq!(
        refreshing(&store, (id, 1), 61).await.unwrap(),
        Generation(2)
    );
}

#[tokio::test]
async fn an_unknown_account_ends_its_session() {
    let store = FakeAccounts::default();
    let id = SessionId(Uuid::from_u128(3));
    let session = Session::begin(id, &an_account("gone"), &SessionLimits::default(), at(0));
    store.save_session(session).await.unwrap();
    let refused = refreshing(&store, (id, 1), 1).await;
    assert_eq!(why(refused), SessionRejection::Ended);
}
