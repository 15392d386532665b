//! Orders come in while the mail service hangs, is dead for minutes and comes back: how often it is
//! called by processes that know nothing, of those who tell and of those who send what waits.

use domain::ports::KeepContacts;
use testkit::fakes::{FakeAccounts, FakeMailer, MailFault};

use super::*;
use crate::tests::links;
use crate::{LaterMails, MAIL, MAIL_TERMS, Mails};

/// Calls of which nothing was known before the breaker opened.
const FIRST: usize = MAIL_TERMS.failures as usize;

struct Post {
    store: FakeRealtime,
    breakers: FakeBreakers,
    clock: FakeClock,
    mailer: FakeMailer,
    told: u64,
}

impl Post {
    fn new() -> Self {
        let clock = FakeClock::default();
        Self {
            store: FakeRealtime::default(),
            breakers: FakeBreakers::default(),
            mailer: FakeMailer::on(&clock),
            clock,
            told: 0,
        }
    }

    /// Of a process that was started for it.
    fn mails(&self) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
        let (breakers, mailer) = (self.breakers.clone(), self.mailer.clone());
        Mails::new(breakers, mailer, links(), self.clock.clone())
    }

    /// Somebody is told of an order of their own, by a new process; what they wait is answered.
    async fn order(&mut self) -> SignedDuration {
        self.told += 1;
        let began = self.clock.now();
        let order = order_id(self.told);
        let address = format!("buyer{}@example.org", self.told);
        let contact = domain::Contact {
            email: address.clone(),
        };
        self.store.put_contact(order, &contact).await.unwrap();
        let told = Told {
            tenant: tenant(),
            reader: customer(&format!("user{}", self.told % PEOPLE as u64)),
            notice: Notice {
                id: format!("order/{order}/3"),
                at: began,
                data: [("order_id".to_owned(), order.to_string())].into(),
                ..a_notice(3)
            },
        };
        let mails = self.mails();
        let told = tell(&self.store, &mails, &told, Some(&address)).await;
        told.unwrap();
        self.clock.now().duration_since(began)
    }

    /// A minute in which orders come in and so many processes send what waits; how long those who
    /// tell waited, all together.
    async fn minute(&mut self, orders: usize, processes: usize) -> SignedDuration {
        let end = self.clock.now() + SignedDuration::from_mins(1);
        let mut waited = SignedDuration::ZERO;
        for _ in 0..orders {
            waited += self.order().await;
        }
        let step = SignedDuration::from_secs(60) / i32::try_from(processes).unwrap();
        for _ in 0..processes {
            let mails = LaterMails::new(self.mails(), FakeAccounts::default());
            let until = self.clock.now() + SignedDuration::from_secs(30);
            let run = send_due(&self.store, &mails, &self.clock, until).await;
            run.unwrap();
            self.clock.advance(step);
        }
        let left = end.duration_since(self.clock.now());
        self.clock.advance(left.max(SignedDuration::ZERO));
        waited
    }

    /// How often each mail was sent.
    fn times(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for mail in self.mailer.sent() {
            *times.entry(mail.to).or_default() += 1;
        }
        times
    }

    fn is_open(&self) -> bool {
        self.breakers.row(MAIL).open_since().is_some()
    }
}

fn told_in_all(post: &Post) -> usize {
    usize::try_from(post.told).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_mail_service_that_hangs_and_dies_is_left_alone_and_gets_every_mail_once_it_is_back(
        per_minute in 5..60_usize,
        mute in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut post = Post::new();
            let waited = post.minute(per_minute, 1).await;
            prop_assert_eq!(waited, SignedDuration::ZERO);
            prop_assert_eq!(post.mailer.sent().len() as u64, post.told, "all is well");

            let (asked, told) = (post.mailer.asked(), post.told);
            let hangs = if mute { MailFault::UnknownAfter } else { MailFault::UnknownBefore };
            post.mailer.feel(Some(hangs));
            let waited = post.minute(per_minute, PROCESSES).await;
            let most = SignedDuration::from_secs(4) * i32::try_from(FIRST).unwrap();
            prop_assert!(waited <= most, "who tells waited {}", waited);
            post.mailer.feel(Some(MailFault::NotSent));
            for _ in 0..DEAD {
                let waited = post.minute(per_minute, PROCESSES).await;
                prop_assert_eq!(waited, SignedDuration::ZERO);
            }
            prop_assert!(post.is_open());
            let (asked, offered) = (post.mailer.asked() - asked, post.told - told);
            // I13: of what was offered at most a tenth more is asked of a dead service.
            prop_assert!(u64::from(asked) * 10 <= offered * 11, "{} of {}", asked, offered);

            post.mailer.feel(None);
            for _ in 0..40 {
                post.minute(0, 1).await;
            }
            prop_assert!(!post.is_open(), "it closes by itself");
            let times = post.times();
            let rows = post.store.all_sendings();
            let in_state = |state| rows.iter().filter(|it| it.state == state).count();
            let given_up = in_state(SendingState::GivenUp);
            prop_assert_eq!(in_state(SendingState::Sent) + given_up, rows.len());
            // Both of its tries met a service that hung: its reader sees that nobody knows.
            prop_assert!(given_up <= 2, "{}", given_up);
            prop_assert!(times.len() + given_up >= told_in_all(&post), "none is lost");
            let twice: usize = times.values().map(|times| times - 1).sum();
            prop_assert!(twice <= if mute { FIRST + 2 } else { 0 }, "{}", twice);
            prop_assert!(times.values().all(|times| *times <= 2));
            Ok(())
        })?;
    }
}
