//! A course against subscribers, accounts, a queue and a mail service in memory.

use contracts::events::{course_event, envelopes_of_order};
use domain::ports::{KeepAccounts, ReadNotifications};
use domain::{AccountState, ByMail, Course, NotificationKind, SaleStatus, Sequence};
use identity::LinkTokens;
use jiff::{SignedDuration, Timestamp};
use telling::{Driven, LaterMails, Links, send_due};
use testkit::FakeClock;
use testkit::build::{a_course, an_account, an_order, customer, tenant};
use testkit::fakes::{
    FakeAccounts, FakeBreakers, FakeMailer, FakeQueue, FakeRealtime, Fault, MailFault,
};

use super::*;

type Parts = Outside<FakeRealtime, FakeAccounts, FakeQueue, FakeBreakers, FakeMailer, FakeClock>;

struct World {
    parts: Parts,
    mailer: FakeMailer,
    clock: FakeClock,
}

impl std::ops::Deref for World {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl World {
    /// What waits is sent some minutes later.
    async fn send_later(&self) -> Driven {
        self.clock.advance(SignedDuration::from_mins(5));
        let mails = LaterMails::new(mails(&self.mailer, &self.clock), self.accounts.clone());
        let sent = send_due(&self.realtime, &mails, &self.clock, Timestamp::MAX).await;
        sent.unwrap()
    }
}

fn mails(mailer: &FakeMailer, clock: &FakeClock) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let (pages, api) = ("https://shop.example.org", "https://api.example.org");
    let links = Links::new(tokens, pages, api);
    let breakers = FakeBreakers::default();
    Mails::new(breakers, mailer.clone(), links, clock.clone())
}

fn world() -> World {
    let (mailer, clock) = (FakeMailer::default(), FakeClock::default());
    let parts = Outside {
        realtime: FakeRealtime::default(),
        accounts: FakeAccounts::default(),
        queue: FakeQueue::default(),
        mails: mails(&mailer, &clock),
    };
    World {
        parts,
        mailer,
        clock,
    }
}

fn soldering() -> Course {
    Course {
        version: 1,
        ..a_course("soldering", 0)
    }
}

fn event() -> Envelope {
    course_event(&soldering())
}

/// Somebody with an account, whose address was shown to be theirs, wants to hear of courses.
async fn joins(world: &World, id: &str, change: impl Fn(&mut Account)) {
    let mut account = an_account(id);
    account.verified = true;
    change(&mut account);
    world.accounts.register(account).await.unwrap();
    let (shop, reader) = (tenant(), customer(id));
    world.realtime.subscribe((&shop, &reader)).await.unwrap();
}

fn list_of(world: &World, id: &str) -> Vec<(NotificationKind, ByMail)> {
    let told = world.realtime.told_to(&tenant(), &customer(id));
    told.iter().map(|it| (it.notice.kind, it.by_mail)).collect()
}

fn mailed(world: &World) -> Vec<String> {
    let mut to: Vec<_> = world.mailer.sent().into_iter().map(|it| it.to).collect();
    to.sort();
    to
}

/// Works on the event and on every page that it makes, in turn.
async fn all_pages(world: &World, event: Envelope) -> usize {
    handle(&world.parts, event).await.unwrap();
    let mut pages = 1;
    while let Some(letter) = world.queue.letters().get(pages - 1).cloned() {
        let page = Envelope::parse(&letter.body).unwrap();
        handle(&world.parts, page).await.unwrap();
        pages += 1;
    }
    pages
}

#[tokio::test]
async fn those_who_want_to_hear_of_a_course_are_told_once_in_their_list_and_by_mail() {
    let world = world();
    for id in ["alice", "bob"] {
        joins(&world, id, |_| {}).await;
    }
    world.accounts.register(an_account("carol")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(all_pages(&world, event()).await, 1);
    }
    for id in ["alice", "bob"] {
        let told = [(NotificationKind::CourseCreated, ByMail::Sent)];
        assert_eq!(list_of(&world, id), told);
    }
    assert_eq!(list_of(&world, "carol"), []);
    assert_eq!(mailed(&world), ["alice@example.org", "bob@example.org"]);
    let mail = &world.mailer.sent()[0];
    assert!(mail.text.contains("Soldering") || mail.text.contains(&soldering().details.title));
    assert!(mail.unsubscribe.is_some());
}

#[tokio::test]
async fn of_many_each_is_told_once_page_by_page_also_where_a_page_comes_again() {
    let world = world();
    let many = usize::from(PAGE) * 2 + 7;
    for number in 0..many {
        joins(&world, &format!("customer-{number}"), |_| {}).await;
    }
    assert_eq!(all_pages(&world, event()).await, 3);
    for letter in world.queue.letters() {
        let page = Envelope::parse(&letter.body).unwrap();
        assert_eq!(
            (page.id.as_str(), page.group()),
            (event().id.as_str(), event().group())
        );
        handle(&world.parts, page).await.unwrap();
    }
    assert_eq!(mailed(&world).len(), many);
    let mut distinct = mailed(&world);
    distinct.dedup();
    assert_eq!(distinct.len(), many);
}

#[tokio::test]
async fn an_address_that_nobody_showed_to_be_theirs_is_not_mailed() {
    let world = world();
    joins(&world, "alice", |account| account.verified = false).await;
    joins(&world, "bob", |account| {
        account.state = AccountState::Deactivated
    })
    .await;
    let (shop, stranger) = (tenant(), customer("stranger"));
    world.realtime.subscribe((&shop, &stranger)).await.unwrap();
    handle(&world.parts, event()).await.unwrap();
    for id in ["alice", "bob", "stranger"] {
        let told = [(NotificationKind::CourseCreated, ByMail::NoAddress)];
        assert_eq!(list_of(&world, id), told);
    }
    assert_eq!(mailed(&world), Vec::<String>::new());
}

#[tokio::test]
async fn who_was_erased_is_told_nothing_and_is_no_subscriber_any_more() {
    let world = world();
    joins(&world, "alice", |account| {
        account.state = AccountState::Erased
    })
    .await;
    handle(&world.parts, event()).await.unwrap();
    assert_eq!(list_of(&world, "alice"), []);
    let (shop, alice) = (tenant(), customer("alice"));
    let known = world.realtime.is_subscribed((&shop, &alice)).await;
    assert!(!known.unwrap());
}

#[tokio::test]
async fn a_course_that_is_not_on_sale_is_told_nobody() {
    let world = world();
    joins(&world, "alice", |_| {}).await;
    let mut hidden = soldering();
    hidden.details.status = SaleStatus::Withdrawn;
    handle(&world.parts, course_event(&hidden)).await.unwrap();
    let order = envelopes_of_order(&an_order().confirmed(), Sequence::NONE);
    handle(&world.parts, order[0].clone()).await.unwrap();
    assert_eq!(list_of(&world, "alice"), []);
}

/// Each write of a page fails once, before or after it happened: the page comes again.
#[tokio::test]
async fn a_page_that_is_interrupted_anywhere_tells_nobody_twice() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        for writes in 0..8 {
            let world = world();
            for id in ["alice", "bob"] {
                joins(&world, id, |_| {}).await;
            }
            world.realtime.fail_write_after(writes, fault);
            for _ in 0..3 {
                // The first, or none, goes back.
                drop(handle(&world.parts, event()).await);
            }
            assert_eq!(list_of(&world, "alice").len(), 1, "{fault:?} {writes}");
            let list = world.realtime.list_of((&tenant(), &customer("bob"))).await;
            assert_eq!(list.unwrap().last, 1, "{fault:?} {writes}");
            world.send_later().await;
            let sent = mailed(&world).len();
            // What was sent and could not be noted may be sent a second time.
            assert!((2..=3).contains(&sent), "{fault:?} {writes}: {sent}");
        }
    }
}

#[tokio::test]
async fn a_mail_that_cannot_go_out_now_holds_no_page_and_goes_out_later() {
    let world = world();
    for id in ["alice", "bob", "carol"] {
        joins(&world, id, |_| {}).await;
    }
    world.mailer.feel(Some(MailFault::NotSent));
    handle(&world.parts, event()).await.unwrap();
    assert_eq!(list_of(&world, "alice").len(), 1);
    // Whose address is not theirs any more is sent nothing that waits.
    let carol = world.accounts.account(&customer("carol")).await;
    let mut carol = carol.unwrap().unwrap();
    carol.state = AccountState::Deactivated;
    world.accounts.save_account(carol).await.unwrap();
    world.mailer.feel(None);
    let run = world.send_later().await;
    assert_eq!((run.sent, run.ended), (2, 1));
    assert_eq!(mailed(&world), ["alice@example.org", "bob@example.org"]);
}

#[tokio::test]
async fn a_page_whose_next_one_cannot_be_sent_goes_back() {
    let world = world();
    for number in 0..=PAGE {
        joins(&world, &format!("customer-{number}"), |_| {}).await;
    }
    world.queue.set_down(true);
    let failed = handle(&world.parts, event()).await.unwrap_err();
    assert_eq!(failed.name(), ErrorName::Unavailable);
    world.queue.set_down(false);
    assert_eq!(all_pages(&world, event()).await, 2);
    assert_eq!(mailed(&world).len(), usize::from(PAGE) + 1);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names.len(), 8, "{names:?}");
}
