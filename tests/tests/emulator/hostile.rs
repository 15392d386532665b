//! F32: hostile tokens before the real functions. That every route refuses every one of them is
//! shown in process (`front_door`); here the gateway, the programs and their clients are real.

use futures::future::join_all;
use reqwest::Method;
use testkit::hostile::{Forge, Shown};
use testkit::invariants::TokenShown;
use testkit::must;
use tests::emulator::proxy;
use tests::emulator::shop::{Answer, Shop, now};

/// So many at once.
const BATCH: usize = 16;
/// How long the test takes at most, in seconds.
const LASTS: i64 = 600;
/// What a server takes as one header; what is longer it refuses itself.
const LONGEST: usize = 6_000;
/// One route of each way in: read, write, and without API keys.
const ROUTES: [(&str, Method, &str); 3] = [
    ("orders-api", Method::GET, "/orders"),
    (
        "accounts-api",
        Method::PUT,
        "/users/00000000-0000-8000-8000-000000000001",
    ),
    ("auth-api", Method::POST, "/auth/logout-all"),
];

fn forge(shop: &Shop) -> Forge {
    let pem = must(std::fs::read_to_string(
        shop.stack.get("CARTWRIGHT_TOKEN_KEY"),
    ));
    let claims = shop.claims("c-1");
    let issuer = (claims.iss.as_str(), claims.aud.as_str());
    Forge::new((&shop.key_id(), &pem), issuer, now().as_second()).shown_for(LASTS)
}

/// What HTTP can carry.
fn can_be_sent(shown: &Shown) -> bool {
    let plain = |text: &str| text.is_ascii() && text.len() < LONGEST;
    shown.headers.iter().all(|(_, value)| plain(value)) && plain(&shown.query)
}

async fn show(shop: &Shop, (method, path): (&Method, &str), shown: &Shown) -> Answer {
    let path = format!("{path}{}", shown.query);
    let mut request = shop.request(method.clone(), &path);
    for (name, value) in &shown.headers {
        request = request.header(*name, value);
    }
    let answer = shop.ask(request.header("x-request-id", "hostile")).await;
    shop.noted().access.shown.push(TokenShown {
        what: shown.what.clone(),
        is_good: false,
        status: answer.status,
    });
    answer
}

/// Calls of AWS that a function made.
async fn calls(shop: &Shop, function: &str) -> u64 {
    let trace = proxy::trace(&shop.stack).await;
    let own = trace
        .iter()
        .filter(|sum| sum.caller.ends_with(function) && !sum.service.is_empty());
    own.map(|sum| sum.calls).sum()
}

#[tokio::test]
async fn f32_hostile_tokens_get_one_answer_and_no_call_of_aws_is_made_for_them() {
    let shop = Shop::alone("hostile").await;
    let forge = forge(&shop);
    let mut corpus = forge.shown();
    corpus.retain(can_be_sent);
    assert!(corpus.len() >= 500, "{}", corpus.len());
    proxy::rest(&shop.stack).await;
    proxy::forget(&shop.stack).await;
    let mut bodies = Vec::new();
    for (function, method, path) in &ROUTES {
        for batch in corpus.chunks(BATCH) {
            let asked = batch.iter().map(|shown| show(&shop, (method, path), shown));
            for (shown, answer) in batch.iter().zip(join_all(asked).await) {
                let what = &shown.what;
                assert_eq!(
                    answer.status, 401,
                    "{method} {path}, {what}: {}",
                    answer.body
                );
                assert!(!answer.counted, "{method} {path}, {what}");
                bodies.push(answer.body);
            }
        }
        assert_eq!(calls(&shop, function).await, 0, "calls of {function}");
    }
    println!("{}: {} requests", shop.name(), bodies.len());
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // The same forge makes tokens that are taken, and what is done then is counted.
    let good = Shown::bearer("good".to_owned(), &forge.good());
    let request = shop
        .request(Method::GET, "/orders")
        .header(good.headers[0].0, &good.headers[0].1);
    assert_eq!(shop.ask(request).await.status, 200);
    assert!(calls(&shop, "orders-api").await > 0);
    shop.check().await;
}
