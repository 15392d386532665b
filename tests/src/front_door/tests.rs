//! Nobody gets past a route with a token that is not good, and nobody is asked about it.

use std::collections::BTreeSet;

use testkit::build::at;
use testkit::hostile::{Forge, Shown};
use testkit::keys::private_key;
use testkit::touched;

use super::house::{AUDIENCE, House, ISSUER};
use super::*;

const ID: &str = "00000000-0000-8000-8000-000000000001";

fn forge() -> Forge {
    let now = at(0).as_second();
    Forge::new(("key-1", &private_key()), (ISSUER, AUDIENCE), now)
}

fn closed() -> Vec<Door> {
    doors().into_iter().filter(|door| !door.is_open()).collect()
}

#[test]
fn the_house_has_every_door() {
    let name = |function: &str, route: &Route| {
        let Route {
            method,
            path,
            policy,
            ..
        } = route;
        format!("{function} {method} {path} {policy:?}")
    };
    let house = House::open(&forge());
    let inside = house.routes().iter();
    let inside: BTreeSet<_> = inside
        .map(|(function, route)| name(function, route))
        .collect();
    let all = doors();
    let all: BTreeSet<_> = all
        .iter()
        .map(|door| name(door.function, &door.route))
        .collect();
    assert_eq!(inside, all);
}

#[tokio::test]
async fn f32_every_hostile_token_is_refused_at_every_route_with_one_answer_and_without_a_call() {
    let forge = forge();
    let (house, corpus) = (House::open(&forge), forge.shown());
    assert!(corpus.len() >= 500, "{}", corpus.len());
    let mut first = None;
    let mut asked = 0;
    let before = touched();
    for door in closed() {
        let path = door.path_with(ID);
        for shown in &corpus {
            let route = (door.route.method.clone(), path.as_str());
            let answer = house.ask(door.function, route, shown).await;
            let what = format!("{} {path}: {}", door.route.method, shown.what);
            assert_eq!(answer.status, 401, "{what}");
            let answer = (answer.body, answer.headers);
            assert_eq!(
                *first.get_or_insert_with(|| answer.clone()),
                answer,
                "{what}"
            );
            asked += 1;
        }
        assert_eq!(touched(), before, "{} asked a store", door.route.path);
    }
    println!("{asked} hostile requests");
}

/// What the test above relies on: each function has a limiter of its own, which is asked first.
#[tokio::test]
async fn a_good_token_is_taken_at_every_route_and_its_bearer_is_counted() {
    let forge = forge();
    let house = House::open(&forge);
    let shown = Shown::bearer("good".to_owned(), &forge.good());
    let mut functions = BTreeSet::new();
    for door in closed() {
        let before = touched();
        let route = (door.route.method.clone(), &*door.path_with(ID));
        let answer = house.ask(door.function, route, &shown).await;
        assert_ne!(answer.status, 401, "{}", door.route.path);
        let is_first = functions.insert(door.function);
        assert!(touched() > before || !is_first, "{}", door.function);
    }
}

/// Whatever is asked, shown and answered: by nobody, by somebody who may, by a method that is not
/// there.
#[tokio::test]
async fn every_answer_of_every_route_has_the_headers_of_all() {
    let forge = forge();
    let house = House::open(&forge);
    let good = Shown::bearer("good".to_owned(), &forge.good());
    let bad = Shown::bearer("bad".to_owned(), "bad");
    let mut statuses = BTreeSet::new();
    for door in doors() {
        for (method, shown) in [
            (door.route.method.clone(), &good),
            (door.route.method.clone(), &bad),
            (axum::http::Method::PATCH, &good),
        ] {
            let path = door.path_with(ID);
            let answer = house.ask(door.function, (method, &path), shown).await;
            statuses.insert(answer.status);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                (
                    "content-security-policy",
                    "default-src 'none'; frame-ancestors 'none'",
                ),
                (
                    "strict-transport-security",
                    "max-age=63072000; includeSubDomains",
                ),
            ] {
                assert_eq!(answer.header(name), value, "{path} {}", answer.status);
            }
            for name in ["cache-control", "x-request-id", "traceparent"] {
                assert_ne!(answer.header(name), "", "{path} {}", answer.status);
            }
        }
    }
    let many = [200, 400, 401, 404, 405];
    assert!(many.iter().all(|it| statuses.contains(it)), "{statuses:?}");
}
