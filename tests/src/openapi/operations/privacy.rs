//! What is kept about a person.

use contracts::http::{
    ApiKeyBody, EraseUser, ErasedBody, ExportBody, ExportedMessage, ExportedOrder, GroupBody,
    NotificationBody, Secret, UserBody,
};
use domain::NotificationList;
use domain::ports::DeliveryOutcome;
use testkit::build::{
    a_group, a_notice, a_payment, a_shipment, an_account, an_api_key, an_order, at as moment,
    order_id,
};
use testkit::must_have;

use crate::openapi::operation::{Operation, at};

fn exported() -> ExportBody {
    let (payment, parcel) = (a_payment().captured(), a_shipment().created());
    let sent = DeliveryOutcome::Sent;
    let told = vec![(format!("order/{}/1", order_id(1)), sent.clone())];
    let list = NotificationList::default();
    let notification = must_have(list.next(a_notice(1), true));
    ExportBody {
        account: UserBody::from(&an_account("ada")),
        api_keys: vec![ApiKeyBody::from(&an_api_key(1).0)],
        messages: vec![ExportedMessage::from(("account/ada/1".to_owned(), sent))],
        notifications: vec![NotificationBody::of(&list, &notification, None)],
        more_notifications: 0,
        course_subscription: true,
        groups: vec![GroupBody::from(&a_group(1))],
        orders: vec![ExportedOrder::of(
            &an_order().confirmed(),
            (Some(&payment), Some(&parcel)),
            told,
        )],
        next_cursor: None,
    }
}

/// Seeing it, and having it erased.
pub(super) fn kept() -> Vec<Operation> {
    let asked = EraseUser {
        password: Some(Secret("correct horse battery".to_owned())),
    };
    let erased = ErasedBody {
        user_id: "ada".to_owned(),
        status: "erased".to_owned(),
        erased_at: moment(60),
        open_orders: vec![order_id(1).to_string()],
    };
    vec![
        at(
            "GET /api/v1/users/{id}/export",
            "exportUser",
            "Everything that is kept about the person; orders by page.",
        )
        .pages()
        .answers(200, "A page of it.", &exported()),
        at(
            "POST /api/v1/users/{id}/erase",
            "eraseUser",
            "Erases the person for good. The owner sends the password, an admin does not erase themselves.",
        )
        .takes(&asked)
        .answers(202, "Erased; of orders that are under way when they have ended.", &erased)
        .refuses(403, &["wrong-password"])
        .refuses(409, &["own-account", "conflict"]),
    ]
}
