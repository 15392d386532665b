//! What `notify` has taken in, and whether anything is still on its way to it.

use std::time::Duration;

use contracts::events::{Envelope, EventType};
use domain::ports::{Inbox, Load};
use domain::{Sequence, Taken};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::{must, must_have};

use super::aws;
use super::cart::Cart;
use super::shop::Shop;
use super::wait::until;

/// A message that failed comes back after three minutes.
const LIMIT: Duration = Duration::from_secs(240);

/// The last event of the order that `notify` applied.
pub async fn inbox(shop: &Shop, cart: &Cart) -> Sequence {
    let aggregate = format!("order/{}", cart.id());
    must(shop.tables.realtime.taken(&aggregate).await).applied
}

/// Waits until `notify` has applied all events of an order that has ended, and noted that.
pub async fn told(shop: &Shop, cart: &Cart) {
    let stored: Option<domain::Order> = must(shop.tables.orders.load(&cart.id()).await);
    let events = contracts::events::envelopes_of_order(&must_have(stored), Sequence::NONE);
    let last = must_have(events.iter().map(|event| event.sequence).max());
    let taken = || async { (inbox(shop, cart).await.0 >= last).then_some(()) };
    until("notify has taken everything", LIMIT, taken).await;
}

/// Waits until `notify` has taken everything that is in its queue for this order now.
///
/// A message of one group comes after those before it: one more event of the order, of a type that
/// says nothing to anybody, is put behind them and waited for.
pub async fn all_taken(shop: &Shop, cart: &Cart) {
    let stored: Option<domain::Order> = must(shop.tables.orders.load(&cart.id()).await);
    let none = Sequence::NONE;
    let events = contracts::events::envelopes_of_order(&must_have(stored), none);
    let last = inbox(shop, cart).await.next();
    let mut event = must_have(events.into_iter().next());
    event.event_type = EventType::OrderAttentionNeeded.as_str().to_owned();
    event.sequence = last.0;
    event.id = format!("{}/{last}", event.group());
    event.data = json!({"order_id": cart.id().to_string()});
    let queue = shop.stack.get("NOTIFY_QUEUE_URL");
    aws::send(&shop.stack, queue, &event, &format!("{}-marker", event.id)).await;
    let taken = || async { (inbox(shop, cart).await >= last).then_some(()) };
    until("notify has taken everything", LIMIT, taken).await;
}

/// Puts the inbox of a consumer to where it would be if of all these events only the last one had
/// come, an hour ago: what is before it is missing, and is to be asked for now.
pub async fn forget_all_but_the_last(inbox: &impl Inbox, events: &[Envelope], now: Timestamp) {
    let last = must_have(events.last());
    let aggregate = last.group();
    let since = must(now.checked_sub(SignedDuration::from_hours(1)));
    let text = must(serde_json::to_string(last));
    // The consumer may be writing it.
    let forget = || async {
        let mut taken = Taken {
            version: must(inbox.taken(&aggregate).await).version,
            ..Taken::default()
        };
        taken.hold(Sequence(last.sequence), text.clone(), since);
        inbox.save_taken(&aggregate, taken).await.ok()
    };
    until("the inbox to be set back", LIMIT, forget).await;
}

/// Waits until the inbox of a consumer has all these events, and holds none.
pub async fn all_applied(inbox: &impl Inbox, events: &[Envelope]) {
    let last = must_have(events.last());
    let applied = || async {
        let taken = must(inbox.taken(&last.group()).await);
        let all = taken.applied == Sequence(last.sequence) && taken.gap.is_none();
        all.then_some(())
    };
    until("everything to be applied", LIMIT, applied).await;
}
