//! News of third parties are remembered by their ids.

use domain::NewsId;
use domain::ports::RememberNews;

use crate::build::at;
use crate::must;

fn id(text: &str) -> NewsId {
    must(NewsId::parse(text))
}

/// Known once noted, and only then; noting them again is nothing.
pub async fn remembers_news_by_their_ids(store: &impl RememberNews) {
    let (one, other) = (id("evt_1"), id("evt_10"));
    assert!(!must(store.is_known(&one).await));
    must(store.note(&one, at(60)).await);
    must(store.note(&one, at(90)).await);
    assert!(must(store.is_known(&one).await));
    assert!(!must(store.is_known(&other).await));
}
