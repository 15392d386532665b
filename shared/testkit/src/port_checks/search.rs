//! Checks of the ports of search. Nothing here looks at ranking or at slips: a fake has neither.

use std::slice;

use domain::ports::{IndexCatalogue, RebuildIndex, SearchCatalogue};
use domain::{Currency, EntryId, EntryKind, Money, SaleStatus, SearchEntry, SearchQuery, TenantId};

use super::catalogue::HOSTILE_TEXTS;
use crate::build::{a_course, a_product, an_entry, search, tenant};
use crate::must;

/// Pieces of the language of full text and of patterns.
const OPERATORS: [&str; 6] = [
    "tea:* & !kettle | (mug <-> cup)",
    "'tea' \\' :A",
    "%_tea\\%",
    "{tea,\"NULL\"}",
    "$1 ?1 @p",
    "tea/**/--",
];

/// All that a store of search does.
pub trait Index: IndexCatalogue + RebuildIndex + SearchCatalogue {}
impl<S: IndexCatalogue + RebuildIndex + SearchCatalogue> Index for S {}

async fn found(store: &impl Index, query: &SearchQuery) -> Vec<String> {
    let page = must(store.search(query).await);
    let id = |entry: &SearchEntry| entry.id.as_str().to_owned();
    let mut ids: Vec<String> = page.items.iter().map(id).collect();
    ids.sort();
    ids
}

/// What was indexed is found by its words, and by the beginning of the last word, with all that is
/// known of it.
pub async fn finds_by_words_and_beginnings(store: &impl Index) {
    let kettle = SearchEntry {
        description: "Boils water, whistles.\nTwo litres".to_owned(),
        ..an_entry("kettle", "Copper Kettle", 1)
    };
    must(store.index(&kettle).await);
    must(store.index(&an_entry("mug", "Stoneware mug", 1)).await);
    for text in [
        "kettle",
        "KETTLE",
        "copper kett",
        "kettle copper",
        "litres",
        "whistles boils",
    ] {
        let page = must(store.search(&search(text)).await);
        assert_eq!(page.items, slice::from_ref(&kettle), "{text}");
        assert_eq!(page.next, None);
    }
    assert!(found(store, &search("wheelbarrow")).await.is_empty());
}

/// Products and courses are in one list, also where they have one id.
pub async fn finds_products_and_courses(store: &impl Index) {
    let product = SearchEntry {
        version: 1,
        ..SearchEntry::from(&a_product("tea", 1_200))
    };
    let course = SearchEntry {
        version: 1,
        name: "A fine tea course".to_owned(),
        ..SearchEntry::from(&a_course("tea", 0))
    };
    must(store.index(&product).await);
    must(store.index(&course).await);
    assert_eq!(found(store, &search("fine tea")).await, ["tea", "tea"]);
    for (kind, wanted) in [(EntryKind::Product, &product), (EntryKind::Course, &course)] {
        let query = SearchQuery {
            kind: Some(kind),
            ..search("fine tea")
        };
        assert_eq!(
            must(store.search(&query).await).items,
            slice::from_ref(wanted)
        );
    }
}

/// Whatever comes late or twice, the newest state stays.
pub async fn keeps_the_newest_state(store: &impl Index) {
    let named = |version, name| an_entry("x", name, version);
    must(store.index(&named(2, "second kettle")).await);
    must(store.index(&named(1, "first kettle")).await);
    must(store.index(&named(2, "twin kettle")).await);
    let page = must(store.search(&search("kettle")).await);
    assert_eq!(page.items, [named(2, "second kettle")]);
    must(store.index(&named(3, "third mug")).await);
    assert!(found(store, &search("kettle")).await.is_empty());
    assert_eq!(found(store, &search("mug")).await, ["x"]);
}

/// What is withdrawn is not found; what is older does not bring it back, what is newer does.
pub async fn what_is_withdrawn_is_not_found(store: &impl Index) {
    let on_sale = |version| an_entry("x", "kettle", version);
    let withdrawn = SearchEntry {
        status: SaleStatus::Withdrawn,
        ..on_sale(3)
    };
    must(store.index(&on_sale(1)).await);
    must(store.index(&withdrawn).await);
    for version in [2, 3] {
        must(store.index(&on_sale(version)).await);
        assert!(found(store, &search("kettle")).await.is_empty());
    }
    must(store.index(&on_sale(4)).await);
    assert_eq!(found(store, &search("kettle")).await, ["x"]);
}

/// Prices are compared in their own currency, bounds included; another shop's entries are not there.
pub async fn filters_by_price_and_shop(store: &impl Index) {
    let yen = must(Currency::parse("JPY"));
    for (id, minor) in [("a", 100), ("b", 200), ("c", 300)] {
        let entry = an_entry(id, "kettle", 1);
        let price = must(Money::new(minor, entry.price.currency()));
        must(store.index(&SearchEntry { price, ..entry }).await);
    }
    let japanese = SearchEntry {
        price: must(Money::new(200, yen)),
        ..an_entry("j", "kettle", 1)
    };
    must(store.index(&japanese).await);
    let foreign = SearchEntry {
        tenant: must(TenantId::parse("elsewhere")),
        ..an_entry("f", "kettle", 1)
    };
    must(store.index(&foreign).await);
    let euro = Some(an_entry("a", "x", 1).price.currency());
    for (currency, least, most, ids) in [
        (None, None, None, "a b c j"),
        (euro, None, None, "a b c"),
        (Some(yen), None, None, "j"),
        (euro, Some(200), None, "b c"),
        (euro, None, Some(200), "a b"),
        (euro, Some(101), Some(299), "b"),
        (euro, Some(301), None, ""),
    ] {
        let query = SearchQuery {
            currency,
            least,
            most,
            ..search("kettle")
        };
        assert_eq!(found(store, &query).await.join(" "), ids, "{query:?}");
    }
}

/// Page by page everything comes once.
pub async fn pages_through_what_fits(store: &impl Index) {
    for number in 0..7 {
        must(
            store
                .index(&an_entry(&format!("k{number}"), "kettle", 1))
                .await,
        );
    }
    let mut query = SearchQuery {
        limit: 3,
        ..search("kettle")
    };
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = must(store.search(&query).await);
        sizes.push(page.items.len());
        ids.extend(
            page.items
                .into_iter()
                .map(|entry| entry.id.as_str().to_owned()),
        );
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [3, 3, 1]);
    ids.sort();
    assert_eq!(ids, ["k0", "k1", "k2", "k3", "k4", "k5", "k6"]);
}

/// Text that means something to a query is text like any other, kept or searched for.
pub async fn takes_any_text_for_text(store: &impl Index) {
    must(store.index(&an_entry("kept", "orders", 1)).await);
    for (number, text) in (1..).zip(HOSTILE_TEXTS.into_iter().chain(OPERATORS)) {
        let entry = SearchEntry {
            description: format!("{text} marked"),
            ..an_entry("hostile", text, number)
        };
        must(store.index(&entry).await);
        must(store.search(&search(text)).await);
        let page = must(store.search(&search("marked")).await);
        assert_eq!(page.items, [entry], "{text:?}");
    }
    assert_eq!(
        found(store, &search("orders"))
            .await
            .first()
            .map(String::as_str),
        Some("kept")
    );
}

/// A rebuild makes the same state anew, and never an older one.
pub async fn rewrites_what_is_as_new(store: &impl Index) {
    let named = |version, name| an_entry("x", name, version);
    must(store.rewrite(&named(2, "kettle")).await);
    must(store.rewrite(&named(2, "mug")).await);
    assert_eq!(found(store, &search("mug")).await, ["x"]);
    must(store.rewrite(&named(1, "kettle")).await);
    assert!(found(store, &search("kettle")).await.is_empty());
}

/// A rebuild sees all that can be found, and takes out what is still as it saw it.
pub async fn lists_and_forgets_entries(store: &impl Index) {
    let withdrawn = SearchEntry {
        status: SaleStatus::Withdrawn,
        ..an_entry("w", "kettle", 4)
    };
    must(store.index(&an_entry("a", "kettle", 2)).await);
    must(store.index(&an_entry("b", "kettle", 3)).await);
    must(store.index(&withdrawn).await);
    let listed = must(store.indexed(&tenant(), None).await);
    let ids: Vec<(&str, u64)> = listed
        .iter()
        .map(|(id, version)| (id.as_str(), *version))
        .collect();
    assert_eq!(ids, [("a", 2), ("b", 3)]);
    let last: Option<&EntryId> = listed.last().map(|(id, _)| id);
    assert!(must(store.indexed(&tenant(), last).await).is_empty());
    for (id, _) in &listed {
        must(store.forget(&tenant(), id, 2).await);
    }
    assert_eq!(found(store, &search("kettle")).await, ["b"]);
    // Its version stays: only something newer brings it back.
    must(store.index(&an_entry("a", "kettle", 2)).await);
    assert_eq!(found(store, &search("kettle")).await, ["b"]);
    must(store.index(&an_entry("a", "kettle", 3)).await);
    assert_eq!(found(store, &search("kettle")).await, ["a", "b"]);
}
