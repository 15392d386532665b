//! Messages of the queue through the runner, against rows and a gateway in memory.

use contracts::sockets::SliceBody;
use domain::ports::KeepSockets;
use domain::{Socket, Topic};
use lambda_boot::queue;
use serde_json::json;
use testkit::build::{a_socket, at, group_id, tenant};
use testkit::fakes::{FakeRealtime, FakeSockets, Fault, SocketFault};

use super::*;

fn group() -> Topic {
    Topic::Group(tenant(), group_id(1))
}

/// A group with forty open sockets.
struct World {
    rows: FakeRealtime,
    gateway: FakeSockets,
    sockets: Vec<Socket>,
}

impl World {
    async fn new() -> Self {
        let (rows, gateway) = (FakeRealtime::default(), FakeSockets::default());
        let sockets: Vec<Socket> = (1..=40).map(a_socket).collect();
        for socket in &sockets {
            rows.join(&group(), socket).await.unwrap();
            gateway.open(&socket.id);
        }
        Self {
            rows,
            gateway,
            sockets,
        }
    }

    /// How many messages go back.
    async fn run(&self, bodies: &[String]) -> usize {
        let app = App {
            sockets: self.rows.clone(),
            gateway: self.gateway.clone(),
            clock: Clock::fixed(at(1_000)),
            pause: Duration::ZERO,
        };
        let record = |(place, body): (usize, &String)| json!({"messageId": place.to_string(), "body": body, "attributes": {}});
        let records: Vec<_> = bodies.iter().enumerate().map(record).collect();
        let handler = async |slice| handle(&app, slice).await;
        let answer = queue::answer(handler, json!({"Records": records})).await;
        answer.unwrap().returned().count()
    }

    /// How often each socket heard it, in their order.
    fn heard(&self) -> Vec<usize> {
        let heard = |socket: &Socket| self.gateway.received(&socket.id).len();
        self.sockets.iter().map(heard).collect()
    }
}

fn slices() -> Vec<String> {
    let all = SliceBody::all_of((&tenant(), group_id(1)), r#"{"number":7}"#);
    all.iter()
        .map(|slice| serde_json::to_string(slice).unwrap())
        .collect()
}

#[tokio::test]
async fn all_slices_together_reach_each_socket_once() {
    let world = World::new().await;
    assert_eq!(world.run(&slices()).await, 0);
    assert_eq!(world.heard(), [1; 40]);
    let first = &world.sockets[0];
    assert_eq!(world.gateway.received(&first.id), [r#"{"number":7}"#]);
}

#[tokio::test]
async fn a_slice_reaches_its_own_sockets_only() {
    let world = World::new().await;
    assert_eq!(world.run(&slices()[3..4]).await, 0);
    for (socket, heard) in world.sockets.iter().zip(world.heard()) {
        let is_in = group().slice_of(&socket.id) == 3;
        assert_eq!(heard, usize::from(is_in), "{}", socket.id);
    }
}

#[tokio::test]
async fn what_is_gone_is_taken_out_and_what_failed_is_posted_once_more() {
    let world = World::new().await;
    let (gone, left) = world.sockets.split_first().unwrap();
    world.gateway.cut(&gone.id);
    world.gateway.fail_next(SocketFault::NotPosted);
    assert_eq!(world.run(&slices()).await, 0);
    let mut wanted = left.to_vec();
    wanted.sort();
    assert_eq!(world.rows.sockets_of(&group()).await.unwrap(), wanted);
    assert_eq!(world.heard()[1..], [1; 39]);
}

#[tokio::test]
async fn what_cannot_be_read_and_what_the_store_refuses_goes_back() {
    let world = World::new().await;
    assert_eq!(world.run(&["{}".to_owned()]).await, 1);
    let elsewhere = slices()[0].replace(&group_id(1).to_string(), "nowhere");
    assert_eq!(world.run(&[elsewhere]).await, 1);
    world.gateway.cut(&world.sockets[0].id);
    world.rows.fail_next_write(Fault::FailBefore);
    assert_eq!(world.run(&slices()).await, 1);
    assert_eq!(world.run(&slices()).await, 0);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().count(), 2);
}
