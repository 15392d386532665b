//! The products. A larger size holds all products of the smaller ones.

use domain::{
    Currency, InvalidId, Money, MoneyError, Product, ProductDetails, ProductId, SaleStatus, Sku,
    TenantId,
};
use jiff::Timestamp;
use thiserror::Error;

/// Name and price of one in euro cents.
const THINGS: [(&str, i64); 20] = [
    ("mug", 1_290),
    ("notebook", 890),
    ("backpack", 5_490),
    ("umbrella", 2_490),
    ("desk lamp", 4_290),
    ("water bottle", 1_990),
    ("scarf", 2_990),
    ("teapot", 3_490),
    ("cushion", 1_790),
    ("wall clock", 3_990),
    ("apron", 2_290),
    ("blanket", 6_990),
    ("bread bin", 3_290),
    ("candle", 990),
    ("cutting board", 2_690),
    ("doormat", 1_890),
    ("pencil case", 1_190),
    ("picture frame", 1_490),
    ("towel", 1_690),
    ("vase", 2_790),
];
const COLOURS: [&str; 10] = [
    "blue", "red", "green", "yellow", "black", "white", "grey", "orange", "violet", "brown",
];
/// Name and what it adds to the price, in euro cents.
const MAKES: [(&str, i64); 5] = [
    ("", 0),
    ("small ", -100),
    ("large ", 400),
    ("striped ", 150),
    ("dotted ", 150),
];

/// A sample that breaks the rules of the shop.
#[derive(Debug, Error)]
pub(crate) enum SampleError {
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error(transparent)]
    Price(#[from] MoneyError),
}

/// The first products, at most 1,000.
pub(super) fn products(
    count: u16,
    tenant: &str,
    now: Timestamp,
) -> Result<Vec<Product>, SampleError> {
    let euro = Currency::parse("EUR")?;
    let tenant = TenantId::parse(tenant)?;
    let kinds = MAKES.iter().flat_map(|make| {
        let things = move |colour| THINGS.iter().map(move |thing| (make, colour, thing));
        COLOURS.iter().flat_map(things)
    });
    let numbered = (1..=count).zip(kinds);
    numbered
        .map(|(number, ((make, extra), colour, (thing, price)))| {
            let id = ProductId::parse(&format!("p-{number:04}"))?;
            let name = capitalised(&format!("{make}{colour} {thing}"));
            let details = ProductDetails {
                sku: Sku::parse(&format!("SKU-{number:04}"))?,
                description: format!("{name}, as good as new."),
                name,
                price: Money::new(price + extra, euro)?,
                status: SaleStatus::Active,
            };
            Ok(Product::create(id, tenant.clone(), details, now))
        })
        .collect()
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
