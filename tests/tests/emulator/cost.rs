//! What one order makes AWS do, held against a count by hand: a new call, a larger item or one
//! more index changes the table below, and somebody has to accept it.

use cost::{Call, Trace};
use tests::emulator::counted::{CARTWRIGHT, Counting};
use tests::emulator::inbox::told;
use tests::emulator::proxy;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

/// At most this many write units for an order of one line, over orders, inventory, payments and
/// shipping, indexes included.
const WRITE_UNITS: f64 = 20.0;
/// The tables of these services are an order's own; what consumers write is theirs.
const SERVICES: [&str; 4] = ["orders", "inventory", "payments", "shipping"];

/// Its inbox is in the table of its service.
const CONSUMER: &str = "track-shipments";

/// An instance that begins to write looks for the end of each chain first, and how long that takes is
/// not an order's.
fn looks_for_an_end(call: &Call) -> bool {
    (call.function.as_str(), call.operation.as_str()) == ("write-audit", "BatchGetItem")
}

/// One line for each operation on each resource. How often the relay runs depends on how the
/// stream is cut into batches, so its events are counted, not its calls.
fn table(trace: &Trace) -> String {
    let mut lines = Vec::new();
    for call in trace.calls.iter().filter(|call| !looks_for_an_end(call)) {
        let (what, count) = match call.operation.as_str() {
            "PublishBatch" => ("Publish", call.entries),
            operation => (operation, call.count),
        };
        let units = match (call.read_units, call.write_units) {
            (0.0, 0.0) => String::new(),
            (read, 0.0) => format!(" read {read}"),
            (0.0, write) => format!(" write {write}"),
            (read, write) => format!(" read {read} write {write}"),
        };
        let (function, resource) = (&call.function, &call.resource);
        let line = format!("{function}: {count} {what} {resource}{units}");
        lines.push(line.trim_end().to_owned());
    }
    for execution in &trace.executions {
        let (machine, states) = (&execution.machine, execution.transitions);
        lines.push(format!("{machine}: {states} states"));
    }
    lines.join("\n")
}

/// By hand: placing writes the order and its two index entries (3 units), deciding the order alone
/// (1), completing it too (1). Holding is a transaction of the
/// lease and one stock (2 × 2), selling the lease alone (1). A payment is written when it is about
/// to be authorised, when it was, and when it was captured (3); a shipment when it is about to be
/// created and when it was (2). Together 15; and one for the limit of a customer of whom nothing is in
/// hand. Eight events: the order placed and completed, the lease
/// held and sold, the stock taken, the payment authorised and captured, the shipment created. Four of
/// them, of order and payment, are in the audit log: an entry and its mark each. The dashboard counts
/// the two of the order, each with two figures in one transaction (2 × 3).
#[tokio::test]
async fn an_order_of_one_line_makes_aws_do_what_was_counted_by_hand() {
    let shop = Shop::alone("cost").await;
    proxy::forget(&shop.stack).await;
    shop.sell("tea", 1_200, 10).await;
    // What selling published is not the order's.
    until("the stock is published", SOON, || async {
        let trace = proxy::trace(&shop.stack).await;
        let entries: usize = trace.iter().map(|sum| sum.entries).sum();
        (entries > 0).then_some(())
    })
    .await;
    proxy::rest(&shop.stack).await;
    let counting = Counting::start(&shop.stack, CARTWRIGHT).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    told(&shop, &cart).await;
    proxy::rest(&shop.stack).await;
    let trace = counting.trace("one line", 1, &[cart]).await;
    shop.check().await;

    insta::assert_snapshot!(table(&trace), @r"
    inventory: 1 GetItem inventory read 1
    inventory: 1 PutItem inventory write 1
    inventory: 1 TransactWriteItems inventory write 4
    notify: 5 GetItem realtime read 5
    notify: 3 PutItem realtime write 3
    notify: 2 TransactWriteItems realtime write 12
    notify: 2 UpdateItem realtime write 2
    notify: 1 SendEmail
    orders: 2 GetItem orders read 2
    orders: 2 PutItem orders write 2
    payments: 1 GetItem payments read 1
    payments: 3 PutItem payments write 3
    place-order: 1 GetItem catalog read 0.5
    place-order: 1 PutItem orders write 3
    place-order: 1 UpdateItem operations write 1
    project-dashboard: 2 GetItem operations read 2
    project-dashboard: 2 TransactWriteItems operations write 12
    publish-events: 8 Publish events.fifo
    shipping: 2 PutItem shipping write 2
    start-saga: 1 StartExecution order-saga
    track-shipments: 1 GetItem orders read 1
    track-shipments: 1 PutItem orders write 1
    write-audit: 8 PutItem audit write 8
    order-saga: 9 states
    ");
    let of_services = trace.calls.iter().filter(|call| {
        let tables = call.resource.split('+').next();
        let own = tables.is_some_and(|table| SERVICES.contains(&table));
        own && call.function != CONSUMER
    });
    let units: f64 = of_services.map(|call| call.write_units).sum();
    assert!(units <= WRITE_UNITS, "{units} write units");
}
