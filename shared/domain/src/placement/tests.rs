//! Merging, pricing and naming an order, up to their limits.

use proptest::prelude::*;

use super::*;
use crate::tests::samples::eur;
use crate::{Currency, ProductDetails, SaleStatus, Sku};

fn product_id(number: usize) -> ProductId {
    ProductId::parse(&format!("product-{number}")).unwrap()
}

fn line(number: usize, quantity: u32) -> RequestedLine {
    RequestedLine {
        product_id: product_id(number),
        quantity,
    }
}

fn product(number: usize, price: Money) -> Product {
    let details = ProductDetails {
        sku: Sku::parse(&format!("SKU-{number}")).unwrap(),
        name: "Lamp".to_owned(),
        description: String::new(),
        price,
        status: SaleStatus::Active,
    };
    let tenant = TenantId::parse("main").unwrap();
    Product::create(
        product_id(number),
        tenant,
        details,
        jiff::Timestamp::UNIX_EPOCH,
    )
}

fn catalogue(products: Vec<Product>) -> BTreeMap<ProductId, Product> {
    let by_id = |product: Product| (product.id.clone(), product);
    products.into_iter().map(by_id).collect()
}

fn id(tenant: &str, customer: &str, key: &str) -> OrderId {
    let tenant = TenantId::parse(tenant).unwrap();
    order_id(&tenant, &CustomerId::parse(customer).unwrap(), key)
}

#[test]
fn merges_lines_of_one_product_in_the_order_of_their_first_mention() {
    let merged = merge_lines(&[line(2, 1), line(1, 2), line(2, 3)]);
    assert_eq!(merged, Ok(vec![line(2, 4), line(1, 2)]));
}

#[test]
fn refuses_an_order_without_lines() {
    assert_eq!(merge_lines(&[]), Err(PlacementError::NoLines));
}

#[test]
fn counts_lines_after_merging() {
    let fifty: Vec<_> = (0..MAX_LINES).map(|number| line(number, 1)).collect();
    let twice = [fifty.clone(), fifty.clone()].concat();
    assert_eq!(merge_lines(&twice).unwrap().len(), MAX_LINES);
    let more = [fifty, vec![line(MAX_LINES, 1)]].concat();
    assert_eq!(merge_lines(&more), Err(PlacementError::TooManyLines));
}

#[test]
fn refuses_a_quantity_of_zero_even_where_another_line_of_the_product_has_some() {
    let refused = Err(PlacementError::Quantity(product_id(1)));
    assert_eq!(merge_lines(&[line(1, 0)]), refused);
    assert_eq!(merge_lines(&[line(1, 2), line(1, 0)]), refused);
}

#[test]
fn bounds_the_quantity_of_a_product_after_merging() {
    let most = vec![line(1, MAX_QUANTITY)];
    assert_eq!(merge_lines(&most), Ok(most));
    let refused = Err(PlacementError::Quantity(product_id(1)));
    assert_eq!(merge_lines(&[line(1, MAX_QUANTITY + 1)]), refused);
    assert_eq!(merge_lines(&[line(1, MAX_QUANTITY), line(1, 1)]), refused);
    assert_eq!(merge_lines(&[line(1, u32::MAX), line(1, 2)]), refused);
}

#[test]
fn prices_come_from_the_catalogue_and_are_added_up() {
    let catalogue = catalogue(vec![product(1, eur(250)), product(2, eur(99))]);
    let (lines, total) = price_lines(&[line(1, 2), line(2, 3)], &catalogue).unwrap();
    assert_eq!(total, eur(797));
    let prices: Vec<_> = lines
        .iter()
        .map(|line| (line.sku.as_str(), line.quantity, line.unit_price))
        .collect();
    assert_eq!(prices, [("SKU-1", 2, eur(250)), ("SKU-2", 3, eur(99))]);
}

#[test]
fn refuses_products_that_are_unknown_or_withdrawn() {
    let mut withdrawn = product(2, eur(1));
    withdrawn.status = SaleStatus::Withdrawn;
    let catalogue = catalogue(vec![withdrawn]);
    assert_eq!(
        price_lines(&[line(1, 1)], &catalogue),
        Err(PlacementError::UnknownProduct(product_id(1)))
    );
    assert_eq!(
        price_lines(&[line(2, 1)], &catalogue),
        Err(PlacementError::InactiveProduct(product_id(2)))
    );
}

#[test]
fn refuses_two_currencies_in_one_order() {
    let dollars = Money::new(1, Currency::parse("USD").unwrap()).unwrap();
    let catalogue = catalogue(vec![product(1, eur(1)), product(2, dollars)]);
    assert_eq!(
        price_lines(&[line(1, 1), line(2, 1)], &catalogue),
        Err(PlacementError::Money(MoneyError::MixedCurrencies))
    );
}

#[test]
fn refuses_a_line_or_a_sum_that_is_too_large() {
    let most = eur(Money::MAX_MINOR);
    let catalogue = catalogue(vec![product(1, most), product(2, most)]);
    let too_large = Err(PlacementError::Money(MoneyError::TooLarge));
    assert_eq!(price_lines(&[line(1, 2)], &catalogue), too_large);
    assert_eq!(
        price_lines(&[line(1, 1), line(2, 1)], &catalogue),
        too_large
    );
    assert_eq!(price_lines(&[line(1, 1)], &catalogue).unwrap().1, most);
}

#[test]
fn nothing_to_price_is_no_order() {
    let empty = price_lines(&[], &BTreeMap::new());
    assert_eq!(empty, Err(PlacementError::NoLines));
}

#[test]
fn the_same_key_of_the_same_customer_is_the_same_order_for_ever() {
    // Stored under this id since the first version: it must never change.
    let known = id("shop", "ada", "first");
    assert_eq!(known.to_string(), "00411189-0e2f-8533-b010-e23a2f8bbf41");
    assert_eq!(id("shop", "ada", "first"), known);
}

#[test]
fn tenant_customer_and_key_each_make_another_order() {
    let first = id("shop", "ada", "first");
    assert_ne!(id("store", "ada", "first"), first);
    assert_ne!(id("shop", "bob", "first"), first);
    assert_ne!(id("shop", "ada", "second"), first);
}

#[test]
fn parts_cannot_borrow_from_each_other() {
    assert_ne!(id("ab", "c", "key"), id("a", "bc", "key"));
    assert_ne!(id("shop", "ad", "akey"), id("shop", "ada", "key"));
    assert_ne!(id("shop", "ada", ""), id("sho", "pada", ""));
}

proptest! {
    #[test]
    fn an_order_s_id_is_a_version_8_uuid_that_reads_back(
        tenant in "[a-z]{1,32}",
        customer in "[A-Za-z0-9|]{1,64}",
        key in "\\PC{0,100}",
    ) {
        let id = id(&tenant, &customer, &key);
        prop_assert_eq!(id.0.get_version_num(), 8);
        prop_assert_eq!(id.0.get_variant(), uuid::Variant::RFC4122);
        prop_assert_eq!(OrderId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn other_parts_make_another_id(
        one in ("[ab]{1,3}", "[ab]{1,3}", "[ab]{0,3}"),
        other in ("[ab]{1,3}", "[ab]{1,3}", "[ab]{0,3}"),
    ) {
        let same = id(&one.0, &one.1, &one.2) == id(&other.0, &other.1, &other.2);
        prop_assert_eq!(same, one == other);
    }

    #[test]
    fn merging_loses_and_invents_nothing(
        wanted in proptest::collection::vec((0_usize..60, 0_u32..1_002), 0..70),
    ) {
        let lines: Vec<_> = wanted.iter().map(|(number, quantity)| line(*number, *quantity)).collect();
        let Ok(merged) = merge_lines(&lines) else { return Ok(()) };
        prop_assert!((1..=MAX_LINES).contains(&merged.len()));
        prop_assert!(merged.iter().all(|line| (1..=MAX_QUANTITY).contains(&line.quantity)));
        let pieces = |lines: &[RequestedLine]| {
            let mut sums = BTreeMap::new();
            for line in lines {
                *sums.entry(line.product_id.clone()).or_insert(0) += line.quantity;
            }
            sums
        };
        prop_assert_eq!(pieces(&merged).len(), merged.len());
        prop_assert_eq!(pieces(&merged), pieces(&lines));
        prop_assert_eq!(merge_lines(&merged), Ok(merged));
    }
}

#[test]
fn the_hash_of_a_request_is_sha_256() {
    let RequestHash(hash) = RequestHash::of(b"abc");
    let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    // FIPS 180-2, appendix B.1.
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(text, known);
}
