//! What the function is told, and that it leaves what it has no time for. `telling` tries the rest.

use domain::ports::{KeepChoices, KeepNotifications, ReadSendings};
use domain::{ByMail, Channel, Choices, Notification, NotificationKind, Reach, Sending};
use identity::PhoneCodes;
use testkit::FakeClock;
use testkit::build::{a_notice, customer, tenant};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeRealtime, FakeTexts, TextMood};

use super::*;

/// So many texts that are due.
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
        let sending = Sending::of(Channel::Sms, reader, &kept);
        store.save_sending(sending).await.unwrap();
    }
}

#[tokio::test]
async fn what_there_is_no_time_for_is_left_for_the_next_minute() {
    let (store, clock) = (FakeRealtime::default(), FakeClock::default());
    due(&store, 40).await;
    clock.advance(SignedDuration::from_mins(2));
    let gateway = FakeTexts::on(&clock);
    gateway.feel(TextMood::Mute);
    let texts: Texts<_, _, FakeTexts> = Texts::new(FakeBreakers::default(), gateway.clone());
    let began = clock.now();
    let codes = PhoneCodes::new(&"2".repeat(64)).unwrap();
    let codes = Codes::new(FakeAccounts::default(), codes);
    let run = handle(&store, &codes, &texts, &clock).await.unwrap();
    let took = clock.now().duration_since(began).as_secs();
    assert!(took <= BEGIN_WITHIN + 20, "{took} s");
    assert_eq!(run.sent, 0);
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
        "REALTIME_TABLE",
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
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
            ("REALTIME_TABLE", "realtime"),
            ("ACCOUNTS_TABLE", "accounts"),
            ("OPERATIONS_TABLE", "operations"),
            ("CODE_KEY", "22"),
            ("SMS_URL", "https://api.twilio.com"),
            ("SMS_ACCOUNT", "AC1"),
            ("SMS_TOKEN", "secret"),
            ("SMS_FROM", "+15005550006"),
            ("SMS_FALLBACK_AFTER", after),
        ];
        Config::from_env(&Env::from_pairs(env)).map(|config| config.fallback_after)
    };
    assert_eq!(config("0").unwrap(), None);
    assert_eq!(config("600").unwrap(), Some(SignedDuration::from_mins(10)));
    assert!(config("soon").is_err());
}
