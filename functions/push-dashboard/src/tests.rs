//! Messages of the queue through the runner, against figures, rows and a gateway in memory.

use domain::ports::CountOrders;
use domain::{CountedOrder, Counting, Socket};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{a_socket, at, eur, order_id, pieces, sku, tenant};
use testkit::fakes::{FakeFigures, FakeInventory, FakeRealtime, FakeSockets, Fault, SocketFault};

use super::*;

struct World {
    rows: FakeRealtime,
    figures: FakeFigures,
    stock: FakeInventory,
    gateway: FakeSockets,
    second: i64,
}

fn other_shop() -> TenantId {
    TenantId::parse("other").unwrap()
}

impl World {
    /// A shop with one order placed, and of two SKUs one that is low.
    async fn new() -> Self {
        let stock = FakeInventory::default()
            .with_stock(&pieces("sku-tea", 10))
            .with_stock(&pieces("sku-mug", 10));
        stock.set_low_at(&sku("sku-tea"), 10, at(0)).await.unwrap();
        let world = Self {
            rows: FakeRealtime::default(),
            figures: FakeFigures::default(),
            stock,
            gateway: FakeSockets::default(),
            second: 90,
        };
        world.place(1).await;
        world
    }

    async fn place(&self, number: u64) {
        let mut order = CountedOrder::default();
        let tallies = order.count(&Counting::Placed(eur(700)), at(30));
        let (shop, id) = (tenant(), order_id(number));
        let saved = self.figures.save_counted(&shop, id, order, &tallies);
        saved.await.unwrap();
    }

    /// Somebody who runs the shop looks.
    async fn look(&self, shop: TenantId, number: u64) -> Socket {
        let socket = a_socket(number);
        self.rows
            .join(&Topic::Dashboard(shop), &socket)
            .await
            .unwrap();
        self.gateway.open(&socket.id);
        socket
    }

    /// How many messages go back.
    async fn run(&self, body: &str) -> usize {
        let app = App {
            sockets: self.rows.clone(),
            figures: self.figures.clone(),
            stock: self.stock.clone(),
            gateway: self.gateway.clone(),
            tenant: tenant(),
            clock: Clock::fixed(at(self.second)),
            pause: Duration::ZERO,
        };
        let record = json!({"messageId": "1", "body": body, "attributes": {}});
        let handler = async |changed| handle(&app, changed).await;
        let answer = queue::answer(handler, json!({"Records": [record]})).await;
        answer.unwrap().returned().count()
    }

    fn heard(&self, socket: &Socket) -> Vec<Value> {
        let frames = self.gateway.received(&socket.id).into_iter();
        frames
            .map(|it| serde_json::from_str(&it).unwrap())
            .collect()
    }
}

fn changed(shop: &TenantId) -> String {
    FiguresChanged::letter(shop, at(85)).body
}

#[tokio::test]
async fn those_who_look_are_told_how_the_figures_stand() {
    let world = World::new().await;
    let both = [world.look(tenant(), 1).await, world.look(tenant(), 2).await];
    world.place(2).await;
    assert_eq!(world.run(&changed(&tenant())).await, 0);
    for socket in &both {
        let heard = world.heard(socket);
        let [frame] = heard.as_slice() else {
            panic!("one frame, not {heard:?}");
        };
        assert_eq!(frame["type"], "dashboard");
        let shown = &frame["dashboard"];
        assert_eq!(shown["as_of"], json!(at(90)));
        let open = json!({"status": "open", "orders": 2});
        assert_eq!(shown["orders_by_status"][0], open);
        assert_eq!(shown["placed_per_minute"][58]["placed"], 2);
        let low = json!({"sku": "sku-tea", "available": 10, "low_at": 10});
        assert_eq!(shown["stock_alerts"], json!({"skus": [low], "more": false}));
        assert_eq!(shown.get("dead_letters"), None);
    }
}

#[tokio::test]
async fn another_shop_hears_of_its_own_figures_and_of_no_stock() {
    let world = World::new().await;
    let ours = world.look(tenant(), 1).await;
    let theirs = world.look(other_shop(), 2).await;
    assert_eq!(world.run(&changed(&other_shop())).await, 0);
    assert_eq!(world.heard(&ours), Vec::<Value>::new());
    let heard = world.heard(&theirs);
    let open = json!({"status": "open", "orders": 0});
    assert_eq!(heard[0]["dashboard"]["orders_by_status"][0], open);
    assert_eq!(heard[0]["dashboard"].get("stock_alerts"), None);
}

#[tokio::test]
async fn who_is_gone_is_taken_out_and_what_failed_is_posted_once_more() {
    let world = World::new().await;
    let (gone, here) = (world.look(tenant(), 1).await, world.look(tenant(), 2).await);
    world.gateway.cut(&gone.id);
    world.gateway.fail_next(SocketFault::NotPosted);
    assert_eq!(world.run(&changed(&tenant())).await, 0);
    let topic = Topic::Dashboard(tenant());
    assert_eq!(world.heard(&here).len(), 1);
    assert_eq!(world.rows.sockets_of(&topic).await.unwrap(), [here]);
}

#[tokio::test]
async fn what_cannot_be_read_and_what_the_store_refuses_goes_back() {
    let world = World::new().await;
    let gone = world.look(tenant(), 1).await;
    world.gateway.cut(&gone.id);
    assert_eq!(world.run("{}").await, 1);
    assert_eq!(world.run(r#"{"shop": ""}"#).await, 1);
    world.rows.fail_next_write(Fault::FailBefore);
    assert_eq!(world.run(&changed(&tenant())).await, 1);
    assert_eq!(world.run(&changed(&tenant())).await, 0);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    assert_eq!(lacking.names().count(), 5);
}
