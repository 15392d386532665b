//! F33: every route, for everybody, for what is theirs, somebody else's and not there. What must be
//! answered is said by the route's policy (`front_door::oracle`), never by what was answered before.
//! A new route is in it by itself.

mod cast;
mod requests;

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use testkit::must;
use tests::emulator::shop::Shop;
use tests::front_door::oracle::{Verdict, Who, Whose, expected};
use tests::front_door::{Door, doors};

use cast::{Caller, Cast};
use requests::{Described, described};

/// Headers that differ between any two answers: the time, ids of the trace, what is left of a limit.
const VARIES: [&str; 5] = [
    "date",
    "traceparent",
    "ratelimit",
    "apigw-requestid",
    "x-amzn-requestid",
];

/// An answer, with all that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Sent {
    fn new(status: u16, headers: &HeaderMap, body: String) -> Self {
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let header = |(name, value)| {
            let name: &reqwest::header::HeaderName = name;
            let value = match VARIES.contains(&name.as_str()) {
                true => "*".to_owned(),
                false => text(value),
            };
            (name.to_string(), value)
        };
        Self {
            status,
            headers: headers.iter().map(header).collect(),
            body,
        }
    }

    /// The last part of the type of a problem.
    fn slug(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let kind = body["type"].as_str().unwrap_or_default();
        kind.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// What became of the request, by the answer alone.
    fn verdict(&self) -> Option<Verdict> {
        match (self.status, self.slug().as_str()) {
            (401, "unauthorised") => Some(Verdict::Unauthorised),
            (403, "forbidden") => Some(Verdict::Forbidden),
            (404, _) => Some(Verdict::NotFound),
            (405 | 429 | 500.., _) => None,
            _ => Some(Verdict::Admitted),
        }
    }
}

/// One request of the matrix.
async fn ask(shop: &Shop, door: &Door, caller: &Caller, path: &str) -> Sent {
    let Described { headers, body, .. } = described(door);
    let method = door.route.method.clone();
    let mut request = shop.stack.http.request(method, shop.url(path));
    // The same ids for all: what still differs is what they were told.
    request = request.header("x-request-id", "matrix");
    if let Some(token) = &caller.token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(body) = body {
        let key = format!("matrix-{}", tests::emulator::shop::stamp());
        request = request.header("idempotency-key", key).json(&body);
    }
    let answer = must(request.send().await);
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Sent::new(status, &headers, must(answer.text().await))
}

/// What is wrong with one cell.
fn mistake(
    door: &Door,
    caller: &Caller,
    whose: Whose,
    sent: &Sent,
    canary: &str,
) -> Option<String> {
    let wanted = expected(door, caller.who, whose);
    let may_see =
        caller.is_owner_of_the_canary || (wanted == Verdict::Admitted && caller.is_staff());
    let shown = format!("{:?}{}", sent.headers, sent.body).contains(canary);
    let own_answer = wanted != Verdict::Admitted || described(door).fits(door, sent.status);
    let mistake = if sent.verdict() != Some(wanted) {
        format!("wanted {wanted:?}")
    } else if !own_answer {
        "the route's own answer is another".to_owned()
    } else if shown && !may_see {
        "somebody else's data".to_owned()
    } else {
        return None;
    };
    let (method, path) = (&door.route.method, door.route.path);
    let (name, status, body) = (&caller.name, sent.status, &sent.body);
    Some(format!(
        "{method} {path}, {name}, {whose:?}: {mistake}, got {status} {body}"
    ))
}

/// All cells of one route for one caller.
async fn cells(shop: &Shop, cast: &Cast, door: &Door, caller: &Caller) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut refused: Vec<Sent> = Vec::new();
    for whose in [Whose::Own, Whose::Foreign, Whose::Missing] {
        let Some(id) = cast.id_of(door.thing(), caller, whose) else {
            continue;
        };
        let sent = ask(shop, door, caller, &door.path_with(&id)).await;
        mistakes.extend(mistake(door, caller, whose, &sent, &cast.canary));
        if expected(door, caller.who, whose) == Verdict::NotFound {
            refused.push(sent);
        }
    }
    if refused.windows(2).any(|pair| pair[0] != pair[1]) {
        let (method, path) = (&door.route.method, door.route.path);
        let name = &caller.name;
        mistakes.push(format!(
            "{method} {path}, {name}: foreign is not as missing: {refused:#?}"
        ));
    }
    mistakes
}

#[tokio::test]
async fn f33_every_route_answers_everybody_as_its_policy_says() {
    let shop = Shop::open("matrix").await;
    let cast = Cast::gather(&shop).await;
    let mut mistakes = Vec::new();
    let doors = doors();
    for door in &doors {
        for caller in &cast.callers {
            mistakes.extend(cells(&shop, &cast, door, caller).await);
        }
    }
    let found = mistakes.join("\n");
    assert!(mistakes.is_empty(), "{} mistakes:\n{found}", mistakes.len());
    let routes = doors.len();
    println!(
        "{}: {routes} routes, {} callers",
        shop.name(),
        cast.callers.len()
    );
    cast.leave(&shop).await;
    shop.check().await;
}

/// What the test above relies on: where an order can be seen, its owner is in it.
#[tokio::test]
async fn the_canary_is_in_what_its_owner_sees() {
    let shop = Shop::open("canary").await;
    let cast = Cast::gather(&shop).await;
    let owner = cast
        .callers
        .iter()
        .find(|caller| caller.is_owner_of_the_canary);
    let owner = testkit::must_have(owner);
    for path in ["/api/v1/orders/{id}", "/api/v1/users/{id}"] {
        let door = doors().into_iter().find(|door| door.route.path == path);
        let door = testkit::must_have(door);
        let id = testkit::must_have(cast.id_of(door.thing(), owner, Whose::Own));
        let sent = ask(&shop, &door, owner, &door.path_with(&id)).await;
        assert!(sent.body.contains(&cast.canary), "{}", sent.body);
    }
    assert_eq!(owner.who, Who::Person(http_edge::Role::Customer));
    cast.leave(&shop).await;
    shop.check().await;
}
