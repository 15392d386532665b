//! One notice, told against a list and a mail service in memory; `notify` tries the rest.

use domain::ByMail;
use identity::LinkTokens;
use testkit::FakeClock;
use testkit::build::{a_notice, customer, tenant};
use testkit::fakes::{FakeBreakers, FakeMailer, FakeRealtime, Fault};

use super::*;

mod mails;
pub(crate) mod texts;

pub(crate) fn links() -> Links {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    Links::new(
        tokens,
        "https://shop.example.org/",
        "https://api.example.org/",
    )
}

/// Of a process that knows nothing yet, by a service that is well.
pub(crate) fn mails() -> Mails<FakeBreakers, FakeMailer, FakeClock> {
    mails_by(&FakeMailer::default())
}

fn mails_by(mailer: &FakeMailer) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
    let breakers = FakeBreakers::default();
    Mails::new(breakers, mailer.clone(), links(), FakeClock::default())
}

fn told() -> Told {
    Told {
        tenant: tenant(),
        reader: customer("alice"),
        notice: a_notice(3),
    }
}

#[tokio::test]
async fn what_is_told_again_and_again_is_kept_once_and_mailed_once() {
    let (store, mailer) = (FakeRealtime::default(), FakeMailer::default());
    let mails = mails_by(&mailer);
    let address = Some("ada@example.org");
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        store.fail_next_write(fault);
        let failed = tell(&store, &mails, &told(), address).await;
        assert_eq!(failed.unwrap_err().name(), ErrorName::Unavailable);
    }
    for _ in 0..2 {
        tell(&store, &mails, &told(), address).await.unwrap();
    }
    let list = store.told_to(&tenant(), &customer("alice"));
    let by_mail: Vec<_> = list.iter().map(|it| it.by_mail).collect();
    assert_eq!(by_mail, [ByMail::Sent]);
    let [mail] = &mailer.sent()[..] else {
        panic!("{:?}", mailer.sent());
    };
    assert_eq!(mail.to, "ada@example.org");
}

#[tokio::test]
async fn without_an_address_it_is_kept_and_not_mailed() {
    let (store, mailer) = (FakeRealtime::default(), FakeMailer::default());
    let mails = mails_by(&mailer);
    tell(&store, &mails, &told(), None).await.unwrap();
    let list = store.told_to(&tenant(), &customer("alice"));
    assert_eq!(list[0].by_mail, ByMail::NoAddress);
    assert_eq!(mailer.sent(), []);
}
