//! Bills computed by hand. The sample's arithmetic stands beside each line.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::day::DayLine;
use crate::trace::{Delivery, Invocation};

const SAMPLE: &str = include_str!("../../fixtures/sample.json");

fn sample() -> Trace {
    Trace::from_json(SAMPLE).unwrap()
}

fn rates() -> Rates {
    Rates::built_in().unwrap()
}

fn bill(trace: &Trace, options: Options) -> Bill {
    Bill::new(trace, options, &rates()).unwrap()
}

/// Price, quantity per order, dollars per million orders.
fn said(lines: &[Line], group: Group) -> Vec<(&str, String, String)> {
    let own = lines.iter().filter(|line| line.group == group);
    own.map(|line| {
        let quantity = format!("{:.6}", line.quantity_per_order);
        let dollars = format!("{:.9}", line.dollars_per_million_orders);
        (line.item, quantity, dollars)
    })
    .collect()
}

fn expected<'a>(lines: &[(&'a str, &str, &str)]) -> Vec<(&'a str, String, String)> {
    let owned = lines.iter();
    owned
        .map(|(item, quantity, dollars)| (*item, (*quantity).to_owned(), (*dollars).to_owned()))
        .collect()
}

fn billed_ms(bill: &Bill, function: &str) -> f64 {
    let mut times = bill.functions.iter();
    let time = times.find(|time| time.function == function).unwrap();
    time.billed_ms
}

/// 128 MB are 128 / 1769 of a vCPU of 2.5e9 instructions a second: 180,893 instructions a ms.
#[test]
fn bills_time_for_instructions_calls_and_third_parties_rounded_up() {
    let bill = bill(&sample(), Options::default());
    for (function, ms) in [
        ("place-order", 9.0),     // 600,000 instructions 3.32 + PutItem 5 = 8.32
        ("start-saga", 23.0),     // 500,000 instructions 2.76 + StartExecution 20 = 22.76
        ("payments", 166.0),      // 1,000,000: 5.53 + two PutItems 10 + provider 150 = 165.53
        ("publish-events", 21.0), // not counted, so 1,000,000: 5.53 + PublishBatch 15 = 20.53
        ("notify", 29.0),         // 400,000: 2.21 + (30 × 5 + 30 × 5 + 10 × 50) / 30 = 28.88
        ("sweep", 78.0),          // 1,000,000: 5.53 + twelve Queries of 6 = 77.53
    ] {
        assert_eq!(billed_ms(&bill, function), ms, "{function}");
    }
}

#[test]
fn bills_the_spine_line_by_line() {
    let bill = bill(&sample(), Options::default());
    let lines = [
        // 1 request at 1.00 a million.
        ("http_request", "1.000000", "1.000000000"),
        // (10 + 10 + 20 + 40) / 10 invocations at 0.20 a million.
        ("lambda_request", "8.000000", "1.600000000"),
        // (10 × 9 + 10 × 23 + 20 × 166 + 40 × 21) ms = 4.48 s × 0.125 GB / 10 orders = 0.056 GB-s;
        // 56,000 × 0.0000133334.
        ("lambda_arm64_gb_second", "0.056000", "0.746670400"),
        // 1 execution at 1.00 a million.
        ("express_request", "1.000000", "1.000000000"),
        // (20 × 166 + 90 × 15) / 10 = 467 ms, billed as 500; × 64 / 1024 GB = 0.03125 GB-s;
        // 31,250 × 0.00001667.
        ("express_gb_second", "0.031250", "0.520937500"),
        // (40 + 40) / 10 units at 0.625 a million.
        ("dynamodb_write_unit", "8.000000", "5.000000000"),
        // 1.5 units by the sweeper, later, at 0.125 a million.
        ("dynamodb_read_unit", "1.500000", "0.187500000"),
        // (10 + 40) / 10 invocations by streams, free.
        ("dynamodb_stream_read", "5.000000", "0.000000000"),
        // 40 / 10 batches at 0.30 a million.
        ("sns_fifo_request", "4.000000", "1.200000000"),
        // 100,000 / 10 bytes at 0.017 a GB.
        ("sns_fifo_byte", "10000.000000", "0.170000000"),
        // (3500 + 2000 + 6000 + 8000 + 80 × 26) / 10 = 2158 bytes at 0.50 a GB.
        ("log_byte", "2158.000000", "1.079000000"),
    ];
    assert_eq!(said(&bill.lines, Group::Spine), expected(&lines));
    assert_eq!(format!("{:.9}", bill.totals.spine), "12.504107900");
}

#[test]
fn bills_consumers_apart() {
    let bill = bill(&sample(), Options::default());
    let lines = [
        // 30 / 10 invocations at 0.20 a million.
        ("lambda_request", "3.000000", "0.600000000"),
        // 30 × 29 ms = 0.87 s × 0.125 GB / 10 = 0.010875 GB-s; 10,875 × 0.0000133334.
        ("lambda_arm64_gb_second", "0.010875", "0.145000725"),
        // 30 / 10 units at 0.625 a million.
        ("dynamodb_write_unit", "3.000000", "1.875000000"),
        // 30 / 10 units at 0.125 a million.
        ("dynamodb_read_unit", "3.000000", "0.375000000"),
        // 30 / 10 messages at 0.01 a million.
        ("sns_fifo_delivery", "3.000000", "0.030000000"),
        // 24,000 / 10 bytes at 0.001 a GB.
        ("sns_fifo_delivered_byte", "2400.000000", "0.002400000"),
        // 30 batches, received and deleted: 60 / 10 requests at 0.50 a million.
        ("sqs_fifo_request", "6.000000", "3.000000000"),
        // (9000 + 30 × 26) / 10 = 978 bytes at 0.50 a GB.
        ("log_byte", "978.000000", "0.489000000"),
        // 10 / 10 mails at 0.10 a thousand.
        ("mail", "1.000000", "100.000000000"),
    ];
    assert_eq!(said(&bill.lines, Group::Consumers), expected(&lines));
    assert_eq!(format!("{:.9}", bill.totals.consumers), "106.516400725");
    assert_eq!(format!("{:.9}", bill.totals.all), "119.020508625");
}

#[test]
fn marks_what_was_not_counted_and_nothing_else() {
    let bill = bill(&sample(), Options::default());
    let lines = bill.lines.iter().filter(|line| line.estimated);
    let lines: Vec<_> = lines.map(|line| (line.item, line.group)).collect();
    let assumed = ["lambda_arm64_gb_second", "dynamodb_read_unit"];
    assert_eq!(lines, assumed.map(|item| (item, Group::Spine)));
    let times = bill.functions.iter().filter(|time| time.estimated);
    let functions: Vec<_> = times.map(|time| time.function.as_str()).collect();
    assert_eq!(functions, ["publish-events"]);
}

fn dollars(bill: &Bill, item: &str) -> String {
    let lines = bill.lines.iter().filter(|line| line.item == item);
    let dollars = lines.map(|line| line.dollars_per_million_orders);
    let sum = dollars.fold(0.0, f64::add);
    format!("{sum:.7}")
}

#[test]
fn prices_the_same_transitions_either_way() {
    let options = Options {
        saga: Some(Kind::Standard),
        ..Options::default()
    };
    let standard = bill(&sample(), options);
    // 90 / 10 transitions at 0.025 a thousand.
    assert_eq!(dollars(&standard, "standard_transition"), "225.0000000");
    assert_eq!(dollars(&standard, "express_request"), "0.0000000");
    let options = Options {
        saga: None,
        ..Options::default()
    };
    assert_eq!(bill(&sample(), options).totals.spine, {
        bill(&sample(), Options::default()).totals.spine
    });
}

#[test]
fn leaves_other_machines_as_they_were_counted() {
    let mut trace = sample();
    trace.executions[0].machine = "order-recovery".to_owned();
    trace.executions[0].kind = Kind::Standard;
    let bill = bill(&trace, Options::default());
    assert_eq!(dollars(&bill, "standard_transition"), "225.0000000");
}

#[test]
fn prices_the_other_processor() {
    let options = Options {
        architecture: Architecture::X86_64,
        ..Options::default()
    };
    let bill = bill(&sample(), options);
    // 56,000 and 10,875 GB-s × 0.0000166667: 0.9333352 + 0.181250363.
    assert_eq!(dollars(&bill, "lambda_x86_64_gb_second"), "1.1145856");
    assert_eq!(dollars(&bill, "lambda_arm64_gb_second"), "0.0000000");
}

#[test]
fn more_memory_is_dearer_by_the_second_and_faster_up_to_one_cpu() {
    let of = |memory_mb| {
        let options = Options {
            memory_mb,
            ..Options::default()
        };
        billed_ms(&bill(&sample(), options), "place-order")
    };
    // 600,000 instructions: 0.24 ms at full speed, and no faster with more.
    assert_eq!([of(128), of(1769), of(10_240)], [9.0, 6.0, 6.0]);
    for memory_mb in [127, 10_241] {
        let options = Options {
            memory_mb,
            ..Options::default()
        };
        let refused = Bill::new(&sample(), options, &rates());
        assert!(matches!(refused, Err(BillError::Memory(_))), "{memory_mb}");
    }
}

#[test]
fn batches_cost_as_few_requests_as_were_counted() {
    let mut trace = sample();
    let mut rows = trace.invocations.iter_mut();
    let notify = rows.find(|row| row.function == "notify");
    notify.unwrap().count = 3.try_into().unwrap();
    // 3 batches of ten, received and deleted: 6 / 10 requests at 0.50 a million.
    let few = bill(&trace, Options::default());
    assert_eq!(dollars(&few, "sqs_fifo_request"), "0.3000000");
    // 80,000 bytes a batch are two steps of 64 KB: 3 × 3 requests.
    trace.deliveries[0].bytes = 240_000;
    let large = bill(&trace, Options::default());
    assert_eq!(dollars(&large, "sqs_fifo_request"), "0.4500000");
}

#[test]
fn a_queue_whose_reader_was_not_counted_is_read_one_by_one() {
    let mut trace = sample();
    trace.invocations.retain(|row| row.function != "notify");
    trace.calls.retain(|call| call.function != "notify");
    let bill = bill(&trace, Options::default());
    assert_eq!(dollars(&bill, "sqs_fifo_request"), "3.0000000");
}

#[test]
fn shares_the_calls_of_a_function_among_its_triggers() {
    let mut trace = sample();
    let by_hand = Invocation {
        function: "sweep".to_owned(),
        trigger: Trigger::Http,
        count: 2.try_into().unwrap(),
        instructions: Some(0),
        provider_calls: 0,
        log_events: 0,
        log_bytes: 0,
    };
    trace.invocations.push(by_hand);
    let bill = bill(&trace, Options::default());
    let reads = bill
        .lines
        .iter()
        .find(|line| line.item == "dynamodb_read_unit" && line.group == Group::Spine);
    // Half of the 12 units of `sweep`: the other half is the clock's. And 1.5 of later looks.
    assert_eq!(reads.unwrap().quantity_per_order, 0.6 + 1.5);
}

fn day_said(lines: &[DayLine]) -> Vec<(&str, String, String)> {
    let said = lines.iter().map(|line| {
        let quantity = format!("{:.4}", line.quantity_per_day);
        (line.item, quantity, format!("{:.8}", line.dollars_per_day))
    });
    said.collect()
}

const DAILY: Options = Options {
    saga: Some(Kind::Express),
    architecture: Architecture::Arm64,
    memory_mb: 128,
    orders_per_day: Some(50_000),
};

#[test]
fn bills_a_day_with_what_stands_beside_orders() {
    let bill = bill(&sample(), DAILY);
    let day = bill.day.unwrap();
    let lines = [
        // Six schedules of 1440 runs and one of 24 at 0.20 a million.
        ("lambda_request", "8664.0000", "0.00173280"),
        // 1440 × 78 ms × 0.125 GB = 14.04 GB-s, and 6 ms × 0.125 GB for each run of those that were not
        // counted, five times 1440 and 24, × 0.0000133334.
        ("lambda_arm64_gb_second", "19.4580", "0.00025944"),
        // 1440 × 6 units at 0.125 a million.
        ("dynamodb_read_unit", "8640.0000", "0.00108000"),
        // 50,000 × 6000 bytes: 9 GB in a month at 0.25, and at 0.20 for recovery, of 30 days.
        ("dynamodb_storage", "300000000.0000", "0.07500000"),
        ("dynamodb_backup", "300000000.0000", "0.06000000"),
        // Ten FIFO queues of 5 pollers × 86,400 / 20 receives at 0.50 a million.
        ("sqs_fifo_request", "216000.0000", "0.10800000"),
        // Four queues of 21,600 receives at 0.40 a million.
        ("sqs_standard_request", "86400.0000", "0.03456000"),
        // 1440 × (300 + 26) bytes at 0.50 a GB.
        ("log_byte", "469440.0000", "0.00023472"),
        // 56 alarms at 0.10 a month of 30 days.
        ("alarm_month", "1.8667", "0.18666667"),
        // 8664 runs at 1.00 a million.
        ("scheduled_event", "8664.0000", "0.00866400"),
        // 86,400 / 300 data keys, two requests each, at 0.03 for ten thousand.
        ("kms_request", "576.0000", "0.00172800"),
    ];
    assert_eq!(day_said(&day.lines), expected(&lines));
    // 119.020508625 / 20, and the sum of the lines.
    assert_eq!(format!("{:.8}", day.orders_dollars_per_day), "5.95102543");
    assert_eq!(format!("{:.8}", day.standing_dollars_per_day), "0.47792563");
    assert_eq!(format!("{:.8}", day.dollars_per_day), "6.42895106");
    assert_eq!(format!("{:.6}", day.dollars_per_month), "192.868532");
}

#[test]
fn assumes_a_scheduled_run_that_was_not_counted() {
    let mut trace = sample();
    trace.invocations.retain(|row| row.function != "sweep");
    trace.calls.retain(|call| call.function != "sweep");
    let day = bill(&trace, DAILY).day.unwrap();
    let mut lines = day.lines.iter();
    let line = lines.find(|line| line.item == "lambda_arm64_gb_second");
    // 1,000,000 instructions are 6 ms: six schedules of 1440 and one of 24 × 6 ms × 0.125 GB.
    assert_eq!(format!("{:.4}", line.unwrap().quantity_per_day), "6.4980");
    assert!(line.unwrap().estimated);
}

/// A trace in which every priced thing happens.
fn everything() -> Trace {
    let mut trace = sample();
    let mut copy = |service, operation: &str, resource: &str| {
        let mut call = trace.calls[0].clone();
        call.service = service;
        call.operation = operation.to_owned();
        call.resource = resource.to_owned();
        trace.calls.push(call);
    };
    copy(crate::Service::Sns, "Publish", "alarms");
    copy(crate::Service::Sqs, "SendMessage", "failures");
    copy(crate::Service::Sqs, "SendMessage", "late.fifo");
    copy(crate::Service::Kms, "Sign", "key");
    trace.deliveries.push(Delivery {
        topic: "alarms".to_owned(),
        queue: "pagers".to_owned(),
        count: 1,
        bytes: 1,
    });
    trace
}

/// Price and dollars of every line under any option.
fn all_lines(rates: &Rates) -> Vec<(&'static str, f64)> {
    let mut lines = Vec::new();
    for saga in [Kind::Express, Kind::Standard] {
        for architecture in [Architecture::Arm64, Architecture::X86_64] {
            let options = Options {
                saga: Some(saga),
                architecture,
                ..DAILY
            };
            let bill = Bill::new(&everything(), options, rates).unwrap();
            let of_orders = bill.lines.iter();
            lines.extend(of_orders.map(|line| (line.item, line.dollars_per_million_orders)));
            let day = bill.day.unwrap().lines;
            lines.extend(day.iter().map(|line| (line.item, line.dollars_per_day)));
        }
    }
    lines
}

#[test]
fn each_price_changes_its_own_lines_and_no_other() {
    let before = all_lines(&rates());
    let prices: Value = serde_json::from_str(include_str!("../prices.json")).unwrap();
    for item in crate::Item::ALL {
        let key = item.key();
        let mut other = prices.clone();
        let doubled = 2.0 * other[key]["dollars"].as_f64().unwrap();
        // What is free would be so twice.
        other[key]["dollars"] = if doubled > 0.0 { doubled } else { 1.0 }.into();
        let mut changed = rates();
        changed.prices = serde_json::from_value(other).unwrap();
        let after = all_lines(&changed);
        let both = before.iter().zip(&after);
        let moved = both.filter(|(before, after)| before.1 != after.1);
        let moved: BTreeSet<&str> = moved.map(|(before, _)| before.0).collect();
        assert_eq!(moved, BTreeSet::from([key]));
    }
}

#[test]
fn a_trace_made_in_code_is_checked_too() {
    let mut trace = sample();
    trace.calls[0].write_units = f64::NAN;
    let refused = Bill::new(&trace, Options::default(), &rates());
    assert!(matches!(refused, Err(BillError::Trace(_))));
}

#[test]
fn a_bill_is_json_with_units_in_names() {
    let json = serde_json::to_value(bill(&sample(), Options::default())).unwrap();
    assert_eq!(json["options"]["saga"], "express");
    assert_eq!(json["options"]["architecture"], "arm64");
    assert_eq!(json["lines"][0]["item"], "http_request");
    assert_eq!(json["lines"][0]["group"], "spine");
    assert_eq!(json["lines"][0]["dollars_per_million_orders"], 1.0);
    assert_eq!(json["day"], Value::Null);
}
