//! Addresses that are none, and what an account admits.

use jiff::SignedDuration;

use super::*;
use crate::tests::samples::at;

fn account() -> Account {
    let registration = Registration {
        id: CustomerId::parse("alice").unwrap(),
        tenant: TenantId::parse("shop").unwrap(),
        email: Email::parse("Alice@Example.org").unwrap(),
        name: "Alice".to_owned(),
        password: PasswordHash("secret".to_owned()),
        roles: vec![Role::Customer],
    };
    Account::register(registration, at(0))
}

#[test]
fn an_address_is_a_mailbox_and_a_host() {
    let long_host = format!("a@{}.org", "x".repeat(250));
    let long_mailbox = format!("{}@example.org", "x".repeat(65));
    for text in [
        "",
        "alice",
        "@example.org",
        "alice@",
        "alice@localhost",
        "alice@example..org",
        "alice@bob@example.org",
        "alice@example.org,bob@example.org",
        "alice@example.org\nBcc: bob@example.org",
        "\"alice\"@example.org",
        "alice <alice@example.org>",
        "älice@example.org",
        &long_host,
        &long_mailbox,
    ] {
        assert_eq!(Email::parse(text), Err(InvalidEmail), "{text}");
    }
    let email = Email::parse(" Alice+shop@Mail.Example.org ").unwrap();
    assert_eq!(email.as_str(), "Alice+shop@Mail.Example.org");
    assert_eq!(email.folded(), "alice+shop@mail.example.org");
}

#[test]
fn neither_address_nor_password_shows() {
    let text = format!("{:?}", account());
    assert!(!text.contains("xample"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn who_is_active_is_signed_in_by_sessions_that_were_not_ended() {
    let mut account = account();
    assert!(account.admits(0));
    account.end_sessions(at(10));
    assert!(!account.admits(0));
    assert!(account.admits(1) && account.is_active());
    account.state = AccountState::Deactivated;
    assert!(!account.admits(1) && !account.is_active());
}

#[test]
fn a_profile_that_is_the_same_changes_nothing() {
    let mut account = account();
    let same = account.profile.clone();
    assert!(!account.update(same.clone(), at(5)));
    assert_eq!(account.changed_at, at(0));
    let other = Profile {
        name: "Alice Liddell".to_owned(),
        ..same
    };
    assert!(account.update(other, at(6)));
    assert_eq!(account.changed_at, at(6));
}

#[test]
fn what_is_so_already_changes_nothing() {
    let mut account = account();
    account.deactivate(at(1));
    assert_eq!(
        (account.state, account.epoch),
        (AccountState::Deactivated, 1)
    );
    let before = account.clone();
    account.deactivate(at(2));
    assert!(!account.appoint(vec![Role::Customer], at(2)));
    assert_eq!(account, before);
    account.activate(at(3));
    assert_eq!(
        (account.state, account.changed_at),
        (AccountState::Active, at(3))
    );
    assert!(!account.admits(0) && account.admits(1));
    account.activate(at(4));
    assert_eq!(account.changed_at, at(3));
    assert!(account.appoint(vec![Role::Support], at(5)));
    assert_eq!(
        (account.roles, account.changed_at),
        (vec![Role::Support], at(5))
    );
}

#[test]
fn roles_have_names() {
    for role in Role::ALL {
        assert_eq!(Role::from_name(role.name()), Some(role));
    }
    assert_eq!(Role::from_name("Admin"), None);
}

#[test]
fn every_change_says_what_it_was() {
    let mut account = account();
    assert_eq!(account.last, AccountEvent::Registered);
    account.deactivate(at(1));
    assert_eq!(
        (account.last, account.epoch),
        (AccountEvent::Deactivated, 1)
    );
    account.activate(at(2));
    assert_eq!(account.last, AccountEvent::Activated);
    account.change_password(PasswordHash("other".to_owned()), at(3));
    assert_eq!(
        (account.last, account.epoch, account.changed_at),
        (AccountEvent::PasswordChanged, 2, at(3))
    );
    account.version = 7;
    assert_eq!(account.sequence(), Sequence(7));
}

#[test]
fn an_address_is_verified_once_by_the_last_link() {
    let mut account = account();
    let minute = 60;
    assert!(
        !account.request_verification(at(5 * minute - 1)),
        "too soon"
    );
    assert!(account.request_verification(at(5 * minute)));
    assert!(!account.verify_email(1, at(301)), "the one before");
    assert!(!account.verify_email(3, at(301)), "the one after");
    assert!(account.verify_email(2, at(301)));
    assert!(account.verified);
    assert_eq!(account.last, AccountEvent::EmailVerified);
    assert!(!account.verify_email(2, at(302)), "once");
    assert!(
        !account.request_verification(at(4_000)),
        "nothing to verify"
    );
}

#[test]
fn a_link_ends() {
    let hour = 3_600;
    let verified = |second| account().verify_email(1, at(second));
    assert!(verified(72 * hour - 1) && !verified(72 * hour));
    let reset = |second| {
        let mut account = account();
        assert!(account.request_reset(at(0)));
        account.reset_password(1, PasswordHash("other".to_owned()), at(second))
    };
    assert!(reset(hour - 1) && !reset(hour));
}

#[test]
fn a_reset_sets_the_password_once_and_ends_all_sessions() {
    let mut account = account();
    let other = || PasswordHash("other".to_owned());
    assert!(
        !account.reset_password(0, other(), at(1)),
        "none was asked for"
    );
    assert!(account.request_reset(at(1)));
    assert!(!account.request_reset(at(2)), "nobody's mailbox is filled");
    assert!(!account.reset_password(2, other(), at(3)));
    assert_eq!(account.password, PasswordHash("secret".to_owned()));
    assert!(account.reset_password(1, other(), at(4)));
    assert_eq!((&account.password, account.epoch), (&other(), 1));
    assert_eq!(account.last, AccountEvent::PasswordChanged);
    assert!(account.verified, "who has the link reads the mails");
    assert!(!account.reset_password(1, other(), at(5)), "once");
}

#[test]
fn a_new_password_ends_links_that_were_mailed_before() {
    let mut account = account();
    assert!(account.request_reset(at(1)));
    account.change_password(PasswordHash("mine".to_owned()), at(2));
    assert!(!account.reset_password(1, PasswordHash("theirs".to_owned()), at(3)));
}

#[test]
fn a_new_address_is_nobodys_yet_and_what_went_to_the_old_one_opens_nothing() {
    let mut account = account();
    assert!(account.verify_email(1, at(1)) && account.request_reset(at(2)));
    let bob = Email::parse("bob@example.org").unwrap();
    assert_eq!(account.change_email(bob.clone(), at(3)), Ok(true));
    assert_eq!((&account.email, account.verified), (&bob, false));
    assert_eq!(
        (account.last, account.epoch, account.changed_at),
        (AccountEvent::EmailChanged, 1, at(3))
    );
    assert_eq!(account.last.mails(), Some(LinkPurpose::VerifyEmail));
    let theirs = PasswordHash("theirs".to_owned());
    assert!(!account.reset_password(1, theirs, at(4)));
    assert!(account.request_reset(at(4)), "at the new one");
    assert!(account.verify_email(2, at(5)));
}

#[test]
fn a_link_to_the_old_address_does_not_verify_the_new_one() {
    let mut account = account();
    let bob = Email::parse("bob@example.org").unwrap();
    assert_eq!(account.change_email(bob, at(1)), Ok(true));
    assert!(!account.verify_email(1, at(2)));
    assert!(account.verify_email(2, at(2)));
}

#[test]
fn an_address_that_is_the_same_changes_nothing() {
    let mut account = account();
    let before = account.clone();
    for text in ["Alice@Example.org", " alice@example.ORG"] {
        let same = Email::parse(text).unwrap();
        assert_eq!(account.change_email(same, at(1)), Ok(false), "{text}");
    }
    assert_eq!(account, before);
}

#[test]
fn who_moves_to_and_fro_fills_nobodys_mailbox() {
    let mut account = account();
    let [bob, carol] = ["bob@example.org", "carol@example.org"].map(|it| Email::parse(it).unwrap());
    assert_eq!(account.change_email(bob, at(1)), Ok(true), "a slip");
    let before = account.clone();
    let wait = SignedDuration::from_secs(1);
    let soon = account.change_email(carol.clone(), at(300));
    assert_eq!(soon, Err(LinkTooSoon { wait }));
    assert_eq!(account, before);
    assert_eq!(account.change_email(carol, at(301)), Ok(true));
    assert_eq!(
        account.verification,
        Link {
            number: 3,
            made_at: Some(at(301))
        }
    );
}

#[test]
fn links_open_nothing_that_was_deactivated() {
    let mut account = account();
    assert!(account.request_reset(at(1)));
    account.deactivate(at(2));
    assert!(!account.reset_password(1, PasswordHash("other".to_owned()), at(3)));
    assert!(!account.verify_email(1, at(3)));
    assert!(!account.request_reset(at(4_000)) && !account.request_verification(at(4_000)));
}

#[test]
fn an_erased_account_says_nothing_of_its_owner_and_opens_nothing() {
    let mut account = account();
    account.profile.phone = Some("+441632960001".to_owned());
    assert!(account.request_reset(at(1)));
    let freed = account.erase(at(2)).unwrap();
    assert_eq!(freed.as_str(), "Alice@Example.org");
    assert!(account.is_erased() && !account.is_active() && account.epoch == 1);
    assert_eq!(
        (account.last, account.changed_at),
        (AccountEvent::Erased, at(2))
    );
    assert_eq!(account.email.as_str(), "erased@erased.invalid");
    assert_eq!(
        Email::parse(account.email.as_str()),
        Ok(account.email.clone())
    );
    assert_eq!(
        (&*account.profile.name, &account.profile.phone),
        ("", &None)
    );
    assert_eq!((account.password.0.as_str(), account.roles.len()), ("", 0));
    assert!(!account.verify_email(1, at(3)));
    assert!(!account.reset_password(1, PasswordHash("other".to_owned()), at(3)));
    let erased = account.clone();
    assert_eq!(account.erase(at(4)), None);
    account.activate(at(5));
    account.deactivate(at(5));
    assert_eq!(account, erased, "for good");
}
