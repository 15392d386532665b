//! What sockets are told of a change, from the items that are really written.

use domain::{ByMail, Role, Session, SessionLimits};
use testkit::build::{a_notice, an_account, an_order, at, customer, session_id, sku, tenant};
use testkit::stream::notification_image;

use super::*;
use crate::Stored;
use crate::outbox::from_stream_json;

fn alice() -> (TenantId, CustomerId) {
    (tenant(), customer("alice"))
}

fn a_notification() -> Notification {
    Notification {
        number: 7,
        notice: a_notice(3),
        by_mail: ByMail::NoAddress,
        texted: false,
        read: false,
    }
}

fn image() -> Image {
    notification::encode((&tenant(), &customer("alice")), &a_notification()).unwrap()
}

#[test]
fn a_new_notification_is_told_to_its_reader() {
    let wanted = Happened::Told {
        reader: alice(),
        notification: Box::new(a_notification()),
    };
    assert_eq!(happened(None, image()).unwrap(), Some(wanted));
    assert_eq!(happened(Some(image()), image()).unwrap(), None, "a mark");
}

#[test]
fn tests_of_functions_write_what_is_written() {
    let written = notification_image((&tenant(), &customer("alice")), &a_notification());
    assert_eq!(from_stream_json(written).unwrap(), image());
}

fn signed_out(session: Option<SessionId>, reason: &'static str) -> Option<Happened> {
    Some(Happened::SignedOut {
        reader: alice(),
        session,
        reason,
    })
}

#[test]
fn a_session_that_ends_is_told_once() {
    let account = an_account("alice");
    let begun = Session::begin(session_id(1), &account, &SessionLimits::default(), at(0));
    let mut rotated = begun.clone();
    rotated
        .present(begun.live, &SessionLimits::default(), at(100))
        .unwrap();
    let mut out = begun.clone();
    out.sign_out(at(1));
    let mut stolen = rotated.clone();
    stolen
        .present(begun.live, &SessionLimits::default(), at(900))
        .unwrap_err();
    let image = |session: &Session| session::encode(session).unwrap();
    let told = |old: &Session, new: &Session| happened(Some(image(old)), image(new)).unwrap();
    assert_eq!(happened(None, image(&begun)).unwrap(), None);
    assert_eq!(told(&begun, &rotated), None);
    assert_eq!(told(&begun, &out), signed_out(Some(begun.id), "signed-out"));
    assert_eq!(
        told(&rotated, &stolen),
        signed_out(Some(begun.id), "session-ended")
    );
    assert_eq!(told(&out, &out), None);
}

#[test]
fn whoever_is_somebody_else_from_now_on_is_told() {
    let before = an_account("alice");
    let image = |account: &Account| account::encode(account).unwrap();
    let told = |change: fn(&mut Account)| {
        let mut after = before.clone();
        change(&mut after);
        happened(Some(image(&before)), image(&after)).unwrap()
    };
    let other = |account: &mut Account| account.roles = vec![Role::Admin];
    assert_eq!(told(other), signed_out(None, "roles-changed"));
    let ended = |account: &mut Account| account.end_sessions(at(1));
    assert_eq!(told(ended), signed_out(None, "session-ended"));
    let deactivated = |account: &mut Account| account.deactivate(at(1));
    assert_eq!(told(deactivated), signed_out(None, "account-closed"));
    let erased = |account: &mut Account| drop(account.erase(at(1)));
    assert_eq!(told(erased), signed_out(None, "account-closed"));
    let renamed = |account: &mut Account| account.profile.name = "Al".to_owned();
    assert_eq!(told(renamed), None);
}

#[test]
fn stock_that_becomes_low_or_is_low_no_longer_is_an_alert() {
    let stock = |available: u32| {
        let image = serde_json::json!({
            "pk": {"S": "STOCK#sku-tea"}, "entity": {"S": "stock"}, "version": {"N": "3"},
            "available": {"N": available.to_string()}, "low_at": {"N": "5"}, "changed_at": {"N": "0"},
        });
        from_stream_json(image).unwrap()
    };
    let alerts = |old: Option<u32>, new| {
        let told = happened(old.map(stock), stock(new)).unwrap();
        matches!(told, Some(Happened::Stock { alerts: true, .. }))
    };
    assert!(alerts(Some(6), 5) && alerts(Some(5), 6) && alerts(None, 5));
    assert!(!alerts(Some(7), 6) && !alerts(Some(5), 4) && !alerts(None, 6));
}

#[test]
fn figures_and_new_courses_are_changes_of_their_shop() {
    let row = |key: &str, entity: &str| {
        let image = serde_json::json!({"pk": {"S": key}, "entity": {"S": entity}});
        happened(None, from_stream_json(image).unwrap())
    };
    let wanted = Happened::Counted(tenant());
    for (key, entity) in [
        ("FIGURES#main#now#3", figures::FIGURES),
        ("NEWEST#main", figures::NEWEST),
    ] {
        assert_eq!(row(key, entity).unwrap(), Some(wanted.clone()));
    }
    assert!(row("COUNTED#1", figures::FIGURES).is_err());
}

#[test]
fn other_items_are_nothing_to_sockets() {
    let order = an_order().pending().encode().unwrap();
    assert_eq!(happened(None, order).unwrap(), None);
    let stock = serde_json::json!({
        "pk": {"S": "STOCK#sku-tea"}, "entity": {"S": "stock"}, "version": {"N": "3"},
        "available": {"N": "2"}, "changed_at": {"N": "0"},
    });
    let told = happened(None, from_stream_json(stock).unwrap()).unwrap();
    let Some(Happened::Stock { stock, .. }) = told else {
        panic!("no stock");
    };
    assert_eq!(
        (stock.sku, stock.available, stock.version),
        (sku("sku-tea"), 2, 3)
    );
}
