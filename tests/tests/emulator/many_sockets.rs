//! A thousand sockets at once, on the emulator itself.

use std::time::{Duration, Instant};

use domain::ports::KeepSockets;
use domain::{TenantId, Topic};
use futures::future::{join, join_all};
use futures::stream::{self, StreamExt};
use testkit::{must, must_have};
use tests::emulator::cart::{Cart, TENANT};
use tests::emulator::reader::Reader;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

const SOCKETS: usize = 1_000;
/// A customer has room for 500.
const CUSTOMERS: usize = 4;
/// One of so many is cut.
const CUT: usize = 5;
/// Handshakes that are under way at one time.
const AT_ONCE: usize = 32;
/// Until a thousand sockets that were dropped have left their rows: each is an invocation.
const LEFT: Duration = Duration::from_secs(180);

/// The customers, and their sockets.
struct Crowd {
    shop: Shop,
    carts: Vec<Cart>,
    tokens: Vec<String>,
    begun: Instant,
}

impl Crowd {
    async fn new() -> Self {
        let shop = Shop::alone("thousand").await;
        shop.sell("tea", 1_200, 100).await;
        let carts: Vec<Cart> = (0..CUSTOMERS).map(|_| shop.cart(&[("tea", 1)])).collect();
        let tokens = carts.iter().map(|it| shop.token(&it.customer)).collect();
        Self {
            shop,
            carts,
            tokens,
            begun: Instant::now(),
        }
    }

    /// Where each customer begins to read.
    async fn cursors(&self) -> Vec<String> {
        let cursor = async |cart: &Cart| {
            let list = self.shop.get(&cart.customer, "/notifications").await;
            must_have(list.json()["resume_cursor"].as_str()).to_owned()
        };
        join_all(self.carts.iter().map(cursor)).await
    }

    /// Everybody orders once more, and is told that it is placed and that it is confirmed.
    async fn order(&self, key: &str) {
        join_all(self.carts.iter().map(async |cart| {
            let cart = cart.clone().under(key);
            self.shop.place(&cart).await;
            self.shop.ends(&cart, SOON, "confirmed", None).await;
        }))
        .await;
    }

    /// The n-th socket is one of the n-th customer, round and round.
    async fn connect(&self, readers: &mut [Reader]) {
        let tokens = self.tokens.iter().cycle();
        let connecting = readers.iter_mut().zip(tokens);
        let connecting = connecting.map(|(reader, token)| reader.connect(&self.shop, token));
        let mut connecting = stream::iter(connecting).buffer_unordered(AT_ONCE);
        while connecting.next().await.is_some() {}
    }

    /// Waits until so many sockets are in rows.
    async fn has(&self, sockets: usize, within: Duration) {
        until(&format!("{sockets} in rows"), within, || async {
            let mut known = 0;
            for cart in &self.carts {
                let topic = Topic::Person(must(TenantId::parse(TENANT)), cart.customer_id());
                known += must(self.shop.tables.realtime.sockets_of(&topic).await).len();
            }
            (known == sockets).then_some(())
        })
        .await;
    }

    fn say(&self, what: &str) {
        println!(
            "{}: {what} after {:?}",
            self.shop.name(),
            self.begun.elapsed()
        );
    }
}

async fn all_hear(readers: &mut [Reader], number: u64) {
    for reader in readers {
        reader.until(number).await;
    }
}

/// The acceptance: each message comes to each socket, and comes once; while messages are on their way
/// a fifth is cut, whose rows are cleaned, and who comes back has everything once.
#[tokio::test]
async fn each_of_a_thousand_sockets_hears_everything_once_and_a_fifth_is_cut_and_catches_up() {
    gateway::raise_limit();
    let crowd = Crowd::new().await;
    let cursors = crowd.cursors().await;
    let readers = cursors.iter().cycle().take(SOCKETS);
    let mut readers: Vec<Reader> = readers.map(|cursor| Reader::behind(cursor)).collect();
    crowd.connect(&mut readers).await;
    crowd.has(SOCKETS, SOON).await;
    crowd.say("all are open");
    crowd.order("first").await;
    all_hear(&mut readers, 2).await;
    crowd.say("all have heard the first orders");

    let (cut, kept) = readers.split_at_mut(SOCKETS / CUT);
    join(crowd.order("second"), async {
        all_hear(kept.get_mut(..CUSTOMERS).unwrap_or_default(), 3).await;
        cut.iter_mut().for_each(Reader::cut);
    })
    .await;
    all_hear(kept, 4).await;
    crowd.has(kept.len(), SOON).await;
    crowd.say("a fifth is gone, and the others have heard the second orders");

    join(crowd.order("third"), crowd.connect(cut)).await;
    all_hear(kept, 6).await;
    all_hear(cut, 6).await;
    crowd.has(SOCKETS, SOON).await;
    crowd.say("who came back has caught up");

    for reader in &mut readers {
        reader.settle().await;
        assert_eq!(reader.shown(), [1, 2, 3, 4, 5, 6]);
    }
    // A post without an answer is made once more, and a gap is asked for: how often tells of the machine.
    let sum = |count: fn(&Reader) -> usize| readers.iter().map(count).sum::<usize>();
    let (again, asked) = (sum(Reader::again), sum(Reader::asked));
    crowd.say(&format!("{again} came twice, {asked} were asked for"));
    drop(readers);
    crowd.has(0, LEFT).await;
    crowd.say("all have left");
    crowd.shop.check().await;
}
