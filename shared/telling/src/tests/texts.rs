//! Texts against a gateway and another way in memory.

use domain::ports::{ForgetNotifications, KeepAccounts, KeepChoices, Reader, Text};
use domain::{
    Account, Channel, Choices, CustomerId, NotificationKind, Reach, SendingState, TenantId,
};
use identity::PhoneCodes;
use jiff::SignedDuration;
use testkit::FakeClock;
use testkit::build::{an_account, order_id};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeTexts, TextMood};

use super::*;

pub(crate) const PHONE: &str = "+441632960001";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub(crate) fn keys() -> PhoneCodes {
    PhoneCodes::new(&"2".repeat(64)).unwrap()
}

pub(crate) fn codes_for(accounts: FakeAccounts) -> Codes<FakeAccounts> {
    Codes::new(accounts, keys())
}

/// The gateway, and the other way where there is one.
type Ways = Texts<FakeBreakers, FakeTexts, FakeTexts, FakeAccounts>;

/// Lets somebody want texts of what is told in these tests.
pub(crate) async fn wants_texts(store: &FakeRealtime, reader: Reader<'_>) {
    let reach = Reach {
        takes_mail: true,
        texts_to: Some(PHONE.to_owned()),
    };
    store.note_reach(reader, &reach, 2).await.unwrap();
    let choices = Choices::default().with(NotificationKind::OrderShipped, true);
    let chosen = store.choose(reader, Channel::Sms, &choices);
    chosen.await.unwrap();
}

struct Shop {
    store: FakeRealtime,
    accounts: FakeAccounts,
    breakers: FakeBreakers,
    clock: FakeClock,
    gateway: FakeTexts,
    other: FakeTexts,
    alice: (TenantId, CustomerId),
}

impl Shop {
    /// Alice wants texts, and was told something.
    async fn new() -> Self {
        let clock = FakeClock::default();
        let shop = Self {
            store: FakeRealtime::default(),
            accounts: FakeAccounts::default(),
            breakers: FakeBreakers::default(),
            gateway: FakeTexts::on(&clock),
            other: FakeTexts::on(&clock),
            clock,
            alice: (tenant(), customer("alice")),
        };
        wants_texts(&shop.store, shop.reader()).await;
        shop.tell(3).await;
        shop.clock.advance(SignedDuration::from_secs(4));
        shop
    }

    fn reader(&self) -> Reader<'_> {
        (&self.alice.0, &self.alice.1)
    }

    async fn tell(&self, number: u64) {
        let told = Told {
            notice: a_notice(number),
            ..told()
        };
        let told = tell(&self.store, &mails(), &told, None).await;
        told.unwrap();
    }

    fn texts(&self) -> Ways {
        let codes = codes_for(self.accounts.clone());
        Texts::new(self.breakers.clone(), self.gateway.clone(), codes)
    }

    /// With the other way, for what has waited so long.
    fn both(&self, after: SignedDuration) -> Ways {
        let texts = self.texts();
        texts.with_fallback(self.breakers.clone(), self.other.clone(), after)
    }

    /// What happens every minute, by a process that knows nothing yet.
    async fn minute(&self) -> Driven {
        self.run(&self.texts()).await
    }

    async fn run(&self, texts: &Ways) -> Driven {
        self.clock.advance(SignedDuration::from_mins(1));
        let until = self.clock.now() + SignedDuration::from_secs(30);
        let run = send_due(&self.store, texts, &self.clock, until).await;
        run.unwrap()
    }

    fn states(&self) -> Vec<SendingState> {
        let all = self.store.all_sendings().into_iter();
        all.map(|it| it.state).collect()
    }
}

#[tokio::test]
async fn who_wants_texts_is_texted_once_however_often_it_is_told() {
    let shop = Shop::new().await;
    shop.tell(3).await;
    let one = Driven {
        sent: 1,
        ..Driven::default()
    };
    assert_eq!(shop.minute().await, one);
    shop.tell(3).await;
    assert_eq!(shop.minute().await, Driven::default());
    let [text] = &shop.gateway.sent()[..] else {
        panic!("{:?}", shop.gateway.sent());
    };
    assert_eq!(text.to, PHONE);
    let reference = &shop.store.all_sendings()[0].reference();
    let end = format!("is on its way. Ref. {reference}");
    assert!(text.body.ends_with(&end), "{}", text.body);
    assert_eq!(shop.states(), [SendingState::Sent]);
}

#[tokio::test]
async fn who_said_nothing_is_not_texted() {
    let shop = Shop::new().await;
    let bob = (tenant(), customer("bob"));
    let told = Told {
        reader: bob.1.clone(),
        notice: domain::Notice {
            id: "order/7/3".to_owned(),
            ..a_notice(3)
        },
        tenant: bob.0.clone(),
    };
    tell(&shop.store, &mails(), &told, None).await.unwrap();
    assert_eq!(shop.store.all_sendings().len(), 1, "only Alice's");
}

/// The row is there before the event is acknowledged, wherever whoever tells dies.
#[tokio::test]
async fn a_text_is_noted_wherever_whoever_tells_dies() {
    for write in 0..2 {
        for fault in [Fault::FailBefore, Fault::AppliedButError] {
            let shop = Shop::new().await;
            let mails = mails();
            let told = Told {
                notice: a_notice(4),
                ..told()
            };
            shop.store.fail_write_after(write, fault);
            let failed = tell(&shop.store, &mails, &told, None).await;
            assert_eq!(failed.unwrap_err().name(), ErrorName::Unavailable);
            tell(&shop.store, &mails, &told, None).await.unwrap();
            assert_eq!(shop.minute().await.sent, 2, "write {write}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn what_may_have_been_sent_is_looked_up_and_not_sent_again_where_it_is_found() {
    let shop = Shop::new().await;
    shop.gateway.feel(TextMood::Mute);
    assert_eq!(shop.minute().await.waiting, 1);
    shop.gateway.feel(TextMood::Well);
    assert_eq!(shop.minute().await.sent, 0, "the list of a gateway lags");
    assert_eq!(shop.minute().await.sent, 1);
    assert_eq!(shop.gateway.sent().len(), 1);
    assert_eq!(shop.states(), [SendingState::Sent]);
}

#[tokio::test]
async fn what_is_not_found_is_sent_once_more_and_then_no_more() {
    let shop = Shop::new().await;
    shop.gateway.feel(TextMood::Hanging);
    assert_eq!(shop.minute().await.waiting, 1);
    shop.gateway.feel(TextMood::Well);
    shop.clock.advance(HOUR);
    assert_eq!(shop.minute().await.sent, 1);
    assert_eq!(shop.gateway.sent().len(), 1);
    let shop = Shop::new().await;
    let mut row = shop.store.all_sendings().remove(0);
    row.open = 2;
    domain::ports::KeepSendings::save_sending(&shop.store, row)
        .await
        .unwrap();
    assert_eq!(shop.minute().await.ended, 1);
    assert_eq!(shop.states(), [SendingState::GivenUp]);
    assert_eq!(shop.gateway.sent(), []);
}

#[tokio::test]
async fn a_number_that_is_refused_is_kept_with_its_reason_and_not_tried_again() {
    let shop = Shop::new().await;
    shop.gateway.feel(TextMood::Refusing);
    assert_eq!(shop.minute().await.ended, 1);
    assert_eq!(
        shop.states(),
        [SendingState::Refused("its mood".to_owned())]
    );
    shop.clock.advance(HOUR);
    assert_eq!(shop.minute().await, Driven::default());
    assert_eq!(shop.gateway.asked(), 1);
}

#[tokio::test]
async fn a_gateway_that_is_down_is_tried_until_it_is_back() {
    let shop = Shop::new().await;
    shop.gateway.feel(TextMood::Down);
    for _ in 0..30 {
        shop.minute().await;
    }
    assert_eq!(shop.gateway.sent(), []);
    shop.gateway.feel(TextMood::Well);
    let mut minutes = 0;
    while shop.gateway.sent().is_empty() {
        shop.minute().await;
        minutes += 1;
    }
    assert!(minutes <= 16, "{minutes}");
    assert_eq!(shop.states(), [SendingState::Sent]);
}

#[tokio::test]
async fn who_was_erased_is_texted_nothing_that_waits() {
    let shop = Shop::new().await;
    shop.store
        .forget_notifications(shop.reader())
        .await
        .unwrap();
    assert_eq!(shop.minute().await.ended, 1);
    assert_eq!(shop.gateway.asked(), 0);
}

/// What Alice is texted, whose number is not known to be hers.
async fn asks_for_a_code(shop: &Shop) -> Account {
    let mut alice = shop.accounts.register(an_account("alice")).await.unwrap();
    alice.profile.phone = Some(PHONE.to_owned());
    assert_eq!(alice.ask_phone_code(shop.clock.now()), Ok(true));
    let alice = shop.accounts.save_account(alice).await.unwrap();
    let asked = alice.phone.asked().unwrap();
    let code = (asked.message(&alice.id), asked.number);
    for _ in 0..2 {
        let noted = note_phone_code(&shop.store, shop.reader(), code.clone(), asked.at);
        noted.await.unwrap();
    }
    alice
}

/// Of the texts that the gateway has sent, those that have a code: it is in no row.
fn codes_of(shop: &Shop) -> Vec<String> {
    let sent = shop.gateway.sent();
    let codes = sent.iter().filter(|it| it.body.contains(" is the code "));
    let code = |it: &Text| it.body.split(' ').next().unwrap().to_owned();
    codes.map(code).collect()
}

#[tokio::test]
async fn a_code_is_texted_once_to_a_number_that_is_not_confirmed() {
    let shop = Shop::new().await;
    let alice = asks_for_a_code(&shop).await;
    assert_eq!(shop.minute().await.sent, 2, "and what she was told before");
    assert_eq!(shop.minute().await, Driven::default());
    let number = alice.phone.asked().unwrap().number;
    let [code] = &codes_of(&shop)[..] else {
        panic!("{:?}", shop.gateway.sent());
    };
    let now = shop.clock.now();
    assert!(keys().fits(&alice.id, (number, PHONE), code, now));
    assert!(!format!("{:?}", shop.store.all_sendings()).contains(&**code));
}

/// An hour later it is another one, which is good from then on.
#[tokio::test]
async fn a_code_that_waits_for_a_dead_gateway_is_good_when_it_comes() {
    let shop = Shop::new().await;
    let alice = asks_for_a_code(&shop).await;
    shop.gateway.feel(TextMood::Down);
    assert_eq!(shop.minute().await.sent, 0);
    shop.clock.advance(HOUR);
    shop.gateway.feel(TextMood::Well);
    while codes_of(&shop).is_empty() {
        shop.minute().await;
    }
    let number = alice.phone.asked().unwrap().number;
    let now = shop.clock.now();
    assert!(keys().fits(&alice.id, (number, PHONE), &codes_of(&shop)[0], now));
}

#[tokio::test]
async fn no_code_is_texted_that_is_not_wanted_any_more() {
    let confirm = |account: &mut Account, now| {
        let tried = (order_id(1).0, now);
        assert_eq!(account.confirm_phone(|_, _| true, tried), Ok(()));
    };
    let another = |account: &mut Account, now| {
        let mut profile = account.profile.clone();
        profile.phone = Some("+441632960002".to_owned());
        assert!(account.update(profile, now));
    };
    let closed = |account: &mut Account, now| account.deactivate(now);
    let changes: [fn(&mut Account, jiff::Timestamp); 3] = [confirm, another, closed];
    for change in changes {
        let shop = Shop::new().await;
        let mut alice = asks_for_a_code(&shop).await;
        change(&mut alice, shop.clock.now());
        shop.accounts.save_account(alice).await.unwrap();
        let run = shop.minute().await;
        assert_eq!((run.sent, run.ended), (1, 1));
        assert_eq!(codes_of(&shop), Vec::<String>::new());
    }
}

/// Whatever write of the row is lost: it is sent, and twice only where it was not known that it was.
#[tokio::test]
async fn a_text_is_sent_wherever_whoever_sends_dies() {
    // Claimed, noted.
    for write in 0..2 {
        for fault in [Fault::FailBefore, Fault::AppliedButError, Fault::Conflict] {
            let shop = Shop::new().await;
            shop.store.fail_write_after(write, fault);
            for _ in 0..5 {
                shop.minute().await;
            }
            assert_eq!(shop.gateway.sent().len(), 1, "write {write}, {fault:?}");
            assert_eq!(shop.states(), [SendingState::Sent]);
        }
    }
}

/// Bad numbers, or an account that is not in order, are answers: the gateway is well.
#[tokio::test]
async fn what_the_gateway_answers_opens_no_breaker_and_goes_no_other_way() {
    for mood in [TextMood::Refusing, TextMood::Declining] {
        let shop = Shop::new().await;
        for number in 4..24 {
            shop.tell(number).await;
        }
        shop.clock.advance(SignedDuration::from_secs(20));
        shop.gateway.feel(mood);
        let both = || shop.both(SignedDuration::ZERO);
        shop.run(&both()).await;
        assert_eq!(shop.gateway.asked(), 21, "{mood:?}: all were asked for");
        assert_eq!(shop.breakers.row(GATEWAY).open_since(), None, "{mood:?}");
        // It dies before what it answered is put right.
        shop.gateway.feel(TextMood::Down);
        for _ in 0..30 {
            shop.run(&both()).await;
        }
        assert_eq!(shop.other.asked(), 0, "{mood:?}");
        shop.gateway.feel(TextMood::Well);
        for _ in 0..20 {
            shop.run(&both()).await;
        }
        let sent = match mood {
            TextMood::Declining => 21,
            _ => 0,
        };
        assert_eq!(shop.gateway.sent().len(), sent, "{mood:?}");
    }
}

/// Opens the breaker of the gateway.
async fn dead(shop: &Shop) {
    shop.gateway.feel(TextMood::Down);
    for number in 4..12 {
        shop.tell(number).await;
    }
    shop.clock.advance(SignedDuration::from_secs(20));
    shop.minute().await;
    let row = shop.breakers.row(GATEWAY);
    assert!(row.open_since().is_some(), "{row:?}");
}

#[tokio::test]
async fn what_has_waited_long_goes_out_the_other_way_while_the_gateway_is_not_called() {
    let shop = Shop::new().await;
    dead(&shop).await;
    let both = || shop.both(SignedDuration::from_mins(10));
    shop.run(&both()).await;
    assert_eq!(shop.other.sent(), [], "nothing has waited so long");
    for _ in 0..30 {
        shop.run(&both()).await;
    }
    assert_eq!(shop.other.sent().len(), 9, "{:?}", shop.states());
    assert_eq!(shop.gateway.sent(), []);
    assert!(shop.states().iter().all(|it| *it == SendingState::Sent));
}

#[tokio::test]
async fn what_may_have_been_sent_never_goes_out_the_other_way() {
    let shop = Shop::new().await;
    shop.gateway.feel(TextMood::Mute);
    shop.minute().await;
    dead(&shop).await;
    for _ in 0..30 {
        shop.run(&shop.both(SignedDuration::ZERO)).await;
    }
    let first = &shop.gateway.sent()[0].reference;
    let other = shop.other.sent();
    assert!(!other.is_empty());
    assert!(other.iter().all(|text| text.reference != *first));
}

/// The other way has rules of its own for numbers.
#[tokio::test]
async fn what_the_other_way_refuses_waits_for_the_gateway() {
    let shop = Shop::new().await;
    dead(&shop).await;
    shop.other.feel(TextMood::Refusing);
    let both = || shop.both(SignedDuration::ZERO);
    shop.run(&both()).await;
    let asked = shop.other.asked();
    assert!(asked > 0);
    shop.run(&both()).await;
    assert_eq!(shop.other.asked(), asked, "once is enough");
    shop.gateway.feel(TextMood::Well);
    for _ in 0..30 {
        shop.run(&both()).await;
    }
    assert!(shop.states().iter().all(|it| *it == SendingState::Sent));
}

/// SNS cannot be asked what it sent: what it did not answer is sent once more at most, and counted.
#[tokio::test]
async fn what_the_other_way_did_not_answer_is_sent_once_more_and_counted() {
    let shop = Shop::new().await;
    dead(&shop).await;
    shop.other.feel(TextMood::Mute);
    let both = || shop.both(SignedDuration::ZERO);
    shop.run(&both()).await;
    let unanswered = shop.other.unanswered();
    assert!(unanswered > 0);
    shop.other.feel(TextMood::Down);
    shop.gateway.feel(TextMood::Well);
    let mut perhaps_twice = 0;
    for _ in 0..30 {
        perhaps_twice += shop.run(&both()).await.perhaps_twice;
    }
    assert_eq!(perhaps_twice, unanswered);
    assert_eq!(shop.gateway.sent().len(), 9, "each of the nine, once");
    assert!(shop.states().iter().all(|it| *it == SendingState::Sent));
}
