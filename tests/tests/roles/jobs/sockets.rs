//! The jobs of the functions behind sockets.

use std::time::Duration;

use contracts::sockets::{FiguresChanged, SliceBody};
use domain::ports::{KeepNotifications, KeepSockets};
use domain::{ByMail, GroupId, Notification, Role, Socket, SocketId, Topic};
use jiff::SignedDuration;
use limits::Counters;
use reqwest::Method;
use serde_json::json;
use testkit::build::{a_notice, customer, tenant};
use testkit::must;
use testkit::stream::{ItemChange, notification_image, stream_event};
use tests::emulator::aws::invoke;
use tests::emulator::shop::{Shop, now};
use tests::emulator::socket::{SocketClient, ticket};

use super::groups::{a_group, join};
use super::{Rounds, done};
use crate::policy::each_is_needed;

/// What does not come within this does not come.
const WITHIN: Duration = Duration::from_secs(5);

async fn open(shop: &Shop, reader: &str) -> Result<SocketClient, String> {
    let (ticket, url) = ticket(shop, &shop.token(reader)).await;
    let opened = SocketClient::connect(&format!("{url}?ticket={ticket}")).await;
    opened.map_err(|status| status.to_string())
}

async fn hears(socket: &mut SocketClient, kind: &str) -> Result<(), String> {
    match socket.hears(kind, WITHIN).await {
        true => Ok(()),
        false => Err(format!("no {kind} was said")),
    }
}

/// What functions have in hand of the limit of a reader.
async fn held(shop: &Shop, reader: &str) -> u32 {
    let key = format!("user#{}#{reader}", tenant());
    must(shop.tables.operations.row(&key).await).held
}

/// After the limiter could not count, it is left alone for five seconds.
async fn is_counted(
    shop: &Shop,
    (socket, reader): (&mut SocketClient, &str),
    before: u32,
) -> Result<(), String> {
    for _ in 0..8 {
        if held(shop, reader).await > before {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        socket.say(&json!({"action": "ping"})).await;
        hears(socket, "pong").await?;
    }
    Err("not counted".to_owned())
}

fn first(id: &str) -> Notification {
    let mut notice = a_notice(1);
    id.clone_into(&mut notice.id);
    Notification {
        number: 1,
        notice,
        by_mail: ByMail::NoAddress,
        texted: false,
        read: false,
    }
}

#[tokio::test]
async fn authorize_socket_and_realtime_need_their_roles() {
    let shop = Shop::alone("role-sockets").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "authorize-socket", async || {
        open(&shop, "alice").await.map(drop)
    })
    .await;
    each_is_needed(&shop.stack, "realtime", async || {
        let reader = rounds.name(&format!("reader-{}-", shop.name()));
        let (tenant, whose) = (tenant(), customer(&reader));
        let begin = shop.get(&reader, "/notifications").await.json();
        let told = first(&format!("told/{reader}"));
        must(shop.tables.realtime.keep((&tenant, &whose), told).await);
        let mut socket = open(&shop, &reader).await?;
        let before = held(&shop, &reader).await;
        let cursor = &begin["resume_cursor"];
        let resume = json!({"action": "resume", "list": "own", "cursor": cursor});
        socket.say(&resume).await;
        hears(&mut socket, "resumed").await?;
        is_counted(&shop, (&mut socket, &reader), before).await?;
        let group = a_group(&shop).await;
        join(&shop, &reader, group).await;
        subscribe(&mut socket, &group).await
    })
    .await;
}

#[tokio::test]
async fn push_updates_needs_its_role() {
    let shop = Shop::alone("role-push").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "push-updates", async || {
        let reader = rounds.name(&format!("reader-{}-", shop.name()));
        let (tenant, whose) = (tenant(), customer(&reader));
        let mut socket = open(&shop, &reader).await?;
        let ghost = Socket {
            id: must(SocketId::parse("ghost=")),
            session: None,
            since: must(now().checked_sub(SignedDuration::from_secs(60))),
        };
        let topic = Topic::Person(tenant.clone(), whose.clone());
        must(shop.tables.realtime.join(&topic, &ghost).await);
        let image = notification_image((&tenant, &whose), &first(&format!("told/{reader}")));
        let record = stream_event(&[ItemChange::inserted(image)]);
        done(invoke(&shop.stack, "push-updates", &record).await)?;
        hears(&mut socket, "notification").await?;
        let group = a_group(&shop).await;
        let told = first(&format!("told/{group}"));
        let image = notification_image((&tenant, &group.reader()), &told);
        let record = stream_event(&[ItemChange::inserted(image)]);
        done(invoke(&shop.stack, "push-updates", &record).await)?;
        let image = json!({"pk": {"S": "FIGURES#main#now#0"}, "entity": {"S": "figures"}});
        let record = stream_event(&[ItemChange::inserted(image)]);
        done(invoke(&shop.stack, "push-updates", &record).await)
    })
    .await;
}

#[tokio::test]
async fn push_dashboard_needs_its_role() {
    let shop = Shop::alone("role-live").await;
    // One piece is low at five.
    shop.sell("tea", 100, 1).await;
    let path = format!("/admin/inventory/{}/threshold", shop.sku("tea"));
    let low = shop.request(Method::PUT, &path).json(&json!({"low_at": 5}));
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let admin = shop.sign(&admin);
    let set = shop.ask(low.bearer_auth(&admin)).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let topic = Topic::Dashboard(tenant());
    each_is_needed(&shop.stack, "push-dashboard", async || {
        let mut socket = SocketClient::open(&shop, &admin).await;
        let subscribe = json!({"action": "subscribe", "to": ["dashboard"]});
        socket.say(&subscribe).await;
        hears(&mut socket, "subscribed").await?;
        let ghost = Socket {
            id: must(SocketId::parse("ghost=")),
            session: None,
            since: must(now().checked_sub(SignedDuration::from_secs(60))),
        };
        must(shop.tables.realtime.join(&topic, &ghost).await);
        let body = FiguresChanged::letter(&tenant(), now()).body;
        let event = json!({"Records": [{"messageId": "m", "body": body, "attributes": {}}]});
        done(invoke(&shop.stack, "push-dashboard", &event).await)?;
        hears(&mut socket, "dashboard").await?;
        let left = must(shop.tables.realtime.sockets_of(&topic).await);
        match left.iter().any(|it| it.id == ghost.id) {
            false => Ok(()),
            true => Err("who is gone is still in the row".to_owned()),
        }
    })
    .await;
}

async fn subscribe(socket: &mut SocketClient, group: &GroupId) -> Result<(), String> {
    let subscribe = json!({"action": "subscribe", "to": [group.list()]});
    socket.say(&subscribe).await;
    hears(socket, "subscribed").await
}

#[tokio::test]
async fn push_slices_needs_its_role() {
    let shop = Shop::alone("role-slices").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "push-slices", async || {
        let reader = rounds.name(&format!("reader-{}-", shop.name()));
        let group = a_group(&shop).await;
        join(&shop, &reader, group).await;
        let mut socket = open(&shop, &reader).await?;
        subscribe(&mut socket, &group).await?;
        let ghost = Socket {
            id: must(SocketId::parse("ghost=")),
            session: None,
            since: must(now().checked_sub(SignedDuration::from_secs(60))),
        };
        let topic = Topic::Group(tenant(), group);
        must(shop.tables.realtime.join(&topic, &ghost).await);
        let frame = json!({"type": "notification", "number": 1}).to_string();
        for slice in SliceBody::all_of((&tenant(), group), &frame) {
            let body = must(serde_json::to_string(&slice));
            let event = json!({"Records": [{"messageId": "m", "body": body, "attributes": {}}]});
            done(invoke(&shop.stack, "push-slices", &event).await)?;
        }
        hears(&mut socket, "notification").await?;
        match must(shop.tables.realtime.sockets_of(&topic).await).len() {
            1 => Ok(()),
            left => Err(format!("{left} sockets are left")),
        }
    })
    .await;
}
