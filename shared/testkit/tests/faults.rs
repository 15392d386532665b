//! Faults strike once, where the test wants them.

use domain::Attempt;
use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, BookParcels, Load, Parcel,
    ProviderError, Save, SaveError, SettlePayment, Settled,
};
use testkit::build::{address, an_order, at, eur, order_id, reference};
use testkit::fakes::{FakeCarrier, FakeOrders, FakePaymentProvider, Fault, ProviderFault};
use testkit::{FakeClock, must, must_fail};

#[tokio::test]
async fn a_failed_write_changes_nothing() {
    let orders = FakeOrders::default();
    orders.fail_next_write(Fault::FailBefore);
    let error = must_fail(orders.save(an_order().pending()).await);
    assert!(matches!(error, SaveError::Store(_)));
    assert_eq!(orders.all(), []);
    must(orders.save(an_order().pending()).await);
}

#[tokio::test]
async fn a_write_with_a_lost_answer_is_stored() {
    let orders = FakeOrders::default();
    orders.fail_next_write(Fault::AppliedButError);
    must_fail(orders.save(an_order().pending()).await);
    assert_eq!(orders.writes(), 1);
    let conflict = must_fail(orders.save(an_order().pending()).await);
    assert!(matches!(conflict, SaveError::Conflict(Some(_))));
}

#[tokio::test]
async fn somebody_else_can_be_faster() {
    let orders = FakeOrders::default();
    orders.meanwhile(an_order().charging());
    let conflict = must_fail(orders.save(an_order().pending()).await);
    let SaveError::Conflict(Some(stored)) = conflict else {
        panic!("a conflict tells what is stored");
    };
    assert_eq!(stored.state.name(), "charging");
}

#[tokio::test]
async fn a_failed_read_is_followed_by_a_good_one() {
    let orders = FakeOrders::default().with(an_order().pending());
    orders.fail_next_read();
    must_fail(orders.load(&order_id(1)).await);
    assert!(must(orders.load(&order_id(1)).await).is_some());
    assert_eq!(orders.reads(), 2);
}

fn request(method: &str) -> AuthorisationRequest {
    AuthorisationRequest {
        order_id: order_id(1),
        attempt: Attempt::FIRST,
        amount: eur(1_200),
        payment_method: method.to_owned(),
    }
}

#[tokio::test]
async fn the_provider_keeps_to_its_keys() {
    let provider = FakePaymentProvider::default();
    let first = must(provider.authorise(&request("pm_card_visa")).await);
    let again = must(provider.authorise(&request("pm_card_visa")).await);
    assert_eq!(first, again);
    assert_eq!(provider.intents().len(), 1);
    let other = must_fail(provider.authorise(&request("pm_card_declined")).await);
    assert!(matches!(other, ProviderError::Unexpected(_)));
}

#[tokio::test]
async fn a_declined_card_is_not_held() {
    let provider = FakePaymentProvider::default();
    let answer = must(provider.authorise(&request("pm_card_declined")).await);
    assert_eq!(
        answer,
        Authorisation::Declined("generic_decline".to_owned())
    );
    assert!(provider.book().iter().all(|entry| !entry.open));
}

#[tokio::test]
async fn an_authorisation_can_land_after_it_was_not_found() {
    let provider = FakePaymentProvider::default();
    provider.fail_next(ProviderFault::Late);
    must_fail(provider.authorise(&request("pm_card_visa")).await);
    let found = must(provider.look_up(order_id(1), Attempt::FIRST).await);
    assert_eq!(found, None);
    provider.land_late();
    let found = must(provider.look_up(order_id(1), Attempt::FIRST).await);
    assert!(matches!(found, Some(Authorisation::Held(_))));
}

#[tokio::test]
async fn a_capture_that_lands_after_the_cancel_takes_nothing() {
    let provider = FakePaymentProvider::default();
    must(provider.authorise(&request("pm_card_visa")).await);
    let pi = reference("pi");
    provider.fail_next(ProviderFault::Late);
    must_fail(provider.capture(order_id(1), Attempt::FIRST, &pi).await);
    let closed = must(provider.cancel(order_id(1), Attempt::FIRST, &pi).await);
    provider.land_late();
    let captured: i64 = provider.book().iter().map(|entry| entry.captured).sum();
    assert_eq!((closed, captured), (Settled::Closed, 0));
}

#[tokio::test]
async fn a_capture_with_a_lost_answer_is_told_to_the_cancel() {
    let provider = FakePaymentProvider::default();
    must(provider.authorise(&request("pm_card_visa")).await);
    let pi = reference("pi");
    provider.fail_next(ProviderFault::UnknownAfter);
    must_fail(provider.capture(order_id(1), Attempt::FIRST, &pi).await);
    let settled = must(provider.cancel(order_id(1), Attempt::FIRST, &pi).await);
    assert_eq!(settled, Settled::Captured);
}

#[tokio::test]
async fn a_provider_that_is_down_does_nothing() {
    let provider = FakePaymentProvider::default();
    provider.set_down(true);
    let down = must_fail(provider.authorise(&request("pm_card_visa")).await);
    assert!(matches!(down, ProviderError::Down(_)));
    assert_eq!(provider.intents(), []);
}

#[tokio::test]
async fn a_cancel_at_the_carrier_holds_before_the_create() {
    let carrier = FakeCarrier::default();
    must(carrier.cancel(order_id(1)).await);
    let parcel = must(carrier.create(order_id(1), &address(), &[]).await);
    assert_eq!(parcel, Parcel::Cancelled);
    assert!(carrier.parcels().iter().all(|parcel| parcel.booked == 0));
}

#[tokio::test]
async fn a_create_that_lands_after_the_cancel_books_nothing() {
    let carrier = FakeCarrier::default();
    carrier.fail_next(ProviderFault::Late);
    must_fail(carrier.create(order_id(1), &address(), &[]).await);
    must(carrier.cancel(order_id(1)).await);
    carrier.land_late();
    assert!(carrier.book().iter().all(|entry| !entry.open));
}

#[tokio::test]
async fn the_carrier_refuses_where_it_does_not_deliver() {
    let carrier = FakeCarrier::default();
    carrier.refuse_country("GB");
    let parcel = must(carrier.create(order_id(1), &address(), &[]).await);
    assert!(matches!(parcel, Parcel::Refused(_)));
}

#[test]
fn the_clock_moves_when_it_is_told_to() {
    let clock = FakeClock::default();
    clock.advance(jiff::SignedDuration::from_secs(5));
    assert_eq!(clock.now(), at(5));
}
