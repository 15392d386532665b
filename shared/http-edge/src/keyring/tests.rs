//! Who is let in by a key, and how often anybody is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{CustomerId, Role, TenantId};
use uuid::Uuid;

use super::*;
use crate::token::tests::now;

/// A store of one key that counts.
#[derive(Clone, Default)]
struct Store {
    key: Arc<Mutex<Option<ApiKey>>>,
    asked: Arc<AtomicUsize>,
}

impl LookUpApiKey for Store {
    async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let key = self.key.lock().unwrap().clone();
        Ok(key.filter(|key| key.id == id))
    }
}

impl Store {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn revoke(&self) {
        let mut key = self.key.lock().unwrap();
        assert!(key.as_mut().unwrap().revoke(now()));
    }
}

fn secret(id: u128) -> ApiKeySecret {
    let random = [id, 2, 3].map(Uuid::from_u128);
    ApiKeySecret::new(ApiKeyId(Uuid::from_u128(id)), random)
}

fn with_key() -> (Store, Keyring, String) {
    let secret = secret(7);
    let store = Store::default();
    *store.key.lock().unwrap() = Some(ApiKey {
        id: secret.id(),
        tenant: TenantId::parse("shop").unwrap(),
        name: "warehouse".to_owned(),
        roles: vec![Role::Support],
        hash: secret.hash(),
        created_by: CustomerId::parse("dora").unwrap(),
        created_at: now(),
        revoked_at: None,
        version: 1,
    });
    (store.clone(), Keyring::new(store), secret.text())
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn a_key_lets_in_whom_it_was_made_for() {
    let (store, keyring, text) = with_key();
    let principal = keyring.admit(&text, now()).await.unwrap();
    assert_eq!(principal.kind, PrincipalKind::ApiKey);
    assert_eq!(principal.roles, [Role::Support]);
    assert_eq!(principal.tenant.as_str(), "shop");
    assert_eq!(
        principal.subject.as_str(),
        "key:00000000-0000-0000-0000-000000000007"
    );
    for _ in 0..5 {
        keyring.admit(&text, later(59)).await.unwrap();
    }
    assert_eq!(store.asked(), 1);
}

#[tokio::test]
async fn a_key_that_was_taken_back_is_refused_within_a_minute() {
    let (store, keyring, text) = with_key();
    keyring.admit(&text, now()).await.unwrap();
    store.revoke();
    assert!(keyring.admit(&text, later(59)).await.is_ok());
    let refused = keyring.admit(&text, later(60)).await;
    assert!(matches!(refused, Err(KeyRefusal::Unknown)), "{refused:?}");
    assert_eq!(store.asked(), 2);
    // A clock that was set back makes nothing last longer.
    assert!(keyring.admit(&text, now()).await.is_err());
}

/// F32
#[tokio::test]
async fn what_can_be_no_key_is_refused_without_asking() {
    let (store, keyring, text) = with_key();
    let mut typo = text.clone();
    typo.replace_range(
        10..11,
        if text.get(10..11) == Some("0") {
            "1"
        } else {
            "0"
        },
    );
    for wrong in ["", "cwk_", "cwk_abc", &typo, &text.to_uppercase()] {
        let refused = keyring.admit(wrong, now()).await;
        assert!(matches!(refused, Err(KeyRefusal::Malformed)), "{wrong}");
    }
    assert_eq!(store.asked(), 0);
}

#[tokio::test]
async fn that_there_is_no_key_is_remembered_too() {
    let (store, keyring, _) = with_key();
    for _ in 0..3 {
        let refused = keyring.admit(&secret(8).text(), now()).await;
        assert!(matches!(refused, Err(KeyRefusal::Unknown)), "{refused:?}");
    }
    assert_eq!(store.asked(), 1);
}

#[tokio::test]
async fn the_right_id_with_another_secret_is_refused() {
    let (_, keyring, _) = with_key();
    let random = [9, 9, 9].map(Uuid::from_u128);
    let forged = ApiKeySecret::new(secret(7).id(), random).text();
    let refused = keyring.admit(&forged, now()).await;
    assert!(matches!(refused, Err(KeyRefusal::Unknown)), "{refused:?}");
}

#[tokio::test]
async fn no_more_than_a_thousand_keys_are_remembered() {
    let (store, keyring, _) = with_key();
    for id in 100..100 + 1_500 {
        drop(keyring.admit(&secret(id).text(), now()).await);
    }
    assert_eq!(store.asked(), 1_500);
    assert!(keyring.kept.lock().unwrap().len() <= CAPACITY);
}
