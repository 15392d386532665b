//! One notice, told against a list and a mail service in memory; `notify` tries the rest.

use domain::ByMail;
use identity::LinkTokens;
use testkit::build::{a_notice, customer, tenant};
use testkit::fakes::{FakeMailer, FakeRealtime, Fault, MailFault};

use super::*;

fn links() -> Links {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    Links::new(
        tokens,
        "https://shop.example.org/",
        "https://api.example.org/",
    )
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
    let (store, mailer, links) = (FakeRealtime::default(), FakeMailer::default(), links());
    let address = Some("ada@example.org");
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        store.fail_next_write(fault);
        let failed = tell(&store, &mailer, &links, &told(), address).await;
        assert_eq!(failed.unwrap_err().name(), ErrorName::Unavailable);
    }
    for _ in 0..2 {
        tell(&store, &mailer, &links, &told(), address)
            .await
            .unwrap();
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
    tell(&store, &mailer, &links(), &told(), None)
        .await
        .unwrap();
    let list = store.told_to(&tenant(), &customer("alice"));
    assert_eq!(list[0].by_mail, ByMail::NoAddress);
    assert_eq!(mailer.sent(), []);
}

#[tokio::test]
async fn a_mail_that_was_not_sent_is_told_again() {
    let (store, mailer, links) = (FakeRealtime::default(), FakeMailer::default(), links());
    let address = Some("ada@example.org");
    mailer.fail_next(MailFault::NotSent);
    let failed = tell(&store, &mailer, &links, &told(), address).await;
    assert_eq!(failed.unwrap_err().name(), ErrorName::Unavailable);
    tell(&store, &mailer, &links, &told(), address)
        .await
        .unwrap();
    assert_eq!(mailer.sent().len(), 1);
}
