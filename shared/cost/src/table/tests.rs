//! How a bill looks.

use crate::{Comparison, Options, Rates, Trace};

const SAMPLE: &str = include_str!("../../fixtures/sample.json");

/// As computed by hand in the tests of bills; 0.03125 is rounded to even.
const TABLE: &str = "
$ per million orders     spine  with consumers
express, arm64         12.5041        119.0205
express, x86_64        12.6908        119.2434
standard, arm64       235.9832        342.4996
standard, x86_64      236.1698        342.7225

a made-up trace, small enough to be billed by hand (10 orders counted)
saga express, arm64, 128 MB

                                   per order  unit        $ per million orders
HTTP API requests                     1.0000  request                   1.0000
Lambda requests                       8.0000  request                   1.6000
Lambda duration, arm64*               0.0560  GB-s                      0.7467
Step Functions Express requests       1.0000  execution                 1.0000
Step Functions Express duration       0.0312  GB-s                      0.5209
DynamoDB writes                       8.0000  write unit                5.0000
DynamoDB reads*                       1.5000  read unit                 0.1875
DynamoDB Streams reads by Lambda      5.0000  invocation                0.0000
SNS FIFO publish requests             4.0000  request                   1.2000
SNS FIFO published payload        10000.0000  byte                      0.1700
CloudWatch Logs ingestion          2158.0000  byte                      1.0790
spine                                                                  12.5041

Lambda requests                       3.0000  request                   0.6000
Lambda duration, arm64                0.0109  GB-s                      0.1450
DynamoDB writes                       3.0000  write unit                1.8750
DynamoDB reads                        3.0000  read unit                 0.3750
SNS FIFO deliveries                   3.0000  message                   0.0300
SNS FIFO delivered payload         2400.0000  byte                      0.0024
SQS FIFO requests                     6.0000  request                   3.0000
CloudWatch Logs ingestion           978.0000  byte                      0.4890
SES mails                             1.0000  mail                    100.0000
consumers                                                             106.5164

spine and consumers                                                   119.0205

function         trigger   per order  billed ms
place-order      http         1.0000          9
start-saga       stream       1.0000         23
payments         task         2.0000        166
publish-events*  stream       4.0000         21
notify           queue        3.0000         29
sweep            schedule     0.2000         78

* in part assumed, not counted";

fn text(orders_per_day: Option<u64>) -> String {
    let options = Options {
        orders_per_day,
        ..Options::default()
    };
    let trace = Trace::from_json(SAMPLE).unwrap();
    let rates = Rates::built_in().unwrap();
    Comparison::new(&trace, options, &rates)
        .unwrap()
        .to_string()
}

#[test]
fn shows_choices_lines_and_times_in_columns() {
    assert_eq!(text(None), TABLE.trim_start());
}

#[test]
fn shows_a_day_when_asked_for_one() {
    let text = text(Some(50_000));
    let day = text.split("\n\n").nth(6).unwrap();
    let rows: Vec<&str> = day.lines().collect();
    assert!(rows[0].starts_with("50000 orders a day"), "{day}");
    let ends: Vec<usize> = rows.iter().map(|row| row.len()).collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{day}");
    assert!(rows.iter().any(|row| row.starts_with("DynamoDB storage*")));
    assert!(rows.last().unwrap().ends_with("192.8685"), "{day}");
}
