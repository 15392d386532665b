//! The whole shop in one process and in virtual time: customers, streams, queues, sweeper, the
//! shipped state machines and the real handlers, over stores and providers in memory. One seed
//! decides every delay, so a run that fails can be run again.
//!
//! Weaker than AWS where AWS promises nothing: calls take turns at every port, answers are lost,
//! functions die or go on after they were given up, and an Express execution may run twice.

mod asking;
mod fault;
mod kernel;
mod placing;
mod ports;
mod queue;
mod shop;
mod stream;
mod texts;
mod watch;
mod wire;
mod workflow;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Order, OrderId, OrderState};
use jiff::{SignedDuration, Timestamp};
use testkit::build::{a_product, at, pieces};
use testkit::invariants::Reply;
use testkit::must_have;

pub use fault::{Fault, Faults, Outage, Site, Storm, Strike, Which, strike, strike_visits};
pub use kernel::{Kernel, Pace, Process, Slot};
pub use placing::{Basket, basket};
pub use shop::Shop;
pub use texts::{Asked, Gateways};
pub use workflow::{Executions, Kind, Run};

use kernel::lock;
use stream::Streams;
use watch::Watch;

/// How long a world may take to come to rest.
const LONGEST: SignedDuration = SignedDuration::from_hours(72);

/// Where processes of the world's own thread are born.
type Nursery = Rc<RefCell<Vec<Process>>>;

/// A shop with its time.
#[derive(Debug)]
pub struct World {
    /// What is in it.
    pub shop: Shop,
    seed: u64,
    begin: Timestamp,
    processes: Vec<Process>,
    /// Those that were born where only the world can take them.
    nursery: Nursery,
    /// Of the processes those that never end.
    schedules: usize,
    streams: Streams,
    replies: Arc<Mutex<Vec<Reply>>>,
    watch: Watch,
}

impl World {
    /// An empty shop in which tea (1,200 cents, 10 pieces) is sold.
    pub fn new(seed: u64) -> Self {
        let begin = at(0);
        let mut world = Self {
            shop: Shop::new(Kernel::new(begin, seed)),
            seed,
            begin,
            processes: Vec::new(),
            nursery: Nursery::default(),
            schedules: 0,
            streams: Streams::default(),
            replies: Arc::default(),
            watch: Watch::default(),
        };
        world.sell("tea", 10, 1_200);
        world.sweep_every_minute();
        world.send_every(texts::MINUTE, 0, None);
        world
    }

    /// Lets `notify` have dice of its own: whatever it does, those of all others fall as they would.
    pub fn set_notify_apart(&mut self) {
        self.shop.teller = self.shop.kernel.with_own_dice(self.seed);
    }

    /// Puts a product on sale and its pieces on the shelf.
    pub fn sell(&mut self, product: &str, quantity: u32, cents: i64) {
        let shop = &mut self.shop;
        shop.catalogue = shop.catalogue.clone().with(a_product(product, cents));
        let line = pieces(&format!("sku-{product}"), quantity);
        shop.inventory = shop.inventory.clone().with_stock(&line);
    }

    /// A moment so many seconds after the beginning.
    pub fn second(&self, seconds: i64) -> Timestamp {
        testkit::must(self.begin.checked_add(SignedDuration::from_secs(seconds)))
    }

    /// Seconds since the beginning.
    pub fn elapsed(&self) -> i64 {
        self.shop.kernel.now().duration_since(self.begin).as_secs()
    }

    /// Lets something go wrong.
    pub fn strike(&self, strike: Strike) {
        self.shop.faults.strike(strike);
    }

    /// Lets a port fail from one second to another.
    pub fn outage(&self, port: &'static str, (from, until): (i64, i64), fault: Fault) {
        self.shop.faults.outage(Outage {
            port,
            from: self.second(from),
            until: self.second(until),
            fault,
        });
    }

    /// Lets a customer place now, and again until there is an answer.
    pub fn place(&self, basket: &Basket) -> OrderId {
        self.place_after(Duration::ZERO, basket)
    }

    /// Lets a customer place a little later.
    pub fn place_after(&self, later: Duration, basket: &Basket) -> OrderId {
        let (shop, replies, basket) = (self.shop.clone(), self.replies.clone(), basket.clone());
        let id = basket.order_id();
        self.shop.kernel.spawn(|pace| async move {
            pace.sleep(later).await;
            let reply = shop.place(&pace, &basket).await;
            lock(&replies).push(reply);
        });
        id
    }

    /// The answers to placements, oldest first.
    pub fn replies(&self) -> Vec<Reply> {
        lock(&self.replies).clone()
    }

    /// The order as stored.
    pub fn order(&self, id: OrderId) -> Order {
        must_have(self.shop.orders.get(id))
    }

    /// The status of an order with its reason: `confirmed`, `failed: out_of_stock` …
    pub fn outcome(&self, id: OrderId) -> String {
        match self.order(id).state {
            OrderState::Failed { failure } => format!("failed: {}", failure.code.name()),
            other => other.name().to_owned(),
        }
    }

    /// Seconds from the beginning to the order's end.
    pub fn ended_at(&self, id: OrderId) -> i64 {
        let order = self.order(id);
        let last = must_have(order.events.all().last().cloned());
        assert!(order.state.is_ended(), "order {id} is open");
        last.at.duration_since(self.begin).as_secs()
    }

    /// Lets time pass until this second.
    pub fn run_until(&mut self, second: i64) {
        let until = self.second(second);
        while self.next_due().is_some_and(|due| due <= until) {
            self.step();
        }
        self.shop.kernel.clock().advance_to(until);
    }

    /// Lets time pass until nothing is left to do, and holds the world against the invariants.
    pub fn settle(&mut self) {
        let limit = testkit::must(self.shop.kernel.now().checked_add(LONGEST));
        while !self.is_at_rest() {
            if self.shop.kernel.now() > limit {
                self.complain("the world does not come to rest");
            }
            self.step();
        }
        let found = self.snapshot().violations_at_rest();
        if !found.is_empty() {
            self.complain(&format!("{found:#?}"));
        }
    }

    /// Holds the world against what must be true at every instant.
    pub fn check(&self) {
        let found = self.snapshot().violations();
        if !found.is_empty() {
            self.complain(&format!("{found:#?}"));
        }
    }

    /// Only schedules are left, and have nothing to find.
    fn is_at_rest(&mut self) -> bool {
        self.gather();
        self.processes.len() <= self.schedules
            && self.shop.queue.is_empty()
            && self.streams.are_read(&self.shop)
            && self.nothing_open()
            && self.shop.all_messages_ended()
    }

    fn nothing_open(&self) -> bool {
        let ended = |order: &Order| order.is_at_rest();
        let payments = self.shop.payments.all();
        let shipments = self.shop.shipments.all();
        self.shop.orders.all().iter().all(ended)
            && payments.iter().all(|payment| payment.next_look.is_none())
            && shipments
                .iter()
                .all(|shipment| shipment.next_look.is_none())
    }

    fn gather(&mut self) {
        self.streams.wake(&self.shop);
        if let Some(due) = self.shop.queue.claim() {
            let shop = self.teller();
            self.shop.kernel.spawn(|pace| shop.deliver(pace, due));
        }
        for job in self.shop.take_jobs() {
            let shop = self.teller();
            let work = |pace| shop.work_on(job, pace);
            self.processes.push(self.shop.kernel.process(work));
        }
        self.processes.extend(self.shop.kernel.born());
        self.processes.append(&mut self.nursery.borrow_mut());
        self.processes.retain(|process| process.due().is_some());
    }

    /// The shop, with the dice of `notify`.
    fn teller(&self) -> Shop {
        Shop {
            kernel: self.shop.teller.clone(),
            ..self.shop.clone()
        }
    }

    fn next_due(&mut self) -> Option<Timestamp> {
        self.gather();
        self.processes.iter().filter_map(Process::due).min()
    }

    /// Lets the process that is due first go on.
    fn step(&mut self) {
        self.gather();
        let due = self.processes.iter().enumerate();
        let next = due
            .filter_map(|(at, process)| Some((process.due()?, at)))
            .min();
        let (due, at) = must_have(next);
        self.shop.kernel.clock().advance_to(due);
        if !self.processes.get_mut(at).is_some_and(Process::go_on) {
            // The others stay in the order of their birth.
            self.processes.remove(at);
        }
        self.watch_over();
    }

    fn sweep_every_minute(&mut self) {
        self.schedules += 1;
        let shop = self.shop.clone();
        self.shop.kernel.spawn(|pace| async move {
            loop {
                pace.sleep(Duration::from_secs(60)).await;
                shop.sweep(&pace).await;
            }
        });
    }

    /// Stops the test, with all that helps to find out why.
    pub fn complain(&self, what: &str) -> ! {
        let log = self.shop.faults.log();
        let skipped = log.len().saturating_sub(400);
        let tail: Vec<&str> = log.iter().skip(skipped).map(String::as_str).collect();
        panic!(
            "{}\nFLOW_SEED={}\nat second {}: {what}",
            tail.join("\n"),
            self.seed,
            self.elapsed()
        );
    }
}
