//! What a change of a product is, and how dear one may be.

use jiff::Timestamp;

use super::*;
use crate::Currency;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

fn details() -> ProductDetails {
    ProductDetails {
        sku: Sku::parse("sku-tea").unwrap(),
        name: "Tea".to_owned(),
        description: String::new(),
        price: eur(1_200),
        status: SaleStatus::Active,
    }
}

fn tea() -> Product {
    let id = ProductId::parse("tea").unwrap();
    Product::create(id, TenantId::parse("main").unwrap(), details(), at(1))
}

#[test]
fn a_new_product_was_created_and_never_stored() {
    let tea = tea();
    assert_eq!((&tea.event, tea.version), (&ProductEvent::Created, 0));
    assert_eq!((tea.created_at, tea.changed_at), (at(1), at(1)));
    assert_eq!(tea.details(), details());
}

#[test]
fn what_was_created_is_known_again_until_it_changes() {
    let stored = Product {
        version: 1,
        ..tea()
    };
    let later = Product {
        created_at: at(9),
        changed_at: at(9),
        ..tea()
    };
    assert!(stored.was_created_as(&later));
    let mut dearer = tea();
    dearer.price = eur(1_300);
    let mug = ProductId::parse("mug").unwrap();
    let other = TenantId::parse("other").unwrap();
    let elsewhere = Product {
        tenant: other,
        ..tea()
    };
    for asked in [dearer, Product { id: mug, ..tea() }, elsewhere] {
        assert!(!stored.was_created_as(&asked), "{asked:?}");
    }
    let changed_back = Product {
        version: 3,
        ..stored
    };
    assert!(!changed_back.was_created_as(&later));
    assert!(!tea().was_created_as(&later));
}

#[test]
fn a_change_says_what_changed() {
    let mut tea = tea();
    let dearer = ProductDetails {
        price: eur(1_300),
        status: SaleStatus::Withdrawn,
        ..details()
    };
    assert!(tea.update(dearer.clone(), at(2)));
    let changed = vec![ProductField::Price, ProductField::Status];
    assert_eq!(tea.event, ProductEvent::Updated(changed));
    assert_eq!((tea.created_at, tea.changed_at), (at(1), at(2)));
    assert_eq!(tea.details(), dearer);
    assert!(!tea.is_on_sale());
}

#[test]
fn each_part_is_told_by_its_name() {
    let others = [
        ProductDetails {
            sku: Sku::parse("sku-mug").unwrap(),
            ..details()
        },
        ProductDetails {
            name: "Mug".to_owned(),
            ..details()
        },
        ProductDetails {
            description: "Hot".to_owned(),
            ..details()
        },
        ProductDetails {
            price: eur(1),
            ..details()
        },
        ProductDetails {
            status: SaleStatus::Withdrawn,
            ..details()
        },
    ];
    for (field, other) in ProductField::ALL.into_iter().zip(others) {
        let mut tea = tea();
        tea.update(other, at(2));
        assert_eq!(tea.event, ProductEvent::Updated(vec![field]));
        assert_eq!(ProductField::from_name(field.name()), Some(field));
    }
}

#[test]
fn what_does_not_change_is_no_event() {
    let mut same = tea();
    assert!(!same.update(details(), at(2)));
    assert_eq!(same, tea());
}

#[test]
fn the_largest_order_of_the_dearest_product_is_an_amount() {
    let pieces = u32::try_from(MAX_LINES).unwrap() * MAX_QUANTITY;
    assert!(eur(Product::MAX_PRICE).times(pieces).is_ok());
    assert!(eur(Product::MAX_PRICE + 1).times(pieces).is_err());
}
