//! A rebuild against a catalogue and an index in memory.

use domain::ports::IndexCatalogue;
use domain::{Course, Product, ProductDetails, SaleStatus, SearchEntry};
use testkit::build::{a_course, a_product, an_entry, at, tenant};
use testkit::fakes::{FakeCatalogue, FakeIndex};
use testkit::must;

use super::*;
use crate::output::Format;

async fn rebuilt(catalogue: &FakeCatalogue, index: &FakeIndex, from: Place) -> Rebuilt {
    let mut output = Output::new(Format::new(true), Vec::new());
    must(rebuild((catalogue, index), &tenant(), from, &mut output).await)
}

async fn rebuild_all(catalogue: &FakeCatalogue, index: &FakeIndex) -> Rebuilt {
    rebuilt(catalogue, index, Place::default()).await
}

/// Products p0 to p249 and a course.
async fn catalogue() -> FakeCatalogue {
    let mut catalogue = FakeCatalogue::default();
    for number in 0..250 {
        catalogue = catalogue.with(a_product(&format!("p{number}"), 100));
    }
    must(catalogue.save_course(a_course("soldering", 0)).await);
    catalogue
}

fn withdrawn(product: &Product) -> ProductDetails {
    ProductDetails {
        status: SaleStatus::Withdrawn,
        ..product.details()
    }
}

#[tokio::test]
async fn an_empty_index_gets_everything_of_the_catalogue() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    let done = rebuild_all(&catalogue, &index).await;
    assert_eq!((done.written, done.removed), (251, 0));
    assert_eq!(index.all().len(), 251);
    let course = Course {
        version: 1,
        ..a_course("soldering", 0)
    };
    assert!(index.all().contains(&SearchEntry::from(&course)));
    // The same again changes nothing.
    let before = index.all();
    rebuild_all(&catalogue, &index).await;
    assert_eq!(index.all(), before);
}

#[tokio::test]
async fn what_is_wrong_or_not_in_the_catalogue_is_put_right() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    must(index.index(&an_entry("p7", "Spoilt", 1)).await);
    must(index.index(&an_entry("gone", "Gone", 3)).await);
    let done = rebuild_all(&catalogue, &index).await;
    assert_eq!((done.written, done.removed), (251, 1));
    let gone = index.all().into_iter().find(|it| it.id.as_str() == "gone");
    assert_eq!(gone.map(|it| it.status), Some(SaleStatus::Withdrawn));
    let p7 = index.all().into_iter().find(|it| it.id.as_str() == "p7");
    assert_eq!(p7.map(|it| it.name), Some("A fine p7".to_owned()));
}

#[tokio::test]
async fn what_an_event_told_meanwhile_stays() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    let newer = an_entry("p7", "Newer", 2);
    must(index.index(&newer).await);
    rebuild_all(&catalogue, &index).await;
    assert!(index.all().contains(&newer));
}

#[tokio::test]
async fn what_was_withdrawn_is_found_no_more() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    rebuild_all(&catalogue, &index).await;
    let id = a_product("p7", 100).id;
    let mut product = must(catalogue.product(&id).await).unwrap();
    assert!(product.update(withdrawn(&product), at(9)));
    must(catalogue.save_product(product).await);
    assert_eq!(rebuild_all(&catalogue, &index).await.removed, 0);
    let p7 = index.all().into_iter().find(|it| it.id.as_str() == "p7");
    assert_eq!(
        p7.map(|it| (it.version, it.status)),
        Some((2, SaleStatus::Withdrawn))
    );
}

/// As after a list that lagged: the entry itself is asked for.
#[tokio::test]
async fn what_no_list_had_is_looked_for_before_it_is_removed() {
    let (catalogue, index) = (catalogue().await, FakeIndex::default());
    must(index.index(&an_entry("p7", "A fine p7", 1)).await);
    let done = rebuilt(&catalogue, &index, Place::AFTER_LISTS).await;
    assert_eq!(done.removed, 0);
    assert!(index.all().iter().all(|it| it.status == SaleStatus::Active));
}
