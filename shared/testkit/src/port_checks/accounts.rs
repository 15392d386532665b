//! Checks of [`KeepAccounts`], [`KeepSessions`] and [`KeepApiKeys`].

use domain::ports::{
    KeepAccounts, KeepApiKeys, KeepSessions, ListAccounts, MoveAccountError, RegisterError,
    SaveError,
};
use domain::{
    Account, AccountEvent, AccountState, AskedCode, AskedOften, CustomerId, Generation, Link,
    PasswordHash, PhoneProof, PhoneState, Preferences, Profile, Role, Session, SessionEnd,
    SessionId, SessionLimits, TenantId,
};
use uuid::Uuid;

use crate::build::{address, an_account, an_api_key, at, customer, email, tenant};
use crate::{must, must_fail, must_have};

/// Nobody is known at first.
pub async fn knows_nobody_at_first(store: &(impl KeepAccounts + KeepSessions)) {
    assert_eq!(must(store.account(&customer("alice")).await), None);
    let owner = must(store.owner_of(&tenant(), &email("alice@example.org")).await);
    assert_eq!(owner, None);
    assert_eq!(must(store.session(SessionId(Uuid::nil())).await), None);
}

/// A new account is found by its id and by its address, however that is written.
pub async fn finds_an_account_by_id_and_address(store: &impl KeepAccounts) {
    let alice = must(store.register(an_account("alice")).await);
    assert_eq!(alice.version, 1);
    let found = must(store.account(&alice.id).await);
    assert_eq!(found.as_ref(), Some(&alice));
    let shouted = email("ALICE@Example.ORG");
    let owner = must(store.owner_of(&tenant(), &shouted).await);
    assert_eq!(owner, Some(alice.id));
}

/// One shop has one account for an address; another shop may have another.
pub async fn gives_an_address_to_one_account(store: &impl KeepAccounts) {
    must(store.register(an_account("alice")).await);
    let twin = Account {
        id: customer("twin"),
        email: email("Alice@example.org"),
        ..an_account("alice")
    };
    let refused = must_fail(store.register(twin.clone()).await);
    assert_eq!(refused, RegisterError::EmailTaken);
    assert_eq!(must(store.account(&twin.id).await), None);
    let elsewhere = Account {
        tenant: must(TenantId::parse("elsewhere")),
        ..twin
    };
    must(store.register(elsewhere).await);
}

/// Everything that an account can hold is read back.
pub async fn reads_back_a_whole_account(store: &impl KeepAccounts) {
    let mut account = must(store.register(an_account("alice")).await);
    account.profile = Profile {
        name: "Alice Liddell".to_owned(),
        phone: Some("+441632960001".to_owned()),
        address: Some(address()),
        preferences: Preferences {
            email: false,
            sms: true,
        },
    };
    account.roles = vec![Role::Customer, Role::Support, Role::Admin];
    account.password = PasswordHash("$another".to_owned());
    account.state = AccountState::Deactivated;
    account.epoch = 3;
    account.verified = true;
    account.verification.made_at = None;
    account.reset = Link::first(at(4));
    account.phone = a_proof(PhoneState::Confirmed);
    account.changed_at = at(4);
    account.last = AccountEvent::ResetRequested;
    let saved = must(store.save_account(account.clone()).await);
    account.version += 1;
    assert_eq!(saved, account);
    assert_eq!(
        must(store.account(&account.id).await),
        Some(account.clone())
    );
    let asked = AskedCode {
        number: 3,
        at: at(3),
        tries: 4,
        last_try: Some(Uuid::from_u128(9)),
    };
    account.phone = a_proof(PhoneState::Asked(asked));
    let saved = must(store.save_account(account).await);
    assert_eq!(must(store.account(&saved.id).await), Some(saved));
}

fn a_proof(state: PhoneState) -> PhoneProof {
    let often = AskedOften {
        first: at(1),
        last: at(3),
        count: 2,
    };
    PhoneProof {
        state,
        often: Some(often),
    }
}

/// Of two wrong codes of the same moment one is stored, and the other hears that it was not.
pub async fn counts_two_wrong_codes_of_the_same_moment(store: &impl KeepAccounts) {
    let mut account = must(store.register(an_account("alice")).await);
    account.profile.phone = Some("+441632960001".to_owned());
    assert_eq!(account.ask_phone_code(at(1)), Ok(true));
    let account = must(store.save_account(account).await);
    let wrong = |id| {
        let mut account = account.clone();
        must_fail(account.confirm_phone(|_, _| false, (Uuid::from_u128(id), at(2))));
        account
    };
    must(store.save_account(wrong(1)).await);
    let refused = must_fail(store.save_account(wrong(2)).await);
    assert!(matches!(refused, SaveError::Conflict(_)), "{refused:?}");
}

/// The address of an erased account is free, for whoever comes; nobody erases from what was before.
pub async fn frees_the_address_of_an_erased_account(store: &impl KeepAccounts) {
    let before = must(store.register(an_account("alice")).await);
    let mut erased = before.clone();
    let freed = must_have(erased.erase(at(5)));
    let saved = must(store.save_erased(erased.clone(), &freed).await);
    erased.version += 1;
    assert_eq!(saved, erased);
    assert_eq!(must(store.account(&before.id).await), Some(erased.clone()));
    assert_eq!(must(store.owner_of(&tenant(), &before.email).await), None);
    let next = Account {
        id: customer("next"),
        ..an_account("alice")
    };
    let next = must(store.register(next).await);
    let mut stale = before;
    let freed = must_have(stale.erase(at(6)));
    let refused = must_fail(store.save_erased(stale, &freed).await);
    assert!(matches!(refused, SaveError::Conflict(_)), "{refused:?}");
    let owner = must(store.owner_of(&tenant(), &next.email).await);
    assert_eq!(owner, Some(next.id));
    assert_eq!(must(store.account(&erased.id).await), Some(erased));
}

/// As its owner moves it, who has used the last link.
fn moved(before: &Account, to: &str) -> Account {
    let mut moved = before.clone();
    moved.verification.made_at = None;
    assert_eq!(moved.change_email(email(to), at(5)), Ok(true));
    moved
}

async fn owner(store: &impl KeepAccounts, address: &str) -> Option<CustomerId> {
    must(store.owner_of(&tenant(), &email(address)).await)
}

/// An account moves to another address, and the old one is free for whoever comes.
pub async fn moves_an_account_and_frees_its_old_address(store: &impl KeepAccounts) {
    let before = must(store.register(an_account("alice")).await);
    let mut moved = moved(&before, "Liddell@example.org");
    let saved = must(store.save_moved(moved.clone(), &before.email).await);
    moved.version += 1;
    assert_eq!(saved, moved);
    assert_eq!(must(store.account(&before.id).await), Some(moved));
    let there = owner(store, "liddell@EXAMPLE.org").await;
    assert_eq!(there.as_ref(), Some(&before.id));
    assert_eq!(owner(store, "alice@example.org").await, None);
    let next = Account {
        id: customer("next"),
        ..an_account("alice")
    };
    let next = must(store.register(next).await);
    assert_eq!(owner(store, "alice@example.org").await, Some(next.id));
    // It goes back nowhere while somebody else is there.
    let back = store.save_moved(self::moved(&saved, "alice@example.org"), &saved.email);
    assert_eq!(must_fail(back.await), MoveAccountError::EmailTaken);
}

/// Nobody moves to an address that another account has; both stay where they are.
pub async fn refuses_to_move_to_a_taken_address(store: &impl KeepAccounts) {
    let alice = must(store.register(an_account("alice")).await);
    let bob = must(store.register(an_account("bob")).await);
    let refused = store.save_moved(moved(&bob, "Alice@example.org"), &bob.email);
    assert_eq!(must_fail(refused.await), MoveAccountError::EmailTaken);
    assert_eq!(must(store.account(&bob.id).await), Some(bob.clone()));
    assert_eq!(owner(store, "bob@example.org").await, Some(bob.id));
    assert_eq!(owner(store, "alice@example.org").await, Some(alice.id));
}

/// Nobody moves an account from what was before: neither address changes hands.
pub async fn refuses_to_move_a_stale_account(store: &impl KeepAccounts) {
    let read = must(store.register(an_account("alice")).await);
    let mut first = read.clone();
    first.end_sessions(at(4));
    let first = must(store.save_account(first).await);
    let refused = store.save_moved(moved(&read, "liddell@example.org"), &read.email);
    let MoveAccountError::Save(SaveError::Conflict(stored)) = must_fail(refused.await) else {
        panic!("a stale account was moved");
    };
    assert_eq!(*must_have(stored), first);
    assert_eq!(owner(store, "liddell@example.org").await, None);
    assert_eq!(owner(store, "alice@example.org").await, Some(read.id));
}

/// A move whose answer was lost and that is sent again is no conflict with itself, and takes its own
/// address from nobody.
pub async fn knows_its_own_move_again(store: &impl KeepAccounts) {
    let before = must(store.register(an_account("alice")).await);
    let moved = moved(&before, "liddell@example.org");
    let saved = must(store.save_moved(moved.clone(), &before.email).await);
    let again = store.save_moved(moved, &before.email).await;
    assert_eq!(must(again), saved);
    assert_eq!(owner(store, "liddell@example.org").await, Some(before.id));
}

/// Of two that move to one address at once, one does, and the other stays where it was.
pub async fn lets_one_of_two_move_to_an_address(store: &impl KeepAccounts) {
    let alice = must(store.register(an_account("alice")).await);
    let bob = must(store.register(an_account("bob")).await);
    let there = "liddell@example.org";
    let (one, other) = futures::join!(
        store.save_moved(moved(&alice, there), &alice.email),
        store.save_moved(moved(&bob, there), &bob.email),
    );
    let (winner, loser, refused) = match (one, other) {
        (Ok(alice), Err(refused)) => (alice, bob, refused),
        (Err(refused), Ok(bob)) => (bob, alice, refused),
        both => panic!("one of {both:?}"),
    };
    assert_eq!(refused, MoveAccountError::EmailTaken);
    assert_eq!(owner(store, there).await, Some(winner.id));
    assert_eq!(owner(store, loser.email.as_str()).await, Some(loser.id));
}

/// Who comes second is told what the first stored.
pub async fn refuses_a_stale_account(store: &impl KeepAccounts) {
    let read = must(store.register(an_account("alice")).await);
    let mut first = read.clone();
    first.end_sessions(at(9));
    let first = must(store.save_account(first).await);
    let Err(SaveError::Conflict(stored)) = store.save_account(read).await else {
        panic!("a stale account was stored");
    };
    assert_eq!(*must_have(stored), first);
}

fn a_session() -> Session {
    let id = SessionId(Uuid::from_u128(7));
    let mut alice = an_account("alice");
    alice.epoch = 2;
    Session::begin(id, &alice, &SessionLimits::default(), at(0))
}

/// A session is read back as it was stored, in every state.
pub async fn reads_back_a_session(store: &impl KeepSessions) {
    let mut session = must(store.save_session(a_session()).await);
    assert_eq!(session.version, 1);
    session.live = Generation(5);
    session.rotated_at = at(60);
    session = must(store.save_session(session).await);
    session.ended = Some(SessionEnd::Reused);
    session = must(store.save_session(session).await);
    assert_eq!(must(store.session(session.id).await), Some(session));
}

/// Of two that rotate the same token one wins, and the other is told the winner's.
pub async fn lets_one_of_two_rotations_win(store: &impl KeepSessions) {
    let read = must(store.save_session(a_session()).await);
    let mut first = read.clone();
    must(first.present(Generation::FIRST, &SessionLimits::default(), at(1)));
    let first = must(store.save_session(first).await);
    let mut second = read;
    must(second.present(Generation::FIRST, &SessionLimits::default(), at(2)));
    let Err(SaveError::Conflict(stored)) = store.save_session(second).await else {
        panic!("both won");
    };
    assert_eq!(*must_have(stored), first);
}

/// A session is begun once: somebody else's of the same id is a conflict.
pub async fn does_not_begin_a_session_twice(store: &impl KeepSessions) {
    must(store.save_session(a_session()).await);
    let mut other = a_session();
    other.account = customer("bob");
    let again = store.save_session(other).await;
    assert!(
        matches!(again, Err(SaveError::Conflict(Some(_)))),
        "{again:?}"
    );
}

/// A write whose answer was lost and that is sent again is no conflict with itself.
pub async fn knows_its_own_write_again(store: &(impl KeepAccounts + KeepSessions)) {
    let begun = must(store.save_session(a_session()).await);
    assert_eq!(must(store.save_session(a_session()).await), begun);
    let mut alice = must(store.register(an_account("alice")).await);
    alice.end_sessions(at(5));
    let saved = must(store.save_account(alice.clone()).await);
    assert_eq!(must(store.save_account(alice).await), saved);
}

/// A key is read back as it was stored, also after it was taken back; it is made once.
pub async fn reads_back_an_api_key(store: &impl KeepApiKeys) {
    let (mut key, _) = an_api_key(1);
    assert_eq!(must(store.api_key(key.id).await), None);
    key = must(store.save_api_key(key).await);
    assert_eq!(key.version, 1);
    assert_eq!(must(store.api_key(key.id).await).as_ref(), Some(&key));
    let (mut twin, _) = an_api_key(1);
    "another".clone_into(&mut twin.name);
    let refused = store.save_api_key(twin).await;
    assert!(matches!(refused, Err(SaveError::Conflict(Some(_)))));
    assert!(key.revoke(at(9)));
    key = must(store.save_api_key(key).await);
    assert_eq!(must(store.api_key(key.id).await), Some(key));
}

/// The list has a shop's own keys, as long as they are good.
pub async fn lists_the_keys_of_a_shop_newest_first_until_they_are_taken_back(
    store: &impl KeepApiKeys,
) {
    assert_eq!(must(store.api_keys(&tenant()).await), []);
    let mut saved = Vec::new();
    for number in 1..=3 {
        saved.insert(0, must(store.save_api_key(an_api_key(number).0).await));
    }
    let (mut foreign, _) = an_api_key(4);
    foreign.tenant = must(TenantId::parse("elsewhere"));
    must(store.save_api_key(foreign).await);
    assert_eq!(must(store.api_keys(&tenant()).await), saved);
    let mut second = saved.remove(1);
    assert!(second.revoke(at(9)));
    must(store.save_api_key(second).await);
    assert_eq!(must(store.api_keys(&tenant()).await), saved);
}

/// Each account once, with its sequence, and nothing else of the table.
pub async fn goes_through_all_accounts<S: KeepAccounts + KeepSessions + ListAccounts>(store: &S) {
    let mut expected = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let account = must(store.register(an_account(name)).await);
        expected.push((account.id.clone(), account.sequence(), false));
    }
    let mut gone = must(store.register(an_account("gil")).await);
    let freed = must_have(gone.erase(at(1)));
    let gone = must(store.save_erased(gone, &freed).await);
    expected.push((gone.id.clone(), gone.sequence(), true));
    must(store.save_session(a_session()).await);
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = must(store.all_accounts(from.as_deref()).await);
        found.extend(page.accounts);
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    found.sort();
    assert_eq!(found, expected);
}
