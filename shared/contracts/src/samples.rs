//! The smallest valid examples: lives of aggregates that between them raise every type of event.

use domain::{
    Account, AccountEvent, Address, Aggregate, CarrierName, Contact, Course, CourseDetails,
    CourseId, Currency, CustomerId, Email, Epoch, Failure, FailureCode, Handover, Lease,
    LeaseCommand, Money, Order, OrderCommand, OrderFacts, OrderId, OrderLine, PasswordHash,
    Payment, PaymentCommand, PaymentTerms, Product, ProductDetails, ProductId, ProviderReference,
    RefundId, Registration, RequestHash, Role, SaleStatus, Shipment, ShipmentCommand,
    ShipmentTerms, Sku, StockLine, TenantId, Totals, Traceparent, TrackingNumber,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) const ORDER_ID: &str = "00411189-0e2f-8533-b010-e23a2f8bbf41";
pub(crate) const EMAIL: &str = "ada@example.org";
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A moment of the test day, in seconds after its start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(crate) fn order_id() -> OrderId {
    OrderId(Uuid::parse_str(ORDER_ID).unwrap())
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

pub(crate) fn facts() -> OrderFacts {
    let line = |product, sku, quantity, minor| OrderLine {
        product_id: ProductId::parse(product).unwrap(),
        sku: Sku::parse(sku).unwrap(),
        quantity,
        unit_price: eur(minor),
    };
    OrderFacts {
        id: order_id(),
        tenant: TenantId::parse("shop").unwrap(),
        customer: CustomerId::parse("ada").unwrap(),
        lines: vec![
            line("lamp", "LAMP-1", 2, 1_200),
            line("bulb", "BULB-9", 1, 350),
        ],
        totals: Totals::new(eur(2_750), eur(490), eur(616)).unwrap(),
        ship_to: address(),
        payment_method: "pm_card_visa".to_owned(),
        contact: Some(Contact {
            email: EMAIL.to_owned(),
        }),
        placed_at: at(0),
        request_hash: RequestHash::of(b"request"),
        traceparent: Some(Traceparent::parse(TRACE).unwrap()),
    }
}

pub(crate) fn address() -> Address {
    Address {
        name: "Ada Example".to_owned(),
        street: "Main Road 1".to_owned(),
        city: "Dublin".to_owned(),
        postcode: "D01".to_owned(),
        country: "IE".to_owned(),
    }
}

/// Executes the commands one second apart, from second 1 on.
pub(crate) fn lived<A: Aggregate>(mut aggregate: A, commands: &[A::Command]) -> A {
    for (command, second) in commands.iter().zip(1..) {
        aggregate.execute(command, at(second)).unwrap();
    }
    aggregate
}

fn unwind(code: FailureCode, detail: &str) -> OrderCommand {
    OrderCommand::DecideUnwinding {
        epoch: Epoch::FIRST,
        failure: Failure::new(code, detail),
    }
}

/// Placed, charging, flagged, completed.
pub(crate) fn completed_order() -> Order {
    let epoch = Epoch::FIRST;
    let life = [
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Flag { epoch },
        OrderCommand::Complete { epoch },
    ];
    lived(Order::place(facts()), &life)
}

/// Asked to be cancelled while it was charged, completed, refunded.
pub(crate) fn refunded_order() -> Order {
    let epoch = Epoch::FIRST;
    let id = RefundId::of_cancel();
    let life = [
        OrderCommand::DecideCharging { epoch },
        OrderCommand::RequestCancel,
        OrderCommand::Complete { epoch },
        OrderCommand::RecordRefunded { id },
    ];
    lived(Order::place(facts()), &life)
}

/// Completed, shipped, delivered.
pub(crate) fn delivered_order() -> Order {
    let tracking = TrackingNumber::parse("JD0002").unwrap();
    let life = [
        OrderCommand::RecordShipped { tracking },
        OrderCommand::RecordDelivered,
    ];
    lived(completed_order(), &life)
}

/// Placed, unwinding, failed.
pub(crate) fn failed_order() -> Order {
    let epoch = Epoch::FIRST;
    let reason = unwind(FailureCode::OutOfStock, "LAMP-1 ran out: 2 ordered, 1 left");
    lived(
        Order::place(facts()),
        &[reason, OrderCommand::Fail { epoch }],
    )
}

/// Placed without a contact or a trace, unwinding, cancelled.
pub(crate) fn cancelled_order() -> Order {
    let epoch = Epoch::FIRST;
    let mut facts = facts();
    facts.contact = None;
    facts.traceparent = None;
    let reason = unwind(FailureCode::CancelledByCustomer, "");
    lived(Order::place(facts), &[reason, OrderCommand::Fail { epoch }])
}

fn reserved() -> Lease {
    let facts = facts();
    let line = |line: &OrderLine| StockLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
    };
    let reserve = LeaseCommand::Reserve {
        tenant: facts.tenant,
        traceparent: facts.traceparent,
        lines: facts.lines.iter().map(line).collect(),
    };
    let mut lease = Lease::none(order_id());
    lease.reserve(reserve, at(1)).unwrap();
    lease
}

/// Sold, and some came back; released; and released before anything was held.
pub(crate) fn leases() -> [Lease; 3] {
    let restock = LeaseCommand::Restock {
        id: RefundId::of_cancel(),
        lines: vec![StockLine {
            sku: Sku::parse("LAMP-1").unwrap(),
            quantity: 1,
        }],
    };
    [
        lived(reserved(), &[LeaseCommand::Commit, restock]),
        lived(reserved(), &[LeaseCommand::Release]),
        lived(Lease::none(order_id()), &[LeaseCommand::Release]),
    ]
}

fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

fn authorising() -> Payment {
    let facts = facts();
    let terms = PaymentTerms {
        tenant: facts.tenant,
        traceparent: facts.traceparent,
        amount: facts.totals.total(),
        payment_method: facts.payment_method,
    };
    let mut payment = Payment::none(order_id());
    payment.start(terms, at(1)).unwrap();
    payment
}

/// Captured and refunded; declined and closed; and closed before anything was sent.
pub(crate) fn payments() -> [Payment; 3] {
    use PaymentCommand as C;
    let reference = reference("pi_1");
    let captured = [
        C::RecordAuthorised {
            reference: reference.clone(),
        },
        C::RecordCaptureUnheard,
        C::RecordCaptured { reference },
        C::StartRefund {
            id: RefundId::of_cancel(),
            amount: eur(2_750),
        },
        C::RecordRefunded {
            id: RefundId::of_cancel(),
            reference: self::reference("re_1"),
        },
    ];
    let reason = "insufficient_funds".to_owned();
    let declined = [
        C::RecordDeclined { reason },
        C::StartClosing,
        C::RecordClosed,
    ];
    [
        lived(authorising(), &captured),
        lived(authorising(), &declined),
        lived(Payment::none(order_id()), &[C::StartClosing]),
    ]
}

fn creating() -> Shipment {
    let facts = facts();
    let terms = ShipmentTerms {
        tenant: facts.tenant,
        traceparent: facts.traceparent,
        ship_to: facts.ship_to,
        lines: Vec::new(),
    };
    let mut shipment = Shipment::none(order_id());
    shipment.start(terms, at(1)).unwrap();
    shipment
}

/// Created and cancelled; refused; cancelled before anything was sent; and delivered.
pub(crate) fn shipments() -> [Shipment; 4] {
    use ShipmentCommand as C;
    let reference = reference("parcel-1");
    let handover = Handover {
        carrier: CarrierName::parse("parcelwise").unwrap(),
        tracking_number: TrackingNumber::parse("parcel-1").unwrap(),
    };
    let delivered = [
        C::RecordCreated {
            reference: reference.clone(),
        },
        C::RecordHandedOver {
            handover: handover.clone(),
        },
        C::RecordDelivered { handover },
    ];
    let created = [
        C::RecordCreated { reference },
        C::StartCancellation,
        C::RecordCancelled,
    ];
    let reason = "unknown_postcode".to_owned();
    [
        lived(creating(), &created),
        lived(creating(), &[C::RecordRefused { reason }]),
        lived(Shipment::none(order_id()), &[C::StartCancellation]),
        lived(creating(), &delivered),
    ]
}

/// Created; and dearer, and withdrawn.
pub(crate) fn products() -> [Product; 2] {
    let facts = facts();
    let details = ProductDetails {
        sku: Sku::parse("LAMP-1").unwrap(),
        name: "Desk lamp".to_owned(),
        description: "Brass.".to_owned(),
        price: facts.totals.subtotal(),
        status: SaleStatus::Active,
    };
    let id = ProductId::parse("lamp").unwrap();
    let mut created = Product::create(id, facts.tenant, details.clone(), at(0));
    created.version = 1;
    let mut updated = created.clone();
    let price = facts.totals.subtotal().times(2).unwrap();
    let status = SaleStatus::Withdrawn;
    let details = ProductDetails {
        price,
        status,
        ..details
    };
    updated.update(details, at(5));
    updated.version = 2;
    [created, updated]
}

pub(crate) fn a_course() -> Course {
    let facts = facts();
    let details = CourseDetails {
        title: "Soldering".to_owned(),
        description: "Two evenings.".to_owned(),
        price: facts.totals.subtotal(),
        status: SaleStatus::Active,
    };
    let id = CourseId::parse("soldering").unwrap();
    let mut course = Course::create(id, facts.tenant, details, at(0));
    course.version = 1;
    course
}

/// What is kept of the sample's password.
pub(crate) const KEPT: &str = "$argon2id$v=19$kept";

/// One account after each thing that can be done to it.
pub(crate) fn accounts() -> Vec<Account> {
    let mut account = Account::register(
        Registration {
            id: CustomerId::parse("ada").unwrap(),
            tenant: TenantId::parse("shop").unwrap(),
            email: Email::parse(EMAIL).unwrap(),
            name: "Ada Example".to_owned(),
            password: PasswordHash(KEPT.to_owned()),
            roles: vec![Role::Customer],
        },
        at(0),
    );
    account.profile.phone = Some("+441632960001".to_owned());
    account.profile.address = Some(address());
    account.version = 1;
    let mut lives = vec![account.clone()];
    for event in AccountEvent::ALL.into_iter().skip(1) {
        do_to(&mut account, event);
        assert_eq!(account.last, event);
        account.version += 1;
        lives.push(account.clone());
    }
    lives
}

fn do_to(account: &mut Account, event: AccountEvent) {
    let now = at(i64::try_from(account.version).unwrap() * 600);
    match event {
        AccountEvent::Registered => {}
        AccountEvent::Updated => {
            let mut profile = account.profile.clone();
            profile.preferences.sms = true;
            assert!(account.update(profile, now));
        }
        AccountEvent::RolesChanged => {
            assert!(account.appoint(vec![Role::Customer, Role::Support], now));
        }
        AccountEvent::PasswordChanged => {
            account.change_password(PasswordHash(KEPT.to_owned()), now);
        }
        AccountEvent::SessionsEnded => account.end_sessions(now),
        AccountEvent::Deactivated => account.deactivate(now),
        AccountEvent::Activated => account.activate(now),
        AccountEvent::VerificationRequested => assert!(account.request_verification(now)),
        AccountEvent::EmailVerified => assert!(account.verify_email(2, now)),
        AccountEvent::ResetRequested => assert!(account.request_reset(now)),
        AccountEvent::EmailChanged => {
            let email = Email::parse("ada@example.net").unwrap();
            assert_eq!(account.change_email(email, now), Ok(true));
        }
        AccountEvent::PhoneCodeRequested => assert_eq!(account.ask_phone_code(now), Ok(true)),
        AccountEvent::PhoneCodeRefused => {
            let wrong = account.confirm_phone(|_, _| false, (uuid::Uuid::nil(), now));
            assert!(wrong.is_err());
        }
        AccountEvent::PhoneConfirmed => {
            let right = account.confirm_phone(|_, _| true, (uuid::Uuid::nil(), now));
            assert_eq!(right, Ok(()));
        }
        AccountEvent::Erased => assert!(account.erase(now).is_some()),
    }
}
