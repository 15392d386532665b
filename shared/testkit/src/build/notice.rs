//! Something to tell.

use domain::{Notice, NotificationKind};

use super::{at, order_id};

/// What an order was told by its n-th event: its parcel left.
pub fn a_notice(number: u64) -> Notice {
    let id = order_id(1);
    Notice {
        id: format!("order/{id}/{number}"),
        kind: NotificationKind::OrderShipped,
        title: format!("Your order {id} is on its way"),
        message: "Your parcel has left us.".to_owned(),
        data: [("order_id".to_owned(), id.to_string())].into(),
        at: at(i64::try_from(number).unwrap_or_default()),
    }
}
