//! Orders, of customers and of those who run the shop; what third parties tell of them.

use contracts::events::{RefundBody, ReturnedLineBody};
use contracts::http::{
    AdminOrderListBody, AdminOrderListItem, CancelBody, OrderBody, OrderListBody, OrderListItem,
    OrderPlacedBody, OrderStatusBody, PlaceOrder, PlaceOrderContact, PlaceOrderLine,
    RefundGrantedBody, RefundLine, RefundOrder, STATUSES, SetStatus, TimelineBody,
};
use contracts::{AddressBody, AmountBody};
use domain::{FailureCode, Order};
use serde_json::{Value, json};
use testkit::build::{a_lease, a_payment, a_shipment, address, an_order, at as moment};

use crate::openapi::operation::{Operation, at};

fn confirmed() -> Order {
    an_order().confirmed()
}

fn to_place() -> PlaceOrder {
    let ship_to = AddressBody::from(&address());
    PlaceOrder {
        lines: vec![PlaceOrderLine {
            product_id: "p-0001".to_owned(),
            quantity: 2,
        }],
        ship_to,
        payment_method: "pm_card_visa".to_owned(),
        contact: Some(PlaceOrderContact {
            email: "ada@example.org".to_owned(),
        }),
        expected_total: None,
    }
}

fn status() -> Value {
    json!({"type": "string", "enum": STATUSES})
}

/// What a customer does with orders.
pub(super) fn placed() -> Vec<Operation> {
    let order = confirmed();
    let listed = OrderListBody {
        orders: vec![OrderListItem::from(&order)],
        next_cursor: None,
    };
    vec![
        at(
            "POST /api/v1/orders",
            "placeOrder",
            "Places an order at the prices of the catalogue.",
        )
        .once()
        .takes(&to_place())
        .answers(
            201,
            "Placed, now or before.",
            &OrderPlacedBody::from(&order.facts),
        )
        .with(&["Location"])
        .refuses(409, &["total-differs"])
        .refuses(422, &["unknown-product", "product-not-on-sale", "amount"]),
        at(
            "GET /api/v1/orders",
            "listOrders",
            "One's own orders, newest first.",
        )
        .asks(
            "status",
            "only those; a page may be short, or empty, and still have a cursor",
            status(),
        )
        .pages()
        .answers(200, "A page of orders.", &listed),
        at(
            "GET /api/v1/orders/{id}",
            "getOrder",
            "The order: lines, status, parcel, refunds, what happened.",
        )
        .answers(200, "The order.", &OrderBody::from(&order)),
    ]
}

/// What becomes of them.
pub(super) fn followed() -> Vec<Operation> {
    let order = confirmed();
    let failed = an_order().failed(FailureCode::OutOfStock);
    let known = (
        Some(&a_lease().sold()),
        Some(&a_payment().captured()),
        Some(&a_shipment().created()),
    );
    let story = TimelineBody::of(&order, known);
    vec![
        at(
            "GET /api/v1/orders/{id}/status",
            "getOrderStatus",
            "The status, and whether anything more will happen.",
        )
        .answers(200, "The status.", &OrderStatusBody::from(&failed)),
        at(
            "GET /api/v1/orders/{id}/timeline",
            "getOrderTimeline",
            "What happened to the order, its stock, its payment and its parcel, oldest first.",
        )
        .answers(200, "What happened.", &story),
        at(
            "PUT /api/v1/orders/{id}/cancel",
            "cancelOrder",
            "Takes the order back, before or after it was charged. A second time changes nothing.",
        )
        .answers(
            200,
            "Nothing is left to do.",
            &CancelBody::from(&an_order().failed(FailureCode::CancelledByCustomer)),
        )
        .answers(
            202,
            "Something is taken or given back.",
            &CancelBody::from(&order),
        )
        .refuses(409, &["too-late", "conflict"]),
    ]
}

/// What those who run the shop do with them.
pub(super) fn in_the_office() -> Vec<Operation> {
    let order = confirmed();
    let listed = AdminOrderListBody {
        orders: vec![AdminOrderListItem::from(&order)],
        next_cursor: None,
    };
    let shipped = SetStatus {
        status: "shipped".to_owned(),
        tracking_number: Some("GB123456785".to_owned()),
    };
    let refund = RefundOrder {
        lines: Some(vec![RefundLine {
            product_id: "p-0001".to_owned(),
            quantity: 1,
        }]),
        restock: true,
    };
    let granted = RefundGrantedBody {
        order_id: order.facts.id.to_string(),
        refund: RefundBody {
            refund_id: "5e884898da28047151d0e56f8dc62927".to_owned(),
            amount: AmountBody {
                minor: 1_200,
                currency: "EUR".to_owned(),
            },
            lines: vec![ReturnedLineBody {
                product_id: "p-0001".to_owned(),
                quantity: 1,
            }],
            goods: "restocked".to_owned(),
        },
        granted_at: moment(60),
    };
    let time = json!({"type": "string", "format": "date-time"});
    vec![
        at("GET /api/v1/admin/orders", "listAllOrders", "All orders of the shop, newest first.")
            .asks("status", "only those; a page may be short, or empty, and still have a cursor", status())
            .asks("from", "placed at this time or later; seven days before `until` unless asked otherwise", time.clone())
            .asks("until", "placed before this time, 31 days after `from` at most; now unless asked otherwise", time)
            .pages()
            .answers(200, "A page of orders.", &listed),
        at("PUT /api/v1/admin/orders/{id}/status", "setOrderStatus", "Says that the parcel is on its way or there; settles an order that needs attention, where all services have answered.")
            .takes(&shipped)
            .answers(200, "The status.", &OrderStatusBody::from(&order))
            .refuses(409, &["wrong-status", "conflict"])
            .refuses(422, &["superseded"]),
        at("POST /api/v1/admin/orders/{id}/refunds", "refundOrder", "Grants a refund of lines, or of all that is left. It was carried out when the order shows it with `done_at`.")
            .once()
            .takes(&refund)
            .answers(201, "Granted, now or before.", &granted)
            .refuses(409, &["nothing-to-refund", "conflict"])
            .refuses(422, &["refund-refused"]),
    ]
}

/// What the payment provider and the carrier tell.
pub(super) fn webhooks() -> Vec<Operation> {
    let received = json!({"received": true});
    let payment = json!({
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "amount": 2_400, "currency": "eur"}},
    });
    let parcel = json!({"id": "news-1", "type": "parcel.shipped"});
    vec![
        at("POST /api/v1/payments/webhook", "tellOfPayment", "Takes in what became of a payment. Genuine news is answered 200 once it need not be sent again.")
            .signed("Stripe-Signature", payment)
            .answers(200, "Taken in, now or before.", &received),
        at("POST /api/v1/shipping/webhook", "tellOfParcel", "Takes in what became of a parcel. Genuine news is answered 200 once it need not be sent again.")
            .signed("Carrier-Signature", parcel)
            .answers(200, "Taken in, now or before.", &received),
    ]
}
