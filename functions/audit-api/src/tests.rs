//! The route inside the edge, with real tokens, against chains in memory.

use audit::{Appended, Head, KeepChains, Outcome, Record, Shard, append};
use axum::Router;
use http_edge::Role;
use lambda_boot::Env;
use serde_json::Value;
use testkit::build::an_audit_record;
use testkit::fakes::FakeChains;
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};

use super::*;

const PATH: &str = "/api/v1/admin/audit";
const OBJECT: &str = "order/7";

/// A chain with this many entries, every tenth of an object.
async fn log(entries: u32) -> (Router, FakeChains) {
    let chains = FakeChains::default();
    let mut head = Head::empty(Shard::of(OBJECT));
    for number in 1..=entries {
        let usual = an_audit_record(&format!("order/7/{number}"));
        let object = if number % 10 == 0 { OBJECT } else { "order/x" };
        let mut record = Record {
            object: object.to_owned(),
            ..usual
        };
        record.actor.tenant = Some("main".to_owned());
        if number % 20 == 0 {
            record.outcome = Outcome::Refused("forbidden".to_owned());
        }
        if let Appended::Now(next) = append(&chains, head, &record).await.unwrap() {
            head = next;
        }
    }
    let app = App {
        chains: chains.clone(),
        cursors: cursors(),
    };
    (protect(api(app)), chains)
}

async fn ask(routes: &Router, query: &str) -> Answer {
    let ask = Ask::get(&format!("{PATH}?{query}"));
    ask.with_token(&token("dora", Role::Admin)).to(routes).await
}

/// Positions of all pages, and how many pages there were.
async fn all(routes: &Router, query: &str) -> (Vec<u64>, usize) {
    let (mut found, mut pages, mut more) = (Vec::new(), 0, String::new());
    loop {
        let answer = ask(routes, &format!("{query}{more}")).await.json();
        let entries = answer["entries"].as_array().unwrap();
        found.extend(entries.iter().map(|it| it["position"].as_u64().unwrap()));
        pages += 1;
        match answer["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return (found, pages),
        }
    }
}

#[tokio::test]
async fn an_object_s_entries_are_listed_newest_first_with_all_that_they_say() {
    let (routes, chains) = log(40).await;
    chains.erase(Shard::of(OBJECT), 10).await.unwrap();
    let answer = ask(&routes, "object=order/7").await;
    assert_eq!(answer.status, 200);
    let entries = answer.json()["entries"].clone();
    let positions: Vec<_> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["position"])
        .collect();
    assert_eq!(positions, [40, 30, 20, 10]);
    let first = &entries[0];
    assert_eq!(first["chain"], Shard::of(OBJECT).number());
    assert_eq!(first["object"], OBJECT);
    assert_eq!(
        (&first["outcome"], &first["reason"]),
        (&"refused".into(), &"forbidden".into())
    );
    assert_eq!(entries[1]["outcome"], "done");
    assert!(first["actor"]["id"].is_string() && first["actor"]["erased"] == false);
    let erased = &entries[3];
    assert_eq!(
        (&erased["actor"]["id"], &erased["actor"]["erased"]),
        (&Value::Null, &true.into())
    );
}

#[tokio::test]
async fn a_chain_is_listed_to_its_beginning_by_page() {
    let (routes, _) = log(1_203).await;
    let chain = Shard::of(OBJECT).number();
    let (positions, pages) = all(&routes, &format!("chain={chain}&limit=100")).await;
    assert_eq!(positions, (1..=1_203).rev().collect::<Vec<u64>>());
    assert_eq!(pages, 13);
    let (positions, _) = all(&routes, "object=order/7").await;
    assert_eq!(
        positions,
        (1..=120).rev().map(|n| n * 10).collect::<Vec<u64>>()
    );
}

#[tokio::test]
async fn a_page_looks_at_so_much_and_no_more() {
    let (routes, chains) = log(1_203).await;
    let before = chains.reads();
    let answer = ask(&routes, "object=order/7&limit=100").await.json();
    assert_eq!(answer["entries"].as_array().unwrap().len(), 50);
    assert!(answer["next_cursor"].is_string());
    assert!(chains.reads() - before < 550);
}

#[tokio::test]
async fn those_of_another_shop_see_nothing() {
    let (routes, _) = log(30).await;
    let stranger = token_of_shop("other", "dora", Role::Admin);
    let ask = Ask::get(&format!("{PATH}?object=order/7")).with_token(&stranger);
    assert_eq!(
        ask.to(&routes).await.json()["entries"],
        Value::Array(vec![])
    );
}

#[tokio::test]
async fn only_those_who_run_the_shop_look() {
    let (routes, _) = log(1).await;
    for role in [Role::Customer, Role::Support] {
        let ask = Ask::get(&format!("{PATH}?chain=1")).with_token(&token("carol", role));
        assert_eq!(ask.to(&routes).await.status, 403);
    }
}

#[tokio::test]
async fn what_is_no_list_is_refused() {
    let (routes, _) = log(30).await;
    let cursor = ask(&routes, "object=order/x&limit=1").await.json();
    let cursor = cursor["next_cursor"].as_str().unwrap();
    let long = "x".repeat(513);
    for query in [
        "object=",
        "chain=16",
        "chain=x",
        "object=order/7&chain=1",
        "since=1",
        "chain=1&limit=0",
        &format!("object={long}"),
        &format!("object=order/7&cursor={cursor}"),
    ] {
        assert_eq!(ask(&routes, query).await.status, 400, "{query}");
    }
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert!(
        names.contains(&"AUDIT_TABLE") && names.contains(&"CURSOR_KEY"),
        "{names:?}"
    );
}
