//! Whatever is told, pushed, cut and resumed in whatever order: a client that keeps to the protocol
//! shows each notification once and in order, and the rows of sockets that were cut are cleaned. The
//! client here does what `docs/realtime.md` says, and knows nothing else.

use std::collections::BTreeMap;

use lambda_boot::{StreamFailure, stream};
use proptest::prelude::*;
use testkit::stream::{ItemChange, notification_image, stream_event};

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// Somebody is told something.
    Tell,
    /// The stream brings one of what was told, whichever; perhaps again.
    Push(usize),
    /// The client is cut off, and nobody is told.
    Cut,
    /// The client opens another socket, and resumes.
    Connect,
    /// The client takes what came.
    Read,
    /// The client asks whether anybody is there.
    Ping,
    /// A post goes wrong.
    Break(SocketFault),
}

const STEPS: usize = 60;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let faults = prop_oneof![
        Just(SocketFault::NotPosted),
        Just(SocketFault::UnknownBefore),
        Just(SocketFault::UnknownAfter),
    ];
    let step = prop_oneof![
        4 => Just(Step::Tell),
        4 => (0..8_usize).prop_map(Step::Push),
        1 => Just(Step::Cut),
        1 => Just(Step::Connect),
        3 => Just(Step::Read),
        1 => Just(Step::Ping),
        1 => faults.prop_map(Step::Break),
    ];
    proptest::collection::vec(step, 1..STEPS)
}

/// A client by the book.
struct Device {
    socket: Option<String>,
    sockets: usize,
    taken: usize,
    /// Nothing is missing up to here, and where that is.
    number: u64,
    cursor: String,
    /// Came ahead of what is missing.
    ahead: BTreeMap<u64, String>,
    shown: Vec<String>,
}

impl Device {
    fn new() -> Self {
        Self {
            socket: None,
            sockets: 0,
            taken: 0,
            number: 0,
            cursor: cursor(0),
            ahead: BTreeMap::new(),
            shown: Vec::new(),
        }
    }

    async fn connect(&mut self, world: &World) {
        self.sockets += 1;
        let socket = format!("socket-{}", self.sockets);
        assert_eq!(world.connect(&socket, None).await, json!(200));
        (self.socket, self.taken) = (Some(socket), 0);
        self.resume(world).await;
    }

    async fn resume(&self, world: &World) {
        let Some(socket) = &self.socket else { return };
        let frame = json!({"action": "resume", "list": "own", "cursor": self.cursor});
        world.say(socket, frame).await;
    }

    async fn ping(&self, world: &World) {
        let Some(socket) = &self.socket else { return };
        world.say(socket, json!({"action": "ping"})).await;
    }

    /// Takes what came, and asks for what is missing until nothing is.
    async fn read(&mut self, world: &World) {
        while let Some(frame) = self.next(world) {
            let number = frame["number"].as_u64().unwrap_or_default();
            let cursor = frame["cursor"].as_str().unwrap_or_default().to_owned();
            match frame["type"].as_str() {
                Some("notification") if number > self.number => {
                    let event = frame["notification"]["id"].as_str().unwrap().to_owned();
                    self.ahead.insert(number, format!("{event} {cursor}"));
                    self.show_up_to(self.number);
                    let has_more = self.next_is_waiting(world);
                    if !self.ahead.is_empty() && !has_more {
                        self.resume(world).await;
                    }
                }
                Some("pong") if number > self.number => self.resume(world).await,
                Some("resumed") => {
                    self.show_up_to(number);
                    if number >= self.number {
                        (self.number, self.cursor) = (number, cursor);
                    }
                    self.show_up_to(self.number);
                    if frame["more"] == json!(true) {
                        self.resume(world).await;
                    }
                }
                _ => {}
            }
        }
    }

    /// Shows what is ahead up to a number, and what follows it without a gap.
    fn show_up_to(&mut self, number: u64) {
        while let Some((next, text)) = self.ahead.pop_first() {
            if next > number && next != self.number + 1 {
                self.ahead.insert(next, text);
                return;
            }
            let (event, cursor) = text.split_once(' ').unwrap();
            self.shown.push(event.to_owned());
            (self.number, self.cursor) = (next, cursor.to_owned());
        }
    }

    fn next(&mut self, world: &World) -> Option<Value> {
        let received = world.gateway.received(&id(self.socket.as_deref()?));
        let frame = received.get(self.taken)?;
        self.taken += 1;
        serde_json::from_str(frame).ok()
    }

    fn next_is_waiting(&self, world: &World) -> bool {
        let socket = self.socket.as_deref().unwrap();
        world.gateway.received(&id(socket)).len() > self.taken
    }
}

async fn push(world: &World, notification: &Notification) {
    let (tenant, reader) = alice();
    let image = notification_image((&tenant, &reader), notification);
    let app = push_updates::App {
        sockets: world.lists.clone(),
        gateway: world.gateway.clone(),
        slices: testkit::fakes::FakeQueue::default(),
        dashboards: testkit::fakes::FakeQueue::default(),
        tenant,
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
        pause: std::time::Duration::ZERO,
    };
    let event = stream_event(&[ItemChange::inserted(image)]);
    let handler = async |records| push_updates::handle(&app, records).await;
    let answer = stream::answer(handler, event, StreamFailure::Items).await;
    assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
}

async fn take(step: Step, (world, device): (&World, &mut Device), told: &mut Vec<Notification>) {
    match step {
        Step::Tell => told.push(world.tell(a_notice(told.len() as u64 + 1)).await),
        Step::Push(which) if !told.is_empty() => {
            push(world, &told[which % told.len()]).await;
        }
        Step::Push(_) => {}
        Step::Cut => {
            if let Some(socket) = device.socket.take() {
                world.gateway.cut(&id(&socket));
            }
        }
        Step::Connect => device.connect(world).await,
        Step::Read => device.read(world).await,
        Step::Ping => device.ping(world).await,
        Step::Break(fault) => world.gateway.fail_next(fault),
    }
}

async fn holds(steps: Vec<Step>) {
    let (world, mut device) = (World::new(), Device::new());
    let mut told: Vec<Notification> = Vec::new();
    device.connect(&world).await;
    for step in steps {
        take(step, (&world, &mut device), &mut told).await;
    }
    told.push(world.tell(a_notice(told.len() as u64 + 1)).await);
    device.connect(&world).await;
    // Until no fault is left.
    for _ in 0..2 * STEPS {
        push(&world, &told[0]).await;
    }
    // The last push is lost, and nobody is told anything more.
    told.push(world.tell(a_notice(told.len() as u64 + 1)).await);
    device.ping(&world).await;
    device.read(&world).await;
    let events: Vec<String> = told.iter().map(|it| it.notice.id.clone()).collect();
    assert_eq!(device.shown, events, "each once, in order");
    push(&world, told.last().unwrap()).await;
    let open: Vec<SocketId> = world.hers().await;
    assert!(
        open.iter().all(|socket| world.gateway.is_open(socket)),
        "{open:?}"
    );
    assert!(open.contains(&id(device.socket.as_deref().unwrap())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_notification_is_shown_once_and_in_order(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(holds(steps));
    }
}
