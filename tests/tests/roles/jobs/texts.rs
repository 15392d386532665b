//! `send-messages`: a text that is due.

use domain::ports::{KeepNotifications, KeepSendings, ReadSendings};
use domain::{ByMail, Channel, CustomerId, Notification, Reach, Sending, SendingState};
use dynamo_store::RealtimeTable;
use serde_json::json;
use testkit::build::{a_notice, tenant};
use testkit::must;
use tests::emulator::aws::invoke;
use tests::emulator::shop::Shop;

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

#[tokio::test]
async fn send_messages_needs_its_role() {
    let shop = Shop::alone("role-texts").await;
    let table = RealtimeTable::connect(&shop.stack.aws, shop.stack.get("REALTIME_TABLE"));
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "send-messages", async || {
        let message = due(&table, &rounds.name(shop.name())).await;
        done(invoke(&shop.stack, "send-messages", &json!({})).await)?;
        let row = must(table.sendings(Channel::Sms, &[message]).await).pop();
        match row.map(|it| it.state) {
            Some(SendingState::Sent) => Ok(()),
            state => Err(format!("it was not sent: {state:?}")),
        }
    })
    .await;
}
