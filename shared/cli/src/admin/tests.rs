//! An admin is made once, with a password that no argument shows.

use domain::PasswordHash;
use domain::ports::StoreError;
use testkit::build::at;
use testkit::fakes::FakeAccounts;

use super::*;

/// Keeps nothing of a password.
struct Forgetful;

impl HashPasswords for Forgetful {
    fn hash(&self, _password: &str, _salt: Uuid) -> Result<PasswordHash, StoreError> {
        Ok(PasswordHash("$none".to_owned()))
    }

    fn verify(&self, _kept: &PasswordHash, _password: &str) -> bool {
        false
    }

    fn nobody(&self) -> &PasswordHash {
        unreachable!("nobody signs in")
    }
}

async fn create(store: &FakeAccounts, password: &str) -> Result<Created, AdminError> {
    let create = Create {
        email: "dora@example.org".to_owned(),
        name: "Dora".to_owned(),
    };
    let whom = ("main", Secret(password.to_owned()));
    create.create(store, &Forgetful, whom, at(0)).await
}

#[tokio::test]
async fn an_admin_is_made_once() {
    let store = FakeAccounts::default();
    let created = create(&store, "correct horse battery").await.unwrap();
    assert_eq!(created.roles, ["customer", "admin"]);
    assert_eq!(store.accounts()[0].id.as_str(), created.user_id);
    let again = create(&store, "correct horse battery").await.unwrap_err();
    assert!(matches!(
        again,
        AdminError::Register(RegisterError::EmailTaken)
    ));
}

#[tokio::test]
async fn a_weak_password_is_refused_here_too() {
    let store = FakeAccounts::default();
    let refused = create(&store, "short").await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid(_)), "{refused:?}");
    assert!(!format!("{refused:?}").contains("short"));
    assert_eq!(store.calls(), 0);
}

#[test]
fn the_password_is_the_first_line() {
    for (input, password) in [
        ("a long password\n", "a long password"),
        ("a long password\r\nmore\n", "a long password"),
        (" spaces count ", " spaces count "),
        ("", ""),
    ] {
        assert_eq!(first_line(input.as_bytes()).unwrap().0, password);
    }
}
