//! The route inside the edge, against an index in memory. How names are found in spite of slips is
//! the database's, and tested there.

use axum::Router;
use domain::ports::IndexCatalogue;
use domain::{CourseId, EntryId, SearchEntry};
use serde_json::{Value, json};
use testkit::build::{an_entry, eur, tenant};
use testkit::fakes::FakeIndex;
use testkit::http::{Answer, Ask, cursors, protect};
use testkit::must;

use super::*;

struct Shop {
    routes: Router,
    index: FakeIndex,
}

impl Shop {
    async fn with(entries: &[SearchEntry]) -> Self {
        let index = FakeIndex::default();
        for entry in entries {
            must(index.index(entry).await);
        }
        let app = App {
            index: index.clone(),
            cursors: cursors(),
            tenant: tenant(),
        };
        let routes = protect(api(app));
        Self { routes, index }
    }

    async fn kettles() -> Self {
        let priced = |(id, cents): (&str, i64)| SearchEntry {
            price: eur(cents),
            ..an_entry(id, "Copper Kettle", 1)
        };
        let mut all: Vec<_> = [("a", 100), ("b", 200), ("c", 300)].map(priced).into();
        let course = EntryId::Course(must(CourseId::parse("k")));
        all.push(SearchEntry {
            id: course,
            ..an_entry("k", "Kettle mending", 1)
        });
        Self::with(&all).await
    }

    async fn search(&self, query: &str) -> Answer {
        let ask = Ask::get(&format!("/api/v1/search?{query}"));
        ask.to(&self.routes).await
    }

    /// The ids of what is found.
    async fn ids(&self, query: &str) -> String {
        let answer = self.search(query).await;
        assert_eq!(answer.status, 200, "{query}");
        ids(&answer.json()).join(" ")
    }
}

fn ids(body: &Value) -> Vec<&str> {
    let results = body["results"].as_array().unwrap();
    results
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn everybody_finds_what_is_on_sale() {
    let shop = Shop::with(&[an_entry("tea", "Black Tea", 1)]).await;
    let found = shop.search("q=black%20te").await;
    assert_eq!(found.status, 200);
    let body = serde_json::to_string_pretty(&found.json()).unwrap();
    insta::assert_snapshot!(body, @r#"
    {
      "results": [
        {
          "kind": "product",
          "id": "tea",
          "name": "Black Tea",
          "description": "",
          "price": {
            "minor": 1000,
            "currency": "EUR"
          }
        }
      ]
    }
    "#);
    assert_eq!(shop.search("q=sofa").await.json(), json!({"results": []}));
}

#[tokio::test]
async fn kind_and_price_narrow_it_down() {
    let shop = Shop::kettles().await;
    for (query, ids) in [
        ("q=kettle", "k a b c"),
        ("q=kettle&kind=product", "a b c"),
        ("q=kettle&kind=course", "k"),
        ("q=kettle&currency=EUR&min_price=200&max_price=999", "b c"),
        ("q=kettle&currency=EUR&max_price=100", "a"),
        ("q=kettle&currency=JPY", ""),
    ] {
        assert_eq!(shop.ids(query).await, ids, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_within_one_search() {
    let shop = Shop::kettles().await;
    let first = shop.search("q=kettle&limit=3").await.json();
    assert_eq!(ids(&first), ["k", "a", "b"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("q=kettle&limit=3&cursor={cursor}");
    let second = shop.search(&next).await.json();
    assert_eq!((ids(&second), second.get("next_cursor")), (vec!["c"], None));
    for other in ["q=copper", "q=kettle&kind=product", "q=kettle&currency=EUR"] {
        let answer = shop.search(&format!("{other}&cursor={cursor}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{other}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_the_database() {
    let shop = Shop::kettles().await;
    let long = format!("q={}", "a".repeat(101));
    shop.index.fail_next();
    for query in [
        "",
        "q=",
        "q=%20!%20",
        &long,
        "q=a&kind=order",
        "q=a&currency=euro",
        "q=a&min_price=1",
        "q=a&currency=EUR&min_price=cheap",
        "q=a&currency=EUR&min_price=-1",
        "q=a&currency=EUR&max_price=9223372036854775807",
        "q=a&currency=eur",
        "q=a&limit=0",
        "q=a&limit=101",
        "q=a&cursor=x",
        "q=a&sort=price",
        "q=a&q=b",
    ] {
        let answer = shop.search(query).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_no_fault_of_ours() {
    let shop = Shop::kettles().await;
    shop.index.fail_next();
    let away = shop.search("q=kettle").await;
    assert_eq!(away.problem(), (503, "unavailable".to_owned()));
    assert_eq!(away.header("retry-after"), "1");
    assert_eq!(shop.search("q=kettle").await.status, 200);
}
