//! Orders come in while the gateway of texts hangs for half a minute, is dead for minutes and comes
//! back: how often it is called by processes that know nothing, and what becomes of the texts.

use std::collections::BTreeMap;

use domain::ports::SendTexts;
use domain::{Notice, SendingState};
use jiff::SignedDuration;
use proptest::prelude::*;
use testkit::FakeClock;
use testkit::build::{a_notice, customer, order_id, tenant};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeRealtime, FakeTexts, TextMood};
use wording::Told;

use crate::tests::mails;
use crate::tests::texts::{codes_for, wants_texts};
use crate::{Driven, GATEWAY, Texts, send_due, tell};

mod mails;

/// People who are told things.
const PEOPLE: usize = 20;
/// Processes of a minute, each of which knows nothing: a thousand while the gateway is dead.
const PROCESSES: usize = 100;
/// Minutes that it is dead.
const DEAD: usize = 10;

struct Shop {
    store: FakeRealtime,
    breakers: FakeBreakers,
    clock: FakeClock,
    gateway: FakeTexts,
    told: usize,
}

impl Shop {
    async fn new() -> Self {
        let clock = FakeClock::default();
        let store = FakeRealtime::default();
        for person in 0..PEOPLE {
            let reader = customer(&format!("user{person}"));
            wants_texts(&store, (&tenant(), &reader)).await;
        }
        Self {
            store,
            breakers: FakeBreakers::default(),
            gateway: FakeTexts::on(&clock),
            clock,
            told: 0,
        }
    }

    /// So many are told something; what that costs of the time, and of the gateway, is answered.
    async fn orders(&mut self, count: usize) -> (SignedDuration, u32) {
        let (began, asked) = (self.clock.now(), self.gateway.asked());
        for _ in 0..count {
            self.told += 1;
            let told = Told {
                tenant: tenant(),
                reader: customer(&format!("user{}", self.told % PEOPLE)),
                notice: Notice {
                    id: format!("order/{}/3", self.told),
                    at: began,
                    ..a_notice(3)
                },
            };
            let told = tell(&self.store, &mails(), &told, None).await;
            told.unwrap();
        }
        let took = self.clock.now().duration_since(began);
        (took, self.gateway.asked() - asked)
    }

    /// A process that was started for it sends what is due.
    async fn process(&self) -> Driven {
        let codes = codes_for(FakeAccounts::default());
        let texts: Texts<_, _, FakeTexts, _> =
            Texts::new(self.breakers.clone(), self.gateway.clone(), codes);
        let until = self.clock.now() + SignedDuration::from_secs(30);
        let run = send_due(&self.store, &texts, &self.clock, until).await;
        run.unwrap()
    }

    /// A minute in which orders come in and so many processes send.
    async fn minute(&mut self, orders: usize, processes: usize) {
        let end = self.clock.now() + SignedDuration::from_mins(1);
        let cost = self.orders(orders).await;
        assert_eq!(cost, (SignedDuration::ZERO, 0), "nobody who tells waits");
        let step = SignedDuration::from_secs(60) / i32::try_from(processes).unwrap();
        for _ in 0..processes {
            self.process().await;
            self.clock.advance(step);
        }
        let left = end.duration_since(self.clock.now());
        self.clock.advance(left.max(SignedDuration::ZERO));
    }

    fn is_open(&self) -> bool {
        self.breakers.row(GATEWAY).open_since().is_some()
    }

    fn waiting(&self) -> usize {
        let rows = self.store.all_sendings();
        rows.iter().filter(|it| it.next_try().is_some()).count()
    }
}

/// How often each text was sent.
fn times(gateway: &FakeTexts) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for text in gateway.sent() {
        *times.entry(text.reference).or_default() += 1;
    }
    times
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_gateway_that_hangs_and_dies_is_left_alone_and_gets_every_text_once_it_is_back(
        per_minute in 5..60_usize,
        mute in any::<bool>(),
        hangs_for in 1..3_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut shop = Shop::new().await;
            shop.minute(per_minute, 1).await;
            shop.minute(0, 1).await;
            prop_assert_eq!(shop.gateway.sent().len(), shop.told, "all is well");

            let (asked, told) = (shop.gateway.asked(), shop.told);
            shop.gateway.feel(if mute { TextMood::Mute } else { TextMood::Hanging });
            for _ in 0..hangs_for {
                shop.minute(per_minute, PROCESSES).await;
            }
            shop.gateway.feel(TextMood::Down);
            for _ in 0..DEAD {
                shop.minute(per_minute, PROCESSES).await;
            }
            prop_assert!(shop.is_open());
            let (asked, offered) = (shop.gateway.asked() - asked, shop.told - told);
            // I13: of what was offered at most a tenth more is asked of a dead gateway.
            prop_assert!(usize::try_from(asked).unwrap() * 10 <= offered * 11, "{} of {}", asked, offered);
            prop_assert!(shop.waiting() >= offered - 16, "they wait");

            shop.gateway.feel(TextMood::Well);
            for _ in 0..40 {
                shop.minute(0, 1).await;
            }
            prop_assert!(!shop.is_open(), "it closes by itself");
            let times = times(&shop.gateway);
            prop_assert_eq!(times.len(), shop.told, "none is lost");
            let rows = shop.store.all_sendings();
            prop_assert!(rows.iter().all(|it| it.state == SendingState::Sent));
            let twice: u32 = times.values().map(|times| times - 1).sum();
            prop_assert!(twice <= shop.gateway.unanswered());
            prop_assert_eq!(twice, 0, "each of them was found");
            Ok(())
        })?;
    }
}

/// What whoever tells asks of the store is the same whatever the gateway does: they have no way to it.
#[tokio::test]
async fn who_tells_does_not_know_the_gateway() {
    let mut shop = Shop::new().await;
    for mood in [TextMood::Well, TextMood::Hanging, TextMood::Down] {
        shop.gateway.feel(mood);
        let text = domain::ports::Text {
            to: "+441632960001".to_owned(),
            body: String::new(),
            reference: "0".to_owned(),
        };
        assert_eq!(
            shop.gateway.send_text(&text).await.is_ok(),
            mood == TextMood::Well
        );
        assert_eq!(shop.orders(10).await, (SignedDuration::ZERO, 0), "{mood:?}");
    }
}
