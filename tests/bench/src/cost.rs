//! `bench cost`: what an order costs, and what it costs in the design that public samples show,
//! both counted on the test instance in one run.

use std::fmt;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use cost::{Architecture, Bill, BillError, Group, Kind, Options, Rates, Trace, Trigger};
use serde::Serialize;
use serde_json::Value;
use tests::emulator::cart::Cart;
use tests::emulator::counted::{CARTWRIGHT, Counting, Design};
use tests::emulator::inbox::told;
use tests::emulator::proxy;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;
use tokio::process::Command;

use crate::BenchError;
use crate::place::Place;
use crate::table::{Column, Table};

/// What public samples show (`tests/bench/sample-saga`).
const SAMPLE: Design = Design {
    stack: "sample-saga",
    functions: &[
        ("charge-payment", Trigger::Task),
        ("complete-order", Trigger::Task),
        ("create-order", Trigger::Http),
        ("notify", Trigger::Queue),
        ("reserve-inventory", Trigger::Task),
        ("ship-order", Trigger::Task),
    ],
    // Simulated by waiting, so no stand-in counts it.
    provider_calls: &[("charge-payment", 1)],
    delivery: ("events", "notify"),
    consumer: "notify",
    kind: Kind::Standard,
    platform_lines: true,
};
/// What a mail costs is SES's price alone, in every design.
const MAIL: &str = "mail";

/// A bill under a name.
#[derive(Debug, Serialize)]
pub struct Named {
    /// Which design, as what.
    pub name: String,
    /// Its lines without mail, dearest first.
    pub lines: Vec<NamedLine>,
    /// Up to the topic.
    pub spine_usd: f64,
    /// With who listens, without mail.
    pub all_usd: f64,
}

/// A line of a bill.
#[derive(Debug, Serialize)]
pub struct NamedLine {
    /// What is paid for.
    pub name: String,
    /// Per million orders.
    pub usd_per_million_orders: f64,
    /// Whether who listens to events pays it.
    pub of_consumers: bool,
}

/// What an order costs.
#[derive(Debug, Serialize)]
pub struct Costs {
    /// How many orders were counted.
    pub orders: u64,
    /// Dollars per million orders up to the topic: Express, arm64, 128 MB.
    pub usd_per_million_orders: f64,
    /// The same with who listens, without mail.
    pub usd_per_million_orders_with_consumers: f64,
    /// How many times as much the sample costs, up to its topic.
    pub sample_ratio: f64,
    /// Write units per order over orders, inventory, payments and shipping.
    pub write_units: f64,
    /// Transitions of Standard state machines per order.
    pub standard_transitions: f64,
    /// All bills.
    pub bills: Vec<Named>,
}

/// Sends orders through both designs, one after the other, so that nothing is batched.
///
/// # Errors
/// When something fails, or there are no rates.
pub async fn run(place: &Place, orders: u64, out: &Path) -> Result<Costs, BenchError> {
    let rates = Rates::built_in().map_err(unexpected)?;
    let instructions = Instructions::read(&out.join("order.json"));
    place.progress(format!("cost, {orders} orders"));
    let mut ours = count_ours(orders).await;
    instructions.fill(&mut ours);
    write(&out.join("trace.json"), &ours)?;
    place.progress(format!("cost of the sample, {orders} orders"));
    let sample = count_sample(orders).await?;
    write(&out.join("trace-sample.json"), &sample)?;
    let mut bills = Vec::new();
    for (saga, word) in [(Kind::Express, "Express"), (Kind::Standard, "Standard")] {
        for (architecture, chip) in [
            (Architecture::Arm64, "arm64"),
            (Architecture::X86_64, "x86-64"),
        ] {
            let options = Options {
                saga: Some(saga),
                architecture,
                ..Options::default()
            };
            let name = format!("Cartwright, {word}, {chip}");
            bills.push(named(name, &ours, options, &rates)?);
        }
    }
    let as_counted = Options {
        saga: None,
        ..Options::default()
    };
    let samples = named(
        "Sample saga, Standard, arm64".to_owned(),
        &sample,
        as_counted,
        &rates,
    )?;
    let first = bills
        .first()
        .map_or((f64::NAN, f64::NAN), |bill| (bill.spine_usd, bill.all_usd));
    let sample_ratio = samples.spine_usd / first.0;
    bills.push(samples);
    Ok(Costs {
        orders,
        usd_per_million_orders: first.0,
        usd_per_million_orders_with_consumers: first.1,
        sample_ratio,
        write_units: write_units(&ours),
        standard_transitions: standard_transitions(&ours),
        bills,
    })
}

async fn count_ours(orders: u64) -> Trace {
    let shop = Shop::alone("bench").await;
    shop.sell("tea", 1_200, 1_000_000).await;
    // Functions that have started, prices that are known.
    follow(&shop, shop.cart(&[("tea", 1)])).await;
    proxy::rest(&shop.stack).await;
    let counting = Counting::start(&shop.stack, CARTWRIGHT).await;
    let mut carts = Vec::new();
    for _ in 0..orders {
        carts.push(follow(&shop, shop.cart(&[("tea", 1)])).await);
    }
    proxy::rest(&shop.stack).await;
    counting.trace("one line, happy path", orders, &carts).await
}

async fn follow(shop: &Shop, cart: Cart) -> Cart {
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    told(shop, &cart).await;
    cart
}

async fn count_sample(orders: u64) -> Result<Trace, BenchError> {
    let shop = Shop::alone("sample").await;
    // Functions that have started.
    run_sample(&shop, 1).await?;
    let counting = run_sample(&shop, orders).await?;
    Ok(counting
        .trace("sample saga, one line, happy path", orders, &[])
        .await)
}

/// Sends orders through the sample until its consumer got its one message for each.
async fn run_sample(shop: &Shop, orders: u64) -> Result<Counting<'_>, BenchError> {
    let counting = Counting::start(&shop.stack, SAMPLE).await;
    deploy_and_run(shop, orders).await?;
    until("the sample's messages", SOON, || async {
        (counting.messages().await >= orders).then_some(())
    })
    .await;
    proxy::rest(&shop.stack).await;
    Ok(counting)
}

async fn deploy_and_run(shop: &Shop, orders: u64) -> Result<(), BenchError> {
    let program: PathBuf = [".local", "venv", "bin", "python"].iter().collect();
    let mut run = Command::new(program);
    run.arg("tests/bench/sample-saga/deploy.py")
        .args(["--endpoint", shop.stack.get("AWS_ENDPOINT_URL")])
        .args(["--orders", &orders.to_string()]);
    let done = run.output().await?;
    if done.status.success() {
        return Ok(());
    }
    Err(BenchError::Unexpected(
        String::from_utf8_lossy(&done.stderr).into_owned(),
    ))
}

fn write(file: &Path, trace: &Trace) -> Result<(), BenchError> {
    let json = serde_json::to_string_pretty(trace);
    let json = json.map_err(|error| BenchError::Json(file.display().to_string(), error))?;
    Ok(std::fs::write(file, json + "\n")?)
}

fn named(
    name: String,
    trace: &Trace,
    options: Options,
    rates: &Rates,
) -> Result<Named, BenchError> {
    let bill = Bill::new(trace, options, rates).map_err(|error: BillError| unexpected(error))?;
    let lines = bill.lines.iter().filter(|line| line.item != MAIL);
    let line = |line: &cost::Line| NamedLine {
        name: line.name.clone(),
        usd_per_million_orders: line.dollars_per_million_orders,
        of_consumers: line.group == Group::Consumers,
    };
    let mut lines: Vec<NamedLine> = lines.map(line).collect();
    lines.sort_by(|a, b| {
        b.usd_per_million_orders
            .total_cmp(&a.usd_per_million_orders)
    });
    let sum = |of_all: bool| {
        let counted = lines.iter().filter(|line| of_all || !line.of_consumers);
        counted.map(|line| line.usd_per_million_orders).sum()
    };
    Ok(Named {
        name,
        spine_usd: sum(false),
        all_usd: sum(true),
        lines,
    })
}

fn unexpected(error: impl std::error::Error) -> BenchError {
    BenchError::Unexpected(error.to_string())
}

/// Write units per order in the tables of the services that settle it.
fn write_units(trace: &Trace) -> f64 {
    let tables = ["orders", "inventory", "payments", "shipping"];
    let settling = trace
        .calls
        .iter()
        .filter(|call| tables.contains(&call.resource.as_str()));
    per_order(settling.map(|call| call.write_units).sum(), trace.orders)
}

fn standard_transitions(trace: &Trace) -> f64 {
    let standard = trace
        .executions
        .iter()
        .filter(|it| it.kind == Kind::Standard);
    let transitions: u64 = standard.map(|execution| execution.transitions).sum();
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let transitions = transitions as f64;
    per_order(transitions, trace.orders)
}

fn per_order(sum: f64, orders: NonZeroU64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let orders = orders.get() as f64;
    sum / orders
}

/// Instructions of a warm invocation, by function, as `bench order` counted them.
#[derive(Debug, Default)]
struct Instructions(Value);

impl Instructions {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        Self(serde_json::from_str(&text).unwrap_or_default())
    }

    /// What was not counted stays open, and the bill says that it is estimated.
    fn fill(&self, trace: &mut Trace) {
        let rows = self.0["rows"].as_array().map_or(&[][..], Vec::as_slice);
        for row in &mut trace.invocations {
            let counted = rows
                .iter()
                .find(|counted| counted["name"] == row.function.as_str());
            let warm = counted.and_then(|counted| counted["warm_instructions"].as_u64());
            row.instructions = warm.map(|warm| warm * row.count.get());
        }
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("dollars per million orders"),
            Column::right("up to the topic"),
            Column::right("with consumers, without mail"),
        ]);
        for bill in &self.bills {
            table.row([
                bill.name.clone(),
                format!("{:.2}", bill.spine_usd),
                format!("{:.2}", bill.all_usd),
            ]);
        }
        writeln!(f, "{table}")?;
        for bill in [self.bills.first(), self.bills.last()]
            .into_iter()
            .flatten()
        {
            let mut lines = Table::new([Column::left("line"), Column::right("$ per million")]);
            for line in &bill.lines {
                let name = if line.of_consumers {
                    format!("{} (consumers)", line.name)
                } else {
                    line.name.clone()
                };
                lines.row([name, format!("{:.2}", line.usd_per_million_orders)]);
            }
            writeln!(f, "{}\n{lines}", bill.name)?;
        }
        writeln!(f, "{:.2} write units an order", self.write_units)?;
        writeln!(
            f,
            "{:.2} transitions of Standard machines an order",
            self.standard_transitions
        )?;
        writeln!(f, "the sample costs {:.1} × as much", self.sample_ratio)
    }
}
