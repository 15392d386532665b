//! Keys read back as they were written, and sort as what they stand for.

use domain::{
    ApiKeyId, Channel, CourseId, CustomerId, DestinationName, GroupId, JobId, MovementId, NewsId,
    OrderId, Period, ProductId, SessionId, Sku, TenantId, Topic,
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Consumer, Key, Shard, customer_key, day_of, parse_customer_key, parse_placed_key,
    parse_time_key, placed_key, time_key,
};

fn order_ids() -> impl Strategy<Value = OrderId> {
    any::<u128>().prop_map(|bits| OrderId(Uuid::from_u128(bits)))
}

fn texts() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._@:|-]{1,64}"
}

fn times() -> impl Strategy<Value = Timestamp> {
    (0..=i64::MAX).prop_map(|nanos| Timestamp::from_nanosecond(i128::from(nanos)).unwrap())
}

fn tenants() -> impl Strategy<Value = TenantId> {
    "[A-Za-z0-9._@:|-]{1,32}".prop_map(|text| TenantId::parse(&text).unwrap())
}

fn groups() -> impl Strategy<Value = GroupId> {
    any::<u128>().prop_map(|bits| GroupId(Uuid::from_u128(bits)))
}

fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![
        order_ids().prop_map(Key::Order),
        order_ids().prop_map(Key::Lease),
        texts().prop_map(|text| Key::Stock(Sku::parse(&text).unwrap())),
        order_ids().prop_map(|id| Key::Movement(MovementId(id.0))),
        order_ids().prop_map(Key::Payment),
        order_ids().prop_map(Key::Shipment),
        texts().prop_map(|text| Key::Product(ProductId::parse(&text).unwrap())),
        texts().prop_map(|text| Key::Course(CourseId::parse(&text).unwrap())),
        order_ids().prop_map(Key::Contact),
        order_ids().prop_map(|id| Key::Inbox(Consumer::Notify, format!("order/{id}"))),
        order_ids().prop_map(|id| Key::Inbox(Consumer::TrackShipments, format!("shipment/{id}"))),
        texts().prop_map(|text| Key::News(NewsId::parse(&text).unwrap())),
        order_ids().prop_map(|id| Key::Mail(format!("order/{id}/3"))),
        order_ids().prop_map(|id| Key::Sending(Channel::Sms, format!("order/{id}/3"))),
        (tenants(), texts(), any::<u64>()).prop_map(|(tenant, text, number)| {
            Key::Notification(tenant, CustomerId::parse(&text).unwrap(), number)
        }),
        (tenants(), texts()).prop_map(|(tenant, text)| {
            Key::Notifications(tenant, CustomerId::parse(&text).unwrap())
        }),
        texts().prop_map(|text| Key::User(CustomerId::parse(&text).unwrap())),
        (tenants(), "[a-z#.]{1,20}@[a-z.]{3,20}")
            .prop_map(|(tenant, address)| Key::Email(tenant, address)),
        any::<u128>().prop_map(|bits| Key::ApiKey(ApiKeyId(Uuid::from_u128(bits)))),
        "[a-z#.:0-9]{1,40}".prop_map(Key::Limit),
        any::<u128>().prop_map(|bits| Key::Session(SessionId(Uuid::from_u128(bits)))),
        (texts(), texts()).prop_map(|(name, owner)| {
            let name: String = name.chars().take(32).collect();
            let destination = DestinationName::parse(&name).unwrap();
            Key::Copy(destination, CustomerId::parse(&owner).unwrap())
        }),
        "[a-z#.:0-9]{1,40}".prop_map(Key::Breaker),
        Just(Key::Destinations),
        order_ids().prop_map(Key::Counted),
        any::<u128>().prop_map(|bits| Key::Job(JobId(Uuid::from_u128(bits)))),
        tenants().prop_map(Key::Newest),
        (tenants(), any::<u8>()).prop_map(|(tenant, row)| Key::Subscribers(tenant, row)),
        (tenants(), times(), any::<u8>()).prop_map(|(tenant, at, part)| {
            let periods = [Period::Now, Period::day_of(at), Period::hour_of(at)];
            Key::Figures(tenant, periods[usize::from(part % 3)], part)
        }),
        any::<[u8; 32]>().prop_map(Key::Idempotency),
        (0..16_u8, any::<u64>())
            .prop_map(|(chain, position)| Key::Audit(audit::Shard::new(chain).unwrap(), position)),
        order_ids().prop_map(|id| Key::Audited(format!("order/{id}/3"))),
        (any::<[u8; 32]>(), any::<i64>()).prop_map(|(whom, minute)| Key::Refused(whom, minute)),
        any::<[u8; 32]>().prop_map(Key::Ticket),
        (tenants(), texts(), any::<u8>()).prop_map(|(tenant, text, slice)| {
            let customer = CustomerId::parse(&text).unwrap();
            Key::Sockets(Topic::Person(tenant, customer), slice)
        }),
        (texts(), any::<u8>())
            .prop_map(|(sku, slice)| Key::Sockets(Topic::Stock(Sku::parse(&sku).unwrap()), slice)),
        (tenants(), groups(), any::<u8>())
            .prop_map(|(tenant, id, slice)| Key::Sockets(Topic::Group(tenant, id), slice)),
        (tenants(), any::<u8>())
            .prop_map(|(tenant, slice)| Key::Sockets(Topic::Dashboard(tenant), slice)),
        (tenants(), groups()).prop_map(|(tenant, id)| Key::Group(tenant, id)),
        tenants().prop_map(Key::Groups),
        (tenants(), texts()).prop_map(|(tenant, text)| {
            Key::Memberships(tenant, CustomerId::parse(&text).unwrap())
        }),
        (tenants(), groups(), any::<u8>())
            .prop_map(|(tenant, id, row)| Key::Members(tenant, id, row)),
        any::<u128>().prop_map(|bits| Key::Said(Uuid::from_u128(bits))),
    ]
}

proptest! {
    #[test]
    fn keys_read_back(key in keys()) {
        prop_assert_eq!(Key::parse(&key.pk()), Ok(key));
    }

    #[test]
    fn different_keys_have_different_texts(one in keys(), other in keys()) {
        prop_assert_eq!(one == other, one.pk() == other.pk());
    }

    #[test]
    fn what_reads_is_what_would_be_written(text in "([A-Z]{4,8}#)?[a-zA-Z0-9#-]{0,40}") {
        if let Ok(key) = Key::parse(&text) {
            prop_assert_eq!(key.pk(), text);
        }
    }

    #[test]
    fn times_read_back(time in times()) {
        prop_assert_eq!(parse_time_key(&time_key(time)), Ok(time));
    }

    #[test]
    fn times_sort_as_text(one in times(), other in times()) {
        prop_assert_eq!(one.cmp(&other), time_key(one).cmp(&time_key(other)));
    }

    #[test]
    fn places_read_back_and_sort_by_time(
        one in (times(), order_ids()),
        other in (times(), order_ids()),
    ) {
        let key = placed_key(one.0, one.1);
        prop_assert_eq!(parse_placed_key(&key), Ok(one));
        if one.0 != other.0 {
            let order = key.cmp(&placed_key(other.0, other.1));
            prop_assert_eq!(order, one.0.cmp(&other.0));
        }
    }

    #[test]
    fn customers_read_back(shop in "[A-Za-z0-9._@:|-]{1,32}", text in texts()) {
        let owner = (TenantId::parse(&shop).unwrap(), CustomerId::parse(&text).unwrap());
        prop_assert_eq!(parse_customer_key(&customer_key(&owner.0, &owner.1)), Ok(owner));
    }

    #[test]
    fn every_order_is_in_one_of_the_shards(id in order_ids()) {
        prop_assert!(Shard::ALL.contains(&Shard::of(id)));
    }
}

#[test]
fn keys_look_as_documented() {
    let id = OrderId::parse("0f7e1f4e-7d3a-8c55-9d6d-4f9f9b6a1c03").unwrap();
    let at: Timestamp = "2026-07-20T12:00:00.5Z".parse().unwrap();
    assert_eq!(Key::Order(id).pk(), format!("ORDER#{id}"));
    assert_eq!(placed_key(at, id), format!("1784548800500000000#{id}"));
    assert_eq!(Shard::of(id).look(), "LOOK#3");
    assert_eq!(Shard::of(id).closing(), "CLOSING#3");
    assert_eq!(Shard::of(id).day(day_of(at)), "2026-07-20#3");
}

#[test]
fn times_out_of_range_are_moved_to_the_nearest_end() {
    let nines = "9223372036854775807";
    assert_eq!(time_key(Timestamp::MIN), "0".repeat(nines.len()));
    assert_eq!(time_key(Timestamp::MAX), nines);
}

#[test]
fn refuses_what_is_no_key() {
    for text in [
        "",
        "ORDER",
        "ORDER#",
        "ORDER#1",
        "CAT#1",
        "INBOX#mail#order/1",
    ] {
        assert!(Key::parse(text).is_err(), "{text:?}");
    }
    for text in ["", "1", "178454880050000000x", "+784548800500000000"] {
        assert!(parse_time_key(text).is_err(), "{text:?}");
    }
}
