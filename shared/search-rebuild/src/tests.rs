//! Every step of a rebuild may be the last of somebody, and the first of the next.

use domain::ports::{IndexCatalogue, SearchCatalogue};
use testkit::build::{a_course, a_product, an_entry, search, tenant};
use testkit::fakes::{FakeCatalogue, FakeIndex};
use testkit::{must, must_fail};

use super::*;

async fn catalogue() -> FakeCatalogue {
    let mut catalogue = FakeCatalogue::default();
    for number in 0..250 {
        catalogue = catalogue.with(a_product(&format!("p{number}"), 100));
    }
    must(catalogue.save_course(a_course("soldering", 0)).await);
    catalogue
}

/// Each step twice, by somebody who knows the place as text only.
#[tokio::test]
async fn steps_that_are_done_twice_come_to_the_same() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    must(index.index(&an_entry("gone", "Gone", 3)).await);
    let (mut place, mut written, mut removed) = (Some(Place::default().text()), 0, 0);
    while let Some(text) = place {
        let at: Place = must(text.parse());
        must(step(&catalogue, &index, &tenant(), &at).await);
        let done = must(step(&catalogue, &index, &tenant(), &at).await);
        written += done.written;
        removed += done.removed;
        place = done.next.map(|next| next.text());
    }
    // What is gone is not among what can be found when it is looked up again.
    assert_eq!((written, removed), (251, 0));
    let found = must(index.search(&search("gone")).await);
    assert!(found.items.is_empty());
    assert_eq!(index.all().len(), 252);
}

#[test]
fn a_place_reads_back_and_nothing_else_does() {
    let id = EntryId::Course(must(CourseId::parse("a:b")));
    for place in [
        Place::default(),
        Place(Stage::List(3, Some("PRODUCT#a:b\n0123#c".to_owned()))),
        Place::AFTER_LISTS,
        Place(Stage::Found(Some(id))),
    ] {
        assert_eq!(place.text().parse(), Ok(place));
    }
    for text in [
        "",
        "list",
        "list:x:",
        "found:course",
        "found:shoe:a",
        "other:1:",
    ] {
        must_fail(text.parse::<Place>());
    }
}
