//! What the function is told, and that it leaves what it has no time for. `telling` tries the rest.

use domain::ports::{KeepChoices, KeepNotifications, ReadSendings};
use domain::{ByMail, Channel, Choices, Notification, NotificationKind, Reach, Sending};
use identity::{LinkTokens, PhoneCodes};
use telling::{Codes, LaterMails, Links, Mails, Texts};
use testkit::FakeClock;
use testkit::build::{a_notice, customer, order_id, tenant};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeMailer, FakeRealtime, FakeTexts, TextMood};

use super::*;

type Later = LaterMails<FakeBreakers, FakeMailer, FakeClock, FakeAccounts>;

fn later(breakers: &FakeBreakers, mailer: &FakeMailer, clock: &FakeClock) -> Later {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let links = Links::new(
        tokens,
        "https://shop.example.org",
        "https://api.example.org",
    );
    let mails = Mails::new(breakers.clone(), mailer.clone(), links, clock.clone());
    LaterMails::new(mails, FakeAccounts::default())
}

/// So many texts that are due, and as many mails of an order that says where they go.
async fn due(store: &FakeRealtime, count: u64) {
    let (tenant, alice) = (tenant(), customer("alice"));
    let reader = (&tenant, &alice);
    let reach = Reach {
        takes_mail: true,
        texts_to: Some("+441632960001".to_owned()),
    };
    store.note_reach(reader, &reach, 2).await.unwrap();
    let wanted = Choices::default().with(NotificationKind::OrderShipped, true);
    store.choose(reader, Channel::Sms, &wanted).await.unwrap();
    for number in 1..=count {
        let notification = Notification {
            number,
            notice: a_notice(number),
            by_mail: ByMail::NoAddress,
            texted: true,
            read: false,
        };
        let kept = store.keep(reader, notification).await.unwrap();
        for channel in Channel::ALL {
            let sending = Sending::of(channel, reader, &kept);
            store.save_sending(sending).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_there_is_no_time_for_is_left_for_the_next_minute() {
    let clock = FakeClock::default();
    let store = FakeRealtime::default().with_contact(order_id(1), "ada@example.org");
    due(&store, 40).await;
    clock.advance(SignedDuration::from_mins(2));
    let gateway = FakeTexts::on(&clock);
    gateway.feel(TextMood::Mute);
    let (breakers, mailer) = (FakeBreakers::default(), FakeMailer::on(&clock));
    let codes = PhoneCodes::new(&"2".repeat(64)).unwrap();
    let codes = Codes::new(FakeAccounts::default(), codes);
    let texts: Texts<_, _, FakeTexts, _> = Texts::new(breakers.clone(), gateway.clone(), codes);
    let mails = later(&breakers, &mailer, &clock);
    let began = clock.now();
    let run = handle(&store, &texts, &mails, &clock).await.unwrap();
    let took = clock.now().duration_since(began).as_secs();
    assert!(took <= BEGIN_WITHIN + 20, "{took} s");
    assert_eq!((run.texts.sent, run.mails.sent), (0, 40));
    assert_eq!(
        mailer.sent().len(),
        40,
        "a gateway that hangs holds no mail"
    );
    let ids: Vec<String> = (1..=40).map(|it| a_notice(it).id).collect();
    let rows = store.sendings(Channel::Sms, &ids).await.unwrap();
    let all_wait = rows.iter().all(|it| it.next_try().is_some());
    assert!(all_wait && rows.len() == 40);
    assert!(
        gateway.asked() <= 11,
        "the breaker opens: {}",
        gateway.asked()
    );
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ACCOUNTS_TABLE",
        "REALTIME_TABLE",
        "OPERATIONS_TABLE",
        "MAIL_FROM",
        "LINK_KEY",
        "LINK_BASE",
        "API_BASE",
        "CODE_KEY",
        "SMS_URL",
        "SMS_ACCOUNT",
        "SMS_TOKEN",
        "SMS_FROM",
        "SMS_FALLBACK_AFTER",
    ];
    assert_eq!(names, all);
}

#[test]
fn nothing_goes_out_the_other_way_after_0_seconds_which_is_never() {
    let config = |after: &str| {
        let env = [
            ("ACCOUNTS_TABLE", "accounts"),
            ("REALTIME_TABLE", "realtime"),
            ("OPERATIONS_TABLE", "operations"),
            ("CODE_KEY", "22"),
            ("MAIL_FROM", "shop@example.org"),
            ("LINK_KEY", "secret"),
            ("LINK_BASE", "https://shop.example.org"),
            ("API_BASE", "https://api.example.org"),
            ("SMS_URL", "https://api.twilio.com"),
            ("SMS_ACCOUNT", "AC1"),
            ("SMS_TOKEN", "secret"),
            ("SMS_FROM", "+15005550006"),
            ("SMS_FALLBACK_AFTER", after),
        ];
        Config::from_env(&Env::from_pairs(env)).map(|config| config.text.fallback_after)
    };
    assert_eq!(config("0").unwrap(), None);
    assert_eq!(config("600").unwrap(), Some(SignedDuration::from_mins(10)));
    assert!(config("soon").is_err());
}
