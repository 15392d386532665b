//! `send-messages`: a text that is due, and a code.

use domain::ports::{KeepAccounts, KeepNotifications, KeepSendings, ReadSendings};
use domain::{ByMail, Channel, CustomerId, Notification, Reach, Sending, SendingState};
use dynamo_store::{AccountsTable, RealtimeTable};
use serde_json::json;
use testkit::build::{a_notice, an_account, tenant};
use testkit::{must, must_have};
use tests::emulator::aws::invoke;
use tests::emulator::shop::{Shop, now};

use super::{Rounds, done};
use crate::policy::each_is_needed;

/// The event of what somebody new was told, of which a text is due.
async fn due(table: &RealtimeTable, name: &str) -> String {
    let (tenant, customer) = (tenant(), must(CustomerId::parse(name)));
    let reader = (&tenant, &customer);
    let reach = Reach {
        takes_mail: true,
        texts_to: Some("+441632960001".to_owned()),
    };
    must(table.note_reach(reader, &reach, 2).await);
    let mut notice = a_notice(1);
    notice.id = format!("order/{name}/1");
    let notification = Notification {
        number: 1,
        notice,
        by_mail: ByMail::NoAddress,
        texted: true,
        read: false,
    };
    let kept = must(table.keep(reader, notification).await);
    let sending = Sending::of(Channel::Sms, reader, &kept);
    must(table.save_sending(sending).await).message
}

/// The event of a code that somebody new asked for.
async fn code_due(shop: &Shop, table: &RealtimeTable, name: &str) -> String {
    let accounts = AccountsTable::connect(&shop.stack.aws, shop.stack.get("ACCOUNTS_TABLE"));
    let mut account = an_account(name);
    account.profile.phone = Some("+441632960001".to_owned());
    assert_eq!(account.ask_phone_code(now()), Ok(true));
    let asked = *must_have(account.phone.asked());
    let account = must(accounts.register(account).await);
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
        let message = due(&table, &rounds.name(shop.name())).await;
        let code = code_due(&shop, &table, &rounds.name(shop.name())).await;
        done(invoke(&shop.stack, "send-messages", &json!({})).await)?;
        let rows = must(table.sendings(Channel::Sms, &[message, code]).await);
        match rows.iter().all(|it| it.state == SendingState::Sent) {
            true => Ok(()),
            false => Err(format!("not all were sent: {rows:?}")),
        }
    })
    .await;
}
