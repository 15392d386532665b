//! Subscribers, who are each told of a course once.

use contracts::events::{Envelope, course_event};
use domain::ports::{KeepAccounts, KeepSubscribers, StoreError};
use domain::{Course, TenantId};
use identity::LinkTokens;
use jiff::Timestamp;
use lambda_boot::queue::{self, BatchAnswer};
use serde_json::Value;
use tell_subscribers::Outside;
use telling::{Links, Mails};
use testkit::FakeClock;
use testkit::build::{a_course, an_account, customer, tenant};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeMailer, FakeQueue, FakeRealtime, Fault};

use super::Consumer;

pub(super) struct TellSubscribers(
    Outside<FakeRealtime, FakeAccounts, FakeQueue, FakeBreakers, FakeMailer, FakeClock>,
);

fn shop() -> TenantId {
    tenant()
}

impl Consumer for TellSubscribers {
    const HOLDS: bool = false;

    /// Two who want to hear of courses.
    async fn fresh() -> Self {
        let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
        let (pages, api) = ("https://shop.example.org", "https://api.example.org");
        let outside = Outside {
            realtime: FakeRealtime::default(),
            accounts: FakeAccounts::default(),
            queue: FakeQueue::default(),
            mails: Mails::new(
                FakeBreakers::default(),
                FakeMailer::default(),
                Links::new(tokens, pages, api),
                FakeClock::default(),
            ),
        };
        for id in ["alice", "bob"] {
            let mut account = an_account(id);
            account.verified = true;
            outside.accounts.register(account).await.unwrap();
            let (shop, reader) = (shop(), customer(id));
            let subscribed = outside.realtime.subscribe((&shop, &reader));
            subscribed.await.unwrap();
        }
        Self(outside)
    }

    fn life(number: u64) -> Vec<Envelope> {
        let course = a_course(&format!("course{number}"), 0);
        vec![course_event(&Course {
            version: 1,
            ..course
        })]
    }

    async fn work(&self, batch: Value, _: Timestamp) -> BatchAnswer {
        let handle =
            |event: Envelope| async move { tell_subscribers::handle(&self.0, event).await };
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    /// What stands in the lists, whichever came first; a mail may be sent a second time where nobody
    /// knows whether it was.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let mut seen = Vec::new();
        for id in ["alice", "bob"] {
            let list = self.0.realtime.told_to(&shop(), &customer(id));
            let course = format!("course/course{number}/1@{id}");
            let own = list.iter().filter(|it| it.notice.id == course);
            seen.extend(own.map(|it| format!("{} {:?}", it.notice.id, it.by_mail)));
        }
        Ok(seen)
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.0.realtime.fail_write_after(after, fault);
    }
}
