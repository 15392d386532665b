//! Mails that cannot go out at once, against a mail service in memory.

use domain::ports::{
    DeliveryOutcome, ForgetContacts, ForgetNotifications, KeepAccounts, KeepChoices,
    KeepSubscribers, ReadDeliveries, ReadSendings, Reader,
};
use domain::{Channel, CustomerId, NotificationKind, SendingState, TenantId};
use jiff::SignedDuration;
use testkit::build::{an_account, order_id};
use testkit::fakes::{FakeAccounts, MailFault};

use super::*;

const ADDRESS: &str = "ada@example.org";

struct Shop {
    store: FakeRealtime,
    breakers: FakeBreakers,
    clock: FakeClock,
    mailer: FakeMailer,
    accounts: FakeAccounts,
    alice: (TenantId, CustomerId),
}

impl Shop {
    /// Alice has an order that says where its mails go.
    fn new() -> Self {
        let clock = FakeClock::default();
        Self {
            store: FakeRealtime::default().with_contact(order_id(1), ADDRESS),
            breakers: FakeBreakers::default(),
            mailer: FakeMailer::on(&clock),
            clock,
            accounts: FakeAccounts::default(),
            alice: (tenant(), customer("alice")),
        }
    }

    fn reader(&self) -> Reader<'_> {
        (&self.alice.0, &self.alice.1)
    }

    /// Of a process that knows nothing yet.
    fn mails(&self) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
        let (breakers, mailer) = (self.breakers.clone(), self.mailer.clone());
        Mails::new(breakers, mailer, links(), self.clock.clone())
    }

    async fn try_to_tell(&self, number: u64) -> Result<(), TellError> {
        let told = Told {
            notice: a_notice(number),
            ..told()
        };
        tell(&self.store, &self.mails(), &told, Some(ADDRESS)).await
    }

    async fn tell(&self, number: u64) {
        self.try_to_tell(number).await.unwrap();
    }

    /// What happens every minute, by a process that knows nothing yet.
    async fn minute(&self) -> Driven {
        self.clock.advance(SignedDuration::from_mins(1));
        let until = self.clock.now() + SignedDuration::from_secs(30);
        let mails = LaterMails::new(self.mails(), self.accounts.clone());
        let run = send_due(&self.store, &mails, &self.clock, until).await;
        run.unwrap()
    }

    async fn minutes(&self, count: usize) -> Driven {
        let mut all = Driven::default();
        for _ in 0..count {
            let run = self.minute().await;
            all.sent += run.sent;
            all.perhaps_twice += run.perhaps_twice;
            all.ended += run.ended;
        }
        all
    }

    fn states(&self) -> Vec<SendingState> {
        let all = self.store.all_sendings().into_iter();
        all.map(|it| it.state).collect()
    }

    /// What is kept for good of the mail of a notice.
    async fn outcome(&self, number: u64) -> DeliveryOutcome {
        let ids = [a_notice(number).id];
        let mut found = self.store.deliveries(&ids).await.unwrap();
        found.remove(0).1
    }

    fn is_open(&self) -> bool {
        self.breakers.row(MAIL).open_since().is_some()
    }
}

fn sent(count: u32) -> Driven {
    Driven {
        sent: count,
        ..Driven::default()
    }
}

#[tokio::test]
async fn while_all_is_well_a_mail_goes_out_at_once_and_leaves_no_row() {
    let shop = Shop::new();
    shop.tell(3).await;
    assert_eq!(shop.mailer.sent().len(), 1);
    assert_eq!(shop.states(), []);
    assert_eq!(shop.breakers.calls(), 1, "one look of a new process");
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Sent);
}

#[tokio::test]
async fn what_was_certainly_not_sent_waits_and_goes_out_once() {
    let shop = Shop::new();
    shop.mailer.fail_next(MailFault::NotSent);
    shop.tell(3).await;
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Open);
    for _ in 0..2 {
        // The event comes again.
        shop.tell(3).await;
    }
    assert_eq!(shop.mailer.sent(), []);
    assert_eq!(shop.minute().await, sent(1));
    assert_eq!(shop.minutes(10).await, Driven::default());
    shop.tell(3).await;
    let [mail] = &shop.mailer.sent()[..] else {
        panic!("{:?}", shop.mailer.sent());
    };
    assert_eq!(*mail, links().mail_of(&told(), ADDRESS));
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Sent);
}

#[tokio::test]
async fn while_the_breaker_is_open_nobody_calls_and_what_waits_goes_out_when_it_closes() {
    let shop = Shop::new();
    shop.mailer.feel(Some(MailFault::UnknownBefore));
    for number in 1..=5 {
        shop.tell(number).await;
    }
    assert!(shop.is_open());
    let (asked, began) = (shop.mailer.asked(), shop.clock.now());
    for number in 6..=50 {
        shop.tell(number).await;
    }
    assert_eq!(shop.mailer.asked(), asked);
    assert_eq!(shop.clock.now(), began, "nobody waits");
    assert_eq!(shop.states().len(), 50);
    shop.mailer.feel(Some(MailFault::NotSent));
    shop.minutes(30).await;
    assert_eq!(shop.mailer.sent(), []);
    shop.mailer.feel(None);
    shop.minutes(20).await;
    assert!(!shop.is_open());
    assert_eq!(shop.mailer.sent().len(), 50);
    assert!(shop.states().iter().all(|it| *it == SendingState::Sent));
    shop.tell(51).await;
    assert_eq!(shop.states().len(), 50, "at once, as before");
}

/// SES cannot be asked what it sent.
#[tokio::test]
async fn what_may_have_been_sent_is_sent_once_more_counted_and_then_given_up() {
    let shop = Shop::new();
    shop.mailer.fail_next(MailFault::UnknownAfter);
    shop.tell(3).await;
    let one = Driven {
        perhaps_twice: 1,
        ..sent(1)
    };
    assert_eq!(shop.minutes(5).await, one);
    assert_eq!(shop.mailer.sent().len(), 2);

    let shop = Shop::new();
    shop.mailer.feel(Some(MailFault::UnknownAfter));
    shop.tell(3).await;
    shop.mailer.feel(None);
    shop.mailer.fail_next(MailFault::UnknownAfter);
    assert_eq!(shop.minutes(10).await.ended, 1);
    assert_eq!(shop.mailer.sent().len(), 2);
    assert_eq!(shop.states(), [SendingState::GivenUp]);
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Unknown);
}

/// The row is there before the event is acknowledged, and the mail goes out, whichever write is lost.
#[tokio::test]
async fn a_mail_is_noted_wherever_whoever_tells_dies() {
    // Kept, claimed, noted.
    for write in 0..3 {
        for fault in [Fault::FailBefore, Fault::AppliedButError] {
            let shop = Shop::new();
            shop.mailer.fail_next(MailFault::NotSent);
            shop.store.fail_write_after(write, fault);
            let failed = shop.try_to_tell(3).await.unwrap_err();
            assert_eq!(failed.name(), ErrorName::Unavailable);
            shop.tell(3).await;
            shop.minutes(5).await;
            assert_eq!(shop.mailer.sent().len(), 1, "write {write}, {fault:?}");
            assert_eq!(shop.outcome(3).await, DeliveryOutcome::Sent);
        }
    }
}

/// Whatever write of the row is lost: it is sent, and twice only where it was not known that it was.
#[tokio::test]
async fn a_mail_is_sent_wherever_whoever_sends_dies() {
    // Claimed, noted for good, noted on its row.
    for write in 0..3 {
        for fault in [Fault::FailBefore, Fault::AppliedButError] {
            let shop = Shop::new();
            shop.mailer.fail_next(MailFault::NotSent);
            shop.tell(3).await;
            shop.store.fail_write_after(write, fault);
            let run = shop.minutes(6).await;
            let twice = usize::from(write == 1 && fault == Fault::FailBefore);
            let all = shop.mailer.sent().len();
            assert_eq!(all, 1 + twice, "write {write}, {fault:?}");
            assert!(run.perhaps_twice as usize >= twice);
            assert_eq!(shop.states(), [SendingState::Sent]);
            assert_eq!(shop.outcome(3).await, DeliveryOutcome::Sent);
        }
    }
}

/// Whoever told it before that was given up: a third try is nobody's.
#[tokio::test]
async fn what_two_tries_may_have_sent_is_not_sent_when_its_event_comes_again() {
    let shop = Shop::new();
    shop.store.given_up(&a_notice(3).id).await.unwrap();
    shop.tell(3).await;
    assert_eq!(shop.minutes(5).await.ended, 1);
    assert_eq!(shop.mailer.asked(), 0);
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Unknown);
}

/// The link to switch such mails off is in the mail itself.
#[tokio::test]
async fn what_may_have_been_sent_is_not_called_refused_when_its_reader_wants_no_more() {
    let shop = Shop::new();
    shop.mailer.fail_next(MailFault::UnknownAfter);
    shop.tell(3).await;
    let shipped = NotificationKind::OrderShipped;
    shop.store.switch_off(shop.reader(), shipped).await.unwrap();
    assert_eq!(shop.minutes(5).await.ended, 1);
    assert_eq!(shop.mailer.sent().len(), 1);
    assert_eq!(shop.outcome(3).await, DeliveryOutcome::Unknown);
}

#[tokio::test]
async fn who_left_the_subscription_is_sent_no_course_that_waits() {
    for stays in [true, false] {
        let shop = Shop::new();
        let mut account = an_account("alice");
        account.verified = true;
        shop.accounts.register(account).await.unwrap();
        shop.store.subscribe(shop.reader()).await.unwrap();
        shop.mailer.fail_next(MailFault::NotSent);
        let mut told = told();
        told.notice.kind = NotificationKind::CourseCreated;
        told.notice.data.clear();
        let mails = shop.mails();
        tell(&shop.store, &mails, &told, Some(ADDRESS))
            .await
            .unwrap();
        if !stays {
            shop.store.unsubscribe(shop.reader()).await.unwrap();
        }
        shop.minutes(5).await;
        assert_eq!(shop.mailer.sent().len(), usize::from(stays));
    }
}

/// What only our own role lacks says nothing about the service.
#[tokio::test]
async fn what_is_declined_waits_and_opens_no_breaker() {
    let shop = Shop::new();
    shop.mailer.feel(Some(MailFault::Declined));
    for number in 1..=20 {
        shop.tell(number).await;
    }
    shop.minutes(5).await;
    assert!(!shop.is_open());
    shop.mailer.feel(None);
    shop.minutes(40).await;
    assert_eq!(shop.mailer.sent().len(), 20);
}

#[tokio::test]
async fn who_was_erased_or_wants_no_such_mails_is_sent_nothing_that_waits() {
    for way in 0..3 {
        let shop = Shop::new();
        shop.mailer.fail_next(MailFault::NotSent);
        shop.tell(3).await;
        let shipped = NotificationKind::OrderShipped;
        match way {
            0 => shop.store.switch_off(shop.reader(), shipped).await,
            1 => shop.store.forget_contact(order_id(1)).await,
            _ => shop.store.forget_notifications(shop.reader()).await,
        }
        .unwrap();
        assert_eq!(shop.minutes(5).await.ended, 1, "{way}");
        assert_eq!(shop.mailer.sent(), []);
        let ids = [a_notice(3).id];
        let rows = shop.store.sendings(Channel::Email, &ids).await.unwrap();
        let ended = |it: &domain::Sending| matches!(it.state, SendingState::Refused(_));
        assert!(rows.iter().all(ended), "{rows:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_refused_is_kept_with_its_reason_and_opens_no_breaker() {
    let shop = Shop::new();
    shop.mailer.fail_next(MailFault::NotSent);
    shop.tell(3).await;
    shop.mailer.feel(Some(MailFault::Refused));
    for number in 4..24 {
        shop.tell(number).await;
    }
    assert_eq!(shop.minutes(5).await.ended, 1);
    assert!(!shop.is_open());
    for number in [3, 4] {
        let outcome = shop.outcome(number).await;
        let why = "no such address".to_owned();
        assert_eq!(outcome, DeliveryOutcome::Refused(why));
    }
    assert_eq!(shop.mailer.asked(), 22);
}
