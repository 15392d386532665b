//! Events of accounts: which are mailed, and with what link.

use contracts::events::{account_changed, account_moved};
use domain::ports::ReadNotifications;
use domain::{Account, Email, LinkPurpose, PasswordHash, Says};
use testkit::build::{an_account, at, tenant};

use super::*;

fn registered() -> Account {
    let mut account = an_account("alice");
    account.version = 1;
    account
}

#[tokio::test]
async fn who_registers_is_mailed_a_link_that_verifies_their_address() {
    let world = World::default();
    world.take_all(&[account_changed(&registered())]).await;
    let [mail] = &world.mailer.sent()[..] else {
        panic!("{:?}", world.mailer.sent());
    };
    assert_eq!(mail.to, "alice@example.org");
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let token = tokens.make(LinkPurpose::VerifyEmail, &registered().id, 1);
    let text = mail.text.replace(&token, "TOKEN");
    insta::assert_snapshot!(format!("{}\n\n{text}", mail.subject), @r#"
    Confirm your address

    Welcome. Please confirm that this is your address:

    https://shop.example.org/account/verify-email#token=TOKEN

    The link is good once, for three days. If it was not you who registered, do nothing.
    "#);
}

#[tokio::test]
async fn a_reset_is_mailed_its_link_and_its_end_without_one() {
    let world = World::default();
    let mut alice = registered();
    assert!(alice.request_reset(at(9)));
    alice.version = 2;
    world.take_all(&[account_changed(&alice)]).await;
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let token = tokens.make(LinkPurpose::ResetPassword, &alice.id, 1);
    let link = format!("https://shop.example.org/account/reset-password#token={token}\n");
    assert!(world.mailer.sent()[0].text.contains(&link));
    assert!(alice.reset_password(1, PasswordHash("new".to_owned()), at(10)));
    alice.version = 3;
    world.take_all(&[account_changed(&alice)]).await;
    let subjects = ["Set another password", "Your password was changed"];
    assert_eq!(world.subjects(), subjects);
    assert!(!world.mailer.sent()[1].text.contains("token"));
}

#[tokio::test]
async fn who_moves_is_mailed_a_link_there_and_a_word_where_they_were() {
    let world = World::default();
    let mut alice = registered();
    let before = alice.email.clone();
    let there = Email::parse("liddell@example.org").unwrap();
    assert_eq!(alice.change_email(there, at(9)), Ok(true));
    alice.version = 2;
    let event = account_moved(&alice, &before);
    let again = [event.clone(), event, account_changed(&alice)];
    world.take_all(&again).await;
    // The warning first: it must not wait for a mail to whoever may be a thief.
    let [word, link] = &world.mailer.sent()[..] else {
        panic!("{:?}", world.mailer.sent());
    };
    assert_eq!(
        [&*link.to, &*word.to],
        ["liddell@example.org", "alice@example.org"]
    );
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let token = tokens.make(LinkPurpose::VerifyEmail, &alice.id, 2);
    assert!(link.text.contains(&format!("verify-email#token={token}\n")));
    assert_eq!(link.subject, "Confirm your address");
    assert_eq!(word.subject, "The address of your account was changed");
    for secret in ["token", "liddell"] {
        assert!(!word.text.contains(secret), "{}", word.text);
    }
}

#[tokio::test]
async fn a_word_to_the_old_address_that_was_not_sent_is_tried_again_before_the_link() {
    let world = World::default();
    let mut alice = registered();
    let before = alice.email.clone();
    let there = Email::parse("liddell@example.org").unwrap();
    assert_eq!(alice.change_email(there, at(9)), Ok(true));
    alice.version = 2;
    world.mailer.fail_next(MailFault::NotSent);
    let event = account_moved(&alice, &before);
    assert_eq!(world.take(&event).await, Err(ErrorName::Unavailable));
    assert_eq!(world.mailer.sent(), []);
    world.take_all(&[event]).await;
    let told = [
        "The address of your account was changed",
        "Confirm your address",
    ];
    assert_eq!(world.subjects(), told);
}

/// I6: in any order, and as often as they come, each event is mailed once.
#[tokio::test]
async fn an_event_of_an_account_is_mailed_once_whatever_came_before() {
    let world = World::default();
    let mut alice = registered();
    let first = account_changed(&alice);
    assert!(alice.request_reset(at(9)));
    alice.version = 2;
    let second = account_changed(&alice);
    world
        .take_all(&[second.clone(), first.clone(), second, first])
        .await;
    assert_eq!(world.subjects().len(), 2);
}

#[tokio::test]
async fn most_changes_of_an_account_are_mailed_to_nobody() {
    let world = World::default();
    let mut alice = registered();
    let tell = async |alice: &mut Account| {
        alice.version += 1;
        world.take_all(&[account_changed(alice)]).await;
    };
    assert!(alice.verify_email(1, at(1)));
    tell(&mut alice).await;
    alice.end_sessions(at(2));
    tell(&mut alice).await;
    alice.deactivate(at(3));
    tell(&mut alice).await;
    alice.activate(at(4));
    tell(&mut alice).await;
    assert_eq!(world.mailer.sent(), []);
}

/// Who asked for it finds its text by the same id.
#[tokio::test]
async fn a_code_that_was_asked_for_is_noted_as_a_text_once_and_nothing_is_mailed() {
    let world = World::default();
    let mut alice = registered();
    alice.profile.phone = Some("+441632960001".to_owned());
    assert_eq!(alice.ask_phone_code(at(9)), Ok(true));
    alice.version = 2;
    let event = account_changed(&alice);
    world.take_all(&[event.clone(), event]).await;
    let asked = alice.phone.asked().unwrap();
    let [noted] = &world.realtime.all_sendings()[..] else {
        panic!("{:?}", world.realtime.all_sendings());
    };
    assert_eq!(noted.message, asked.message(&alice.id));
    assert_eq!(
        (noted.says, noted.since),
        (Says::PhoneCode(asked.number), at(9))
    );
    assert_eq!(world.mailer.sent(), []);
}

#[tokio::test]
async fn only_a_number_that_was_confirmed_is_texted() {
    let world = World::default();
    let (tenant, whose) = (tenant(), registered().id);
    let tell = async |alice: &mut Account| {
        alice.version += 1;
        world.take_all(&[account_changed(alice)]).await;
        let list = world.realtime.list_of((&tenant, &whose)).await;
        list.unwrap().reach.texts_to
    };
    let mut alice = registered();
    let mut profile = alice.profile.clone();
    profile.phone = Some("+441632960001".to_owned());
    profile.preferences.sms = true;
    assert!(alice.update(profile.clone(), at(1)));
    assert_eq!(tell(&mut alice).await, None);
    assert_eq!(alice.ask_phone_code(at(2)), Ok(true));
    assert_eq!(tell(&mut alice).await, None);
    let right = (order_id(1).0, at(3));
    assert_eq!(alice.confirm_phone(|_, _| true, right), Ok(()));
    assert_eq!(tell(&mut alice).await, profile.phone);
    profile.phone = Some("+441632960002".to_owned());
    assert!(alice.update(profile, at(4)));
    assert_eq!(tell(&mut alice).await, None);
}

#[tokio::test]
async fn an_account_s_mail_that_was_not_sent_is_tried_again() {
    let world = World::default();
    let event = account_changed(&registered());
    world.mailer.fail_next(MailFault::NotSent);
    assert_eq!(world.take(&event).await, Err(ErrorName::Unavailable));
    assert_eq!(world.take(&event).await, Ok(()));
    assert_eq!(world.subjects().len(), 1);
    let mut wrong = event;
    wrong.data["link"]["purpose"] = json!("take-over");
    wrong.id.push('9');
    assert_eq!(world.take(&wrong).await, Err(ErrorName::BadInput));
}
