//! What can be a product or a course, up to the limits.

use serde_json::{Value, json};

use super::*;

fn tea() -> Value {
    json!({"sku": "sku-tea", "name": "Tea", "price": {"minor": 1200, "currency": "EUR"}})
}

fn course() -> Value {
    json!({"title": "Soldering", "price": {"minor": 0, "currency": "EUR"}})
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

fn product_refused(body: Value) -> String {
    let body: CreateProduct = serde_json::from_value(body).unwrap();
    body.parse().unwrap_err().pointer
}

fn course_refused(body: Value) -> String {
    let body: CreateCourse = serde_json::from_value(body).unwrap();
    body.parse().unwrap_err().pointer
}

#[test]
fn the_least_that_makes_a_product_or_a_course() {
    let body: CreateProduct = serde_json::from_value(tea()).unwrap();
    let (id, details) = body.parse().unwrap();
    assert_eq!((id, details.status), (None, SaleStatus::Active));
    assert_eq!(details.description, "");
    let body: CreateCourse = serde_json::from_value(course()).unwrap();
    let (id, details) = body.parse().unwrap();
    assert_eq!((id, details.status), (None, SaleStatus::Active));
}

#[test]
fn every_field_of_a_product_has_bounds() {
    let cases = [
        ("/product_id", json!("")),
        ("/product_id", json!("x".repeat(65))),
        ("/product_id", json!("a/b")),
        ("/product_id", json!("a#b")),
        ("/sku", json!("")),
        ("/sku", json!("a b")),
        ("/sku", json!("=cmd()")),
        ("/name", json!("")),
        ("/name", json!(" ")),
        ("/name", json!("x".repeat(121))),
        ("/name", json!("two\nlines")),
        ("/name", json!("\u{1b}[31m")),
        ("/description", json!("x".repeat(2_001))),
        ("/description", json!("\u{0}")),
        ("/status", json!("sold")),
        ("/status", json!("")),
    ];
    for (pointer, value) in cases {
        let refused = product_refused(with(tea(), pointer, value.clone()));
        assert_eq!(refused, pointer, "{value}");
    }
    for minor in [0, Product::MAX_PRICE + 1] {
        let refused = product_refused(with(tea(), "/price/minor", json!(minor)));
        assert_eq!(refused, "/price/minor");
    }
    for price in [
        json!({"minor": -1, "currency": "EUR"}),
        json!({"minor": 1, "currency": "eur"}),
    ] {
        assert_eq!(product_refused(with(tea(), "/price", price)), "/price");
    }
}

#[test]
fn every_field_of_a_course_has_bounds() {
    let cases = [
        ("/course_id", json!("a b")),
        ("/title", json!("x".repeat(121))),
        ("/description", json!("\u{7}")),
        ("/price/minor", json!(Product::MAX_PRICE + 1)),
        ("/status", json!("gone")),
    ];
    for (pointer, value) in cases {
        let refused = course_refused(with(course(), pointer, value.clone()));
        assert_eq!(refused, pointer, "{value}");
    }
}

#[test]
fn the_bounds_themselves_are_within() {
    let cases = [
        ("/product_id", json!("x".repeat(64))),
        ("/name", json!("ß".repeat(120))),
        ("/description", json!("ß\n".repeat(1_000))),
        ("/price/minor", json!(Product::MAX_PRICE)),
        ("/price/minor", json!(1)),
    ];
    for (pointer, value) in cases {
        let body = serde_json::from_value(with(tea(), pointer, value.clone()));
        let body: CreateProduct = body.unwrap();
        assert!(body.parse().is_ok(), "{pointer} {value}");
    }
}

#[test]
fn what_is_unknown_or_of_another_type_is_no_body() {
    for (pointer, value) in [
        ("/colour", json!("blue")),
        ("/price/minor", json!(1.5)),
        ("/price/minor", json!(1e30)),
        ("/price/minor", json!("1200")),
        ("/price/tax", json!(1)),
        ("/name", json!(null)),
    ] {
        let body = with(tea(), pointer, value.clone());
        let read = serde_json::from_value::<CreateProduct>(body.clone());
        assert!(read.is_err(), "{pointer} {value}");
        assert!(serde_json::from_value::<UpdateProduct>(body).is_err());
    }
    let body = with(course(), "/teacher", json!("x"));
    assert!(serde_json::from_value::<CreateCourse>(body).is_err());
}
