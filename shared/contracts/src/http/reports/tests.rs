//! Averages and the sequence of rows.

use super::*;

#[test]
fn an_average_is_rounded_to_the_nearest_unit_and_none_where_there_are_no_orders() {
    for (sum, count, wanted) in [
        (100, 3, Some(33)),
        (200, 3, Some(67)),
        (5, 2, Some(3)),
        (0, 4, Some(0)),
        (0, 0, None),
        (i64::MAX, 2, None),
    ] {
        assert_eq!(average(sum, count), wanted, "{sum} of {count}");
    }
}

#[test]
fn rows_come_by_time_and_then_by_name() {
    let day = |text: &str| Period::Day(text.parse().unwrap());
    let failures = BTreeMap::from([
        ((day("2026-07-21"), FailureCode::OutOfStock), 1),
        ((day("2026-07-20"), FailureCode::UnknownSku), 2),
        ((day("2026-07-20"), FailureCode::OutOfStock), 3),
    ]);
    let rows = FailureRowBody::all(&failures);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.day.as_str(), row.reason.as_str(), row.orders))
        .collect();
    let wanted = [
        ("2026-07-20", "out_of_stock", 3),
        ("2026-07-20", "unknown_sku", 2),
        ("2026-07-21", "out_of_stock", 1),
    ];
    assert_eq!(rows, wanted);
    let hour = Period::Hour("2026-07-20".parse().unwrap(), 23);
    let sales = BTreeMap::from([
        ((hour, "EUR"), SalesFigures::default()),
        ((day("2026-07-20"), "JPY"), SalesFigures::default()),
    ]);
    let rows: Vec<_> = SalesRowBody::all(&sales);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.hour, row.currency.as_str()))
        .collect();
    assert_eq!(rows, [(None, "JPY"), (Some(23), "EUR")]);
}
