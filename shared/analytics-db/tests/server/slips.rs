//! Searches with a slip in them, over the catalogue of a shop that was made up for this test. The
//! queries are fixed: in each, one letter is missing, doubled, wrong, too much or swapped with the next.

use analytics_db::AnalyticsDb;
use domain::ports::{IndexCatalogue, SearchCatalogue};
use domain::{CourseId, EntryId, SearchEntry, SearchQuery};
use testkit::build::{an_entry, search};
use testkit::{must, must_have};

use crate::schema::fresh;

/// A kind and a name in each line.
const CATALOGUE: &str = include_str!("catalogue.txt");
/// What is typed, and the name that is meant.
const SLIPS: &str = include_str!("slips.txt");
/// Within so many results the right one must be.
const TOP: u8 = 5;

async fn shop() -> AnalyticsDb {
    let database = fresh("slips").await;
    for (number, line) in CATALOGUE.lines().enumerate() {
        let (kind, name) = must_have(line.split_once(' '));
        let entry = an_entry(&format!("e-{number}"), name, 1);
        let id = match kind {
            "course" => EntryId::Course(must(CourseId::parse(entry.id.as_str()))),
            _ => entry.id.clone(),
        };
        must(database.index(&SearchEntry { id, ..entry }).await);
    }
    database
}

/// The names that are found, best first.
async fn top(database: &AnalyticsDb, text: &str) -> Vec<String> {
    let query = SearchQuery {
        limit: TOP,
        ..search(text)
    };
    let page = must(database.search(&query).await);
    page.items.into_iter().map(|entry| entry.name).collect()
}

#[tokio::test]
async fn what_is_meant_is_in_the_top_five_of_nine_in_ten_queries_with_a_slip() {
    let database = shop().await;
    let (mut asked, mut missed) = (0, Vec::new());
    for line in SLIPS.lines() {
        let (typed, meant) = must_have(line.split_once(" -> "));
        let found = top(&database, typed).await;
        asked += 1;
        if !found.iter().any(|name| name == meant) {
            missed.push(format!("{typed}: {meant}, not {found:?}"));
        }
    }
    assert_eq!(asked, 200);
    println!("{} of {asked} missed: {missed:#?}", missed.len());
    assert!(missed.len() * 10 <= asked, "{missed:#?}");
}

#[tokio::test]
async fn the_second_of_four_letters_may_be_wrong() {
    let database = fresh("second_letter").await;
    for (typed, meant) in [("lemp", "Desk Lamp"), ("tont", "Family Tent")] {
        must(database.index(&an_entry(typed, meant, 1)).await);
        assert_eq!(top(&database, typed).await, [meant], "{typed}");
    }
}

#[tokio::test]
async fn a_name_as_it_is_comes_first() {
    let database = shop().await;
    let mut wrong = Vec::new();
    for line in CATALOGUE.lines() {
        let (_, name) = must_have(line.split_once(' '));
        let found = top(&database, name).await;
        if found.first().map(String::as_str) != Some(name) {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn other_forms_of_a_word_and_accents_find_it() {
    let database = shop().await;
    for (typed, meant) in [
        ("heated airers", "Heated Winged Clothes Airer"),
        ("sharpen knives", "Knife Sharpening Workshop"),
        ("Dámask chef knife", "Damascus Chef's Knife"),
        ("conversational portugu", "Conversational Portuguese"),
    ] {
        let found = top(&database, typed).await;
        assert!(found.iter().any(|name| name == meant), "{typed}: {found:?}");
    }
}
