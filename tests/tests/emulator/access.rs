//! Who may see what: no token, no answer; what is not yours is not there.

use http_edge::Role;
use http_edge::token::SigningKey;
use reqwest::Method;
use testkit::keys::private_key;
use testkit::must;
use tests::emulator::cart::Cart;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::front_door::doors;

async fn as_holder(shop: &Shop, method: Method, path: &str, token: Option<&str>) -> Answer {
    let mut request = shop.stack.http.request(method, shop.url(path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    shop.ask(request).await
}

/// Tokens that are wrong in one thing.
fn bad_tokens(shop: &Shop, cart: &Cart) -> Vec<(&'static str, Option<String>)> {
    let good = shop.claims(&cart.customer);
    let changed = |change: &dyn Fn(&mut http_edge::token::Claims)| {
        let mut claims = good.clone();
        change(&mut claims);
        Some(shop.sign(&claims))
    };
    let stranger = private_key();
    let stranger = must(SigningKey::from_pem("stranger", &stranger));
    let forged = shop.token(&cart.customer);
    let cut = forged.len() - 10;
    vec![
        ("none", None),
        ("empty", Some(String::new())),
        ("nonsense", Some("abc".to_owned())),
        ("without its end", forged.get(..cut).map(str::to_owned)),
        ("of another key", Some(must(stranger.mint(&good)))),
        ("expired", changed(&|it| it.exp = it.iat - 3_600)),
        ("of tomorrow", changed(&|it| it.iat += 86_400)),
        ("of another issuer", changed(&|it| it.iss.push('x'))),
        ("a key with a typing error", Some(key_like(".0"))),
        ("a key that was never made", Some(key_like(""))),
        ("for another audience", changed(&|it| it.aud.push('x'))),
    ]
}

/// What looks like an API key, with this at its end.
fn key_like(end: &str) -> String {
    let [id, random] = [1, 2].map(uuid::Uuid::from_u128);
    let key = domain::ApiKeySecret::new(domain::ApiKeyId(id), [random; 3]);
    format!("{}{end}", key.text())
}

#[tokio::test]
async fn without_a_good_token_every_route_answers_the_same_401() {
    let shop = Shop::open("tokens").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let id = shop.place(&cart).await.to_string();
    let mut bodies = Vec::new();
    for door in doors().into_iter().filter(|door| !door.is_open()) {
        let (method, path) = (door.route.method.clone(), door.path_with(&id));
        for (what, token) in bad_tokens(&shop, &cart) {
            let answer = as_holder(&shop, method.clone(), &path, token.as_deref()).await;
            assert_eq!(
                answer.status, 401,
                "{method} {path}, token {what}: {}",
                answer.body
            );
            bodies.push(answer.body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_there() {
    let shop = Shop::open("foreign").await;
    shop.sell("tea", 1_200, 10).await;
    let (mine, theirs) = (shop.cart(&[("tea", 1)]), shop.cart(&[("tea", 1)]));
    let id = shop.place(&mine).await;
    shop.place(&theirs).await;
    for path in [format!("/orders/{id}"), format!("/orders/{id}/status")] {
        let foreign = shop.get(&theirs.customer, &path).await;
        let unknown = path.replace(&id.to_string(), "00000000-0000-8000-8000-000000000000");
        let unknown = shop.get(&theirs.customer, &unknown).await;
        assert_eq!((foreign.status, &foreign.body), (404, &unknown.body));
        assert_eq!(shop.get(&mine.customer, &path).await.status, 200);
        let whole = format!("/api/v1{path}");
        let mut admin = shop.claims("admin");
        admin.roles = vec![Role::Admin];
        let token = shop.sign(&admin);
        let answer = as_holder(&shop, Method::GET, &whole, Some(&token)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut elsewhere = shop.claims(&mine.customer);
        "other".clone_into(&mut elsewhere.tenant);
        let token = shop.sign(&elsewhere);
        let answer = as_holder(&shop, Method::GET, &whole, Some(&token)).await;
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    let list = shop.get(&theirs.customer, "/orders").await;
    assert!(!list.body.contains(&id.to_string()), "{}", list.body);
    assert!(
        list.body.contains(&theirs.id().to_string()),
        "{}",
        list.body
    );
    shop.ends(&mine, SOON, "confirmed", None).await;
    shop.ends(&theirs, SOON, "confirmed", None).await;
    shop.check().await;
}

#[tokio::test]
async fn the_list_shows_ones_own_orders_newest_first_page_by_page() {
    let shop = Shop::open("list").await;
    shop.sell("tea", 1_200, 10).await;
    let first = shop.cart(&[("tea", 1)]);
    let mut placed = Vec::new();
    for number in 0..5 {
        let cart = first.clone().under(&format!("n{number}"));
        placed.insert(0, shop.place(&cart).await.to_string());
        shop.ends(&cart, SOON, "confirmed", None).await;
    }
    let mut listed = Vec::new();
    let mut path = "/orders?limit=2".to_owned();
    loop {
        let page = shop.get(&first.customer, &path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        let orders = page["orders"].as_array().cloned().unwrap_or_default();
        let ids = orders.iter().filter_map(|it| it["order_id"].as_str());
        listed.extend(ids.map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/orders?limit=2&cursor={}", cursor.replace('#', "%23"));
    }
    assert_eq!(listed, placed);
    shop.check().await;
}
