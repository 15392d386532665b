//! `send-messages`: a text that is due, a code, and mails that wait, of an order and of a course.

use domain::ports::{
    KeepAccounts, KeepContacts, KeepNotifications, KeepSendings, KeepSubscribers,
    ReadNotifications, ReadSendings,
};
use domain::{
    ByMail, Channel, Contact, CustomerId, Notification, NotificationKind, Reach, Sending,
    SendingState,
};
use dynamo_store::RealtimeTable;
use serde_json::json;
use testkit::build::{a_notice, an_account, tenant};
use testkit::{must, must_have};
use tests::emulator::aws::invoke;
use tests::emulator::shop::{Shop, now};

use super::profiles::accounts;
use super::{Rounds, done, mail_is_sent};
use crate::policy::each_is_needed;

/// The event of what somebody new was told, of an order or of a course, of which a text and a mail are
/// due.
async fn due(shop: &Shop, table: &RealtimeTable, name: &str, kind: NotificationKind) -> String {
    let (tenant, customer) = (tenant(), must(CustomerId::parse(name)));
    let reader = (&tenant, &customer);
    let reach = Reach {
        takes_mail: true,
        texts_to: Some("+441632960001".to_owned()),
    };
    must(table.note_reach(reader, &reach, 2).await);
    let mut notice = a_notice(1);
    notice.id = format!("{}/{name}/1", kind.name());
    notice.kind = kind;
    match kind {
        NotificationKind::CourseCreated => {
            notice.data.clear();
            must(table.subscribe(reader).await);
        }
        _ => {
            let order = shop.cart(&[]).id();
            let email = format!("{name}@example.test");
            must(table.put_contact(order, &Contact { email }).await);
            notice.data.insert("order_id".to_owned(), order.to_string());
        }
    }
    let notification = Notification {
        number: must(table.list_of(reader).await).last + 1,
        notice,
        by_mail: ByMail::Sent,
        texted: true,
        read: false,
    };
    let kept = must(table.keep(reader, notification).await);
    for channel in Channel::ALL {
        let sending = Sending::of(channel, reader, &kept);
        must(table.save_sending(sending).await);
    }
    kept.notice.id
}

async fn is_sent(table: &RealtimeTable, channel: Channel, message: &str) -> Result<(), String> {
    let row = must(table.sendings(channel, &[message.to_owned()]).await).pop();
    match row.map(|it| it.state) {
        Some(SendingState::Sent) => Ok(()),
        state => Err(format!("it was not sent: {channel:?} {state:?}")),
    }
}

/// The event of a code that somebody new asked for, whose address is theirs.
async fn code_due(shop: &Shop, table: &RealtimeTable, name: &str) -> String {
    let mut account = an_account(name);
    account.verified = true;
    account.profile.phone = Some("+441632960001".to_owned());
    assert_eq!(account.ask_phone_code(now()), Ok(true));
    let asked = *must_have(account.phone.asked());
    let account = must(accounts(shop).register(account).await);
    let message = asked.message(&account.id);
    let reader = (&account.tenant, &account.id);
    let sending = Sending::of_phone_code(message, reader, asked.number, asked.at);
    must(table.save_sending(sending).await).message
}

#[tokio::test]
async fn send_messages_needs_its_role() {
    let shop = Shop::alone("role-texts").await;
    let table = RealtimeTable::connect(&shop.stack.aws, shop.stack.get("REALTIME_TABLE"));
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "send-messages", async || {
        let name = rounds.name(shop.name());
        let of_order = due(&shop, &table, &name, NotificationKind::OrderShipped).await;
        let code = code_due(&shop, &table, &name).await;
        let of_course = due(&shop, &table, &name, NotificationKind::CourseCreated).await;
        done(invoke(&shop.stack, "send-messages", &json!({})).await)?;
        for text in [&of_order, &code] {
            is_sent(&table, Channel::Sms, text).await?;
        }
        for mail in [of_order, of_course] {
            is_sent(&table, Channel::Email, &mail).await?;
            mail_is_sent(&table, &mail).await?;
        }
        Ok(())
    })
    .await;
}
