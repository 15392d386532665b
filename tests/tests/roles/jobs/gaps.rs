//! `close-gaps`: an order of which `notify` lacks something, and a parcel of which
//! `track-shipments` does.

use std::time::Duration;

use contracts::events::{Envelope, envelopes_of_order, envelopes_of_shipment};
use domain::ports::{Load, Save};
use domain::{Order, Sequence};
use serde_json::json;
use testkit::build::{a_payment, a_shipment, an_order};
use testkit::{must, must_have};
use tests::emulator::aws::invoke;
use tests::emulator::inbox::{all_applied, forget_all_but_the_last};
use tests::emulator::shop::{Shop, now};

use super::done;
use crate::policy::each_is_needed;

/// Events of an order and of its parcel, all taken in.
async fn delivered(shop: &Shop) -> (Vec<Envelope>, Vec<Envelope>) {
    let id = shop.cart(&[]).id();
    let shipment = a_shipment().of(id).delivered();
    let of_shipment = envelopes_of_shipment(&shipment, Sequence::NONE);
    must(
        shop.tables
            .payments
            .save(a_payment().of(id).captured())
            .await,
    );
    must(
        shop.tables
            .orders
            .save(an_order().with_id(id).confirmed())
            .await,
    );
    must(shop.tables.shipping.save(shipment).await);
    all_applied(&shop.tables.orders, &of_shipment).await;
    // The parcel has moved it on.
    let order: Option<Order> = must(shop.tables.orders.load(&id).await);
    let of_order = envelopes_of_order(&must_have(order), Sequence::NONE);
    all_applied(&shop.tables.realtime, &of_order).await;
    (of_order, of_shipment)
}

/// How long the gaps may take to close.
const SOON: Duration = Duration::from_secs(60);

/// Whether the function closes a gap of each consumer; of another order each time, so that what an
/// earlier run set on its way closes none of them. The schedule's run may be there first: with the
/// same role it does what this one would.
async fn close(shop: &Shop) -> Result<(), String> {
    let (orders, shipments) = delivered(shop).await;
    let tables = &shop.tables;
    forget_all_but_the_last(&tables.realtime, &orders, now()).await;
    forget_all_but_the_last(&tables.orders, &shipments, now()).await;
    done(invoke(&shop.stack, "close-gaps", &json!({})).await)?;
    let closed = async {
        all_applied(&tables.realtime, &orders).await;
        all_applied(&tables.orders, &shipments).await;
    };
    let closed = tokio::time::timeout(SOON, closed).await;
    closed.map_err(|_| "a gap stays open".to_owned())
}

#[tokio::test]
async fn close_gaps_needs_its_role() {
    let shop = Shop::alone("role-gaps").await;
    each_is_needed(&shop.stack, "close-gaps", async || close(&shop).await).await;
}
