//! Confirming a telephone number, with the text as `send-messages` makes it.

use domain::ports::{KeepAccounts, KeepSendings};
use domain::{AccountEvent, Profile, Says, Sending};

use super::*;

const PHONE: &str = "+441632960001";
const OTHER: &str = "+441632960002";

impl Shop {
    fn stored(&self, member: &Member) -> domain::Account {
        let mut accounts = self.store.accounts().into_iter();
        accounts.find(|account| account.id == member.id).unwrap()
    }

    /// As `accounts-api` does.
    async fn number(&self, member: &Member, phone: &str) {
        let mut account = self.stored(member);
        let profile = Profile {
            phone: Some(phone.to_owned()),
            ..account.profile.clone()
        };
        account.update(profile, self.clock.now());
        self.store.save_account(account).await.unwrap();
    }

    async fn with_number(name: &str) -> (Self, Member) {
        let shop = Self::new();
        let member = shop.member(name).await;
        shop.number(&member, PHONE).await;
        (shop, member)
    }

    async fn ask_code(&self, member: &Member) -> Answer {
        let ask = Ask::post(&path(member), json!({}));
        self.ask(ask.with_token(&member.tokens.access)).await
    }

    async fn status(&self, member: &Member) -> Answer {
        let ask = Ask::get(&path(member));
        self.ask(ask.with_token(&member.tokens.access)).await
    }

    async fn send_code(&self, member: &Member, code: &str) -> Answer {
        let ask = Ask::put(&path(member), json!({"code": code}));
        self.ask(ask.with_token(&member.tokens.access)).await
    }

    /// What is texted now, if anything is.
    fn texted(&self, member: &Member) -> Option<String> {
        let (account, now) = (self.stored(member), self.clock.now());
        let number = account.phone.asked()?.number;
        let phone = account.texts_phone_code(number, now)?;
        Some(codes().make(&member.id, (number, phone), now))
    }

    /// The row of the text, as `notify` notes it.
    async fn noted(&self, member: &Member) -> Sending {
        let account = self.stored(member);
        let number = account.phone.asked().unwrap().number;
        let event = contracts::events::account_changed(&account);
        let reader = (&tenant(), &member.id);
        let sending = Sending::of_phone_code(event.id, reader, number, event.time);
        assert_eq!(sending.says, Says::PhoneCode(event.sequence.into()));
        self.texts.save_sending(sending).await.unwrap()
    }
}

fn path(member: &Member) -> String {
    format!("/api/v1/users/{}/phone/confirmation", member.id)
}

/// Another code than this.
fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

fn detail(answer: &Answer) -> String {
    assert_eq!(answer.problem(), (422, "code-refused".to_owned()));
    answer.json()["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_asks_is_told_that_the_text_comes_later_and_where_to_look() {
    let (shop, alice) = Shop::with_number("alice").await;
    let nothing = json!({"phone": PHONE, "status": "unconfirmed"});
    assert_eq!(shop.status(&alice).await.json(), nothing);
    let asked = shop.ask_code(&alice).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    assert_eq!(asked.header("location"), path(&alice));
    let mut pending = json!({
        "phone": PHONE, "status": "pending", "note": "We will text you later.", "tries_left": 5,
    });
    assert_eq!(asked.json(), pending);
    assert_eq!(shop.status(&alice).await.json(), pending);
    // The gateway is dead: the next try is told.
    let mut row = shop.noted(&alice).await;
    row.later(shop.clock.now());
    pending["next_try"] = json!(row.next_try());
    row = shop.texts.save_sending(row).await.unwrap();
    assert_eq!(shop.status(&alice).await.json(), pending);
    row.refused("21211");
    row = shop.texts.save_sending(row).await.unwrap();
    let refused = json!({"phone": PHONE, "status": "refused", "reason": "21211", "tries_left": 5});
    assert_eq!(shop.status(&alice).await.json(), refused);
    row.sent();
    shop.texts.save_sending(row).await.unwrap();
    let sent = json!({"phone": PHONE, "status": "sent", "tries_left": 5});
    assert_eq!(shop.status(&alice).await.json(), sent);
}

#[tokio::test]
async fn the_code_that_was_texted_confirms_the_number() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let code = shop.texted(&alice).unwrap();
    let confirmed = shop.send_code(&alice, &code).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let confirmed = confirmed.json();
    assert_eq!(confirmed, json!({"phone": PHONE, "status": "confirmed"}));
    assert_eq!(shop.stored(&alice).last, AccountEvent::PhoneConfirmed);
    let authors = shop.store.authors();
    let author = authors.last().unwrap().as_ref().unwrap();
    assert_eq!(author.subject.as_ref(), Some(&alice.id));
    let used = detail(&shop.send_code(&alice, &code).await);
    assert_eq!(used, "the number is confirmed: the code was used");
    let again = shop.ask_code(&alice).await;
    assert_eq!(again.problem(), (409, "phone-confirmed".to_owned()));
    assert_eq!(shop.status(&alice).await.json(), confirmed);
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_each_is_told_of() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let code = shop.texted(&alice).unwrap();
    for left in [4, 3, 2, 1, 0] {
        let said = detail(&shop.send_code(&alice, &wrong(&code)).await);
        assert_eq!(
            said,
            format!("the code is wrong, or too old; tries that are left: {left}")
        );
        assert_eq!(shop.stored(&alice).last, AccountEvent::PhoneCodeRefused);
    }
    let late = detail(&shop.send_code(&alice, &code).await);
    assert_eq!(late, "too many wrong codes; ask for another");
    let status = shop.status(&alice).await.json();
    let wanted = json!({"phone": PHONE, "status": "expired", "reason": late});
    assert_eq!(status, wanted);
    assert_eq!(shop.texted(&alice), None);
    shop.later(65);
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    assert_ne!(shop.texted(&alice), Some(code));
    let code = shop.texted(&alice).unwrap();
    assert_eq!(shop.send_code(&alice, &code).await.status, 200);
}

#[tokio::test]
async fn a_code_is_too_old_after_ten_minutes_and_one_that_is_texted_later_is_not() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let first = shop.texted(&alice).unwrap();
    shop.later(600);
    // The gateway was dead until now.
    let later = shop.texted(&alice).unwrap();
    assert_ne!(first, later);
    detail(&shop.send_code(&alice, &first).await);
    assert_eq!(shop.send_code(&alice, &later).await.status, 200);
}

#[tokio::test]
async fn what_can_be_no_code_is_no_try() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    for none in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12345 "] {
        let answer = shop.send_code(&alice, none).await;
        assert_eq!(answer.problem(), (422, "invalid-body".to_owned()), "{none}");
    }
    assert_eq!(shop.status(&alice).await.json()["tries_left"], 5);
}

#[tokio::test]
async fn another_number_is_confirmed_anew() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let code = shop.texted(&alice).unwrap();
    shop.number(&alice, OTHER).await;
    let of_before = detail(&shop.send_code(&alice, &code).await);
    assert_eq!(of_before, "no code was asked for");
    let nothing = json!({"phone": OTHER, "status": "unconfirmed"});
    assert_eq!(shop.status(&alice).await.json(), nothing);
    let soon = shop.ask_code(&alice).await;
    assert_eq!(soon.problem(), (429, "too-many-requests".to_owned()));
    shop.later(65);
    assert_eq!(shop.ask_code(&alice).await.json()["phone"], OTHER);
    let code = shop.texted(&alice).unwrap();
    assert_eq!(shop.send_code(&alice, &code).await.status, 200);
}

#[tokio::test]
async fn asking_again_within_a_minute_texts_nothing_more() {
    let (shop, alice) = Shop::with_number("alice").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let before = shop.stored(&alice);
    shop.later(59);
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    assert_eq!(shop.stored(&alice), before);
    for _ in 0..4 {
        shop.later(65);
        assert_eq!(shop.ask_code(&alice).await.status, 202);
    }
    shop.later(65);
    let sixth = shop.ask_code(&alice).await;
    assert_eq!(sixth.problem(), (429, "too-many-requests".to_owned()));
    let wait: u32 = sixth.header("retry-after").parse().unwrap();
    assert!((80_000..86_400).contains(&wait), "{wait}");
}

/// Of whoever says that it is theirs: the number may be a stranger's.
#[tokio::test]
async fn a_number_is_texted_once_a_minute_whatever_accounts_have_it() {
    let (shop, alice) = Shop::with_number("alice").await;
    let bob = shop.member("bob").await;
    shop.number(&bob, PHONE).await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let bobs = shop.ask_code(&bob).await;
    assert_eq!(bobs.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(bobs.header("ratelimit-policy"), "\"phone\";q=1;w=60");
    assert_eq!(shop.stored(&bob).phone.asked(), None);
    shop.later(65);
    assert_eq!(shop.ask_code(&bob).await.status, 202);
    shop.later(65);
    shop.counters.fail(true);
    let unknown = shop.ask_code(&alice).await;
    assert_eq!(unknown.status, 503, "nobody is texted while nobody counts");
}

#[tokio::test]
async fn nobody_confirms_the_number_of_another_nor_of_an_account_that_is_closed() {
    let (shop, alice) = Shop::with_number("alice").await;
    let bob = shop.member("bob").await;
    assert_eq!(shop.ask_code(&alice).await.status, 202);
    let code = shop.texted(&alice).unwrap();
    let spy = Member {
        id: alice.id.clone(),
        tokens: bob.tokens.clone(),
    };
    for answer in [
        shop.ask_code(&spy).await,
        shop.status(&spy).await,
        shop.send_code(&spy, &code).await,
    ] {
        assert_eq!(answer.problem(), (404, "not-found".to_owned()));
    }
    let none = shop.ask_code(&bob).await;
    assert_eq!(none.problem(), (409, "no-phone".to_owned()));
    let mut closed = shop.stored(&alice);
    closed.deactivate(shop.clock.now());
    shop.store.save_account(closed).await.unwrap();
    detail(&shop.send_code(&alice, &code).await);
    shop.later(65);
    let none = shop.ask_code(&alice).await;
    assert_eq!(none.problem(), (409, "no-phone".to_owned()));
    assert!(!shop.stored(&alice).phone.is_confirmed());
}
