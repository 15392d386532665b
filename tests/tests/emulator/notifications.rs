//! What customers are told: their own list, in order, by page, read and resumed; and what is mailed of
//! it, until they have had enough.

use domain::OrderId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::must_have;
use tests::emulator::cart::Cart;
use tests::emulator::inbox::told;
use tests::emulator::mails::{mails_to, texts_to};
use tests::emulator::shop::{SOON, Shop};

const LIST: &str = "/notifications";

async fn ended(shop: &Shop, cart: &Cart) -> OrderId {
    let id = shop.place(cart).await;
    shop.ends(cart, SOON, "confirmed", None).await;
    told(shop, cart).await;
    id
}

async fn page(shop: &Shop, reader: &str, query: &str) -> Value {
    let answer = shop.get(reader, &format!("{LIST}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Number, kind and order of everything on a page.
fn entries(page: &Value) -> Vec<(u64, String, String)> {
    let entry = |it: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number = must_have(it["number"].as_u64());
        (number, text(&it["type"]), text(&it["data"]["order_id"]))
    };
    let entries = must_have(page["notifications"].as_array());
    entries.iter().map(entry).collect()
}

/// What became of the mail of each on a page.
fn by_mail(page: &Value) -> Vec<String> {
    let entries = must_have(page["notifications"].as_array());
    let outcome = |it: &Value| it["deliveries"][0]["outcome"].as_str().map(str::to_owned);
    entries.iter().filter_map(outcome).collect()
}

fn cursor(page: &Value, name: &str) -> String {
    must_have(page[name].as_str()).to_owned()
}

#[tokio::test]
async fn customers_are_told_each_event_once_in_a_list_of_their_own() {
    let shop = Shop::open("told").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let first = ended(&shop, &cart).await;
    let reader = &cart.customer;
    let begin = page(&shop, reader, "").await;
    let entry = |number, kind: &str, order: OrderId| (number, kind.to_owned(), order.to_string());
    let of_first = [
        entry(2, "order-confirmed", first),
        entry(1, "order-placed", first),
    ];
    assert_eq!(entries(&begin), of_first);
    assert_eq!(by_mail(&begin), ["sent", "switched-off"]);

    let second = ended(&shop, &cart.clone().under("second")).await;
    let of_second = [
        entry(3, "order-placed", second),
        entry(4, "order-confirmed", second),
    ];
    let after = cursor(&begin, "resume_cursor");
    let resumed = page(&shop, reader, &format!("after={after}")).await;
    assert_eq!(entries(&resumed), of_second);
    assert_eq!(resumed["behind"], json!(false));
    let newest = page(&shop, reader, "limit=3").await;
    let older = format!("limit=3&cursor={}", cursor(&newest, "next_cursor"));
    let numbers = |page: &Value| entries(page).into_iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(numbers(&newest), [4, 3, 2]);
    assert_eq!(numbers(&page(&shop, reader, &older).await), [1]);

    for body in [json!({"numbers": [4]}), json!({"up_to": 1})] {
        let mark = shop
            .request(Method::POST, "/notifications/read")
            .json(&body);
        let marked = shop.ask(mark.bearer_auth(shop.token(reader))).await;
        assert_eq!(marked.status, 204, "{}", marked.body);
    }
    let all = page(&shop, reader, "").await;
    let read: Vec<_> = must_have(all["notifications"].as_array())
        .iter()
        .filter_map(|it| it["read"].as_bool())
        .collect();
    assert_eq!(read, [true, false, false, true]);

    let stranger = page(&shop, &shop.cart(&[]).customer, "").await;
    assert_eq!((entries(&stranger), &stranger["last"]), (vec![], &json!(0)));
    let token = shop.token(&shop.cart(&[]).customer);
    let stolen = shop.request(Method::GET, &format!("{LIST}?{older}"));
    assert_eq!(shop.ask(stolen.bearer_auth(token)).await.status, 400);
    shop.check().await;
}

#[tokio::test]
async fn who_clicks_unsubscribe_is_mailed_no_more_of_it_and_still_finds_it_in_the_list() {
    let shop = Shop::open("enough").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    ended(&shop, &cart).await;
    // The emulator keeps no headers; the text has the same token.
    let text = must_have(texts_to(&shop.stack, &cart.email()).await.pop());
    let (_, token) = must_have(text.rsplit_once("#token="));
    let path = format!("/notifications/unsubscribe?token={}", token.trim());
    let looked = shop.ask(shop.request(Method::GET, &path)).await;
    assert_eq!(looked.json()["type"], "order-confirmed", "{}", looked.body);
    let click = shop.request(Method::POST, &path);
    let click = click.body("List-Unsubscribe=One-Click");
    let clicked = shop
        .ask(click.header("content-type", "application/x-www-form-urlencoded"))
        .await;
    assert_eq!(clicked.status, 200, "{}", clicked.body);

    ended(&shop, &cart.clone().under("second")).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    let newest = page(&shop, &cart.customer, "limit=1").await;
    assert_eq!(entries(&newest)[0].1, "order-confirmed");
    assert_eq!(by_mail(&newest), ["switched-off"]);

    let choices = json!({"kinds": [{"type": "order-confirmed", "email": true}]});
    let put = shop.request(Method::PUT, "/notifications/preferences");
    let put = put.json(&choices).bearer_auth(shop.token(&cart.customer));
    assert_eq!(shop.ask(put).await.status, 200);
    ended(&shop, &cart.clone().under("third")).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 2);
    shop.check().await;
}
