//! Checks of [`KeepSubscribers`] and [`ListSubscribers`].

use std::collections::BTreeSet;

use domain::CustomerId;
use domain::ports::{KeepSubscribers, ListSubscribers};

use crate::build::{customer, tenant};
use crate::must;

/// All pages of so many, and how many pages there were.
async fn all(store: &impl ListSubscribers, limit: u16) -> (Vec<CustomerId>, usize) {
    let (mut found, mut pages, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let page = must(store.subscribers(&tenant(), after.as_deref(), limit).await);
        assert!(page.items.len() <= usize::from(limit));
        found.extend(page.items);
        pages += 1;
        after = page.next;
        if after.is_none() {
            return (found, pages);
        }
    }
}

/// Wanting to hear, and not wanting to, may come again and again.
pub async fn knows_who_wants_to_hear_of_courses(store: &(impl KeepSubscribers + ListSubscribers)) {
    let (shop, other) = (tenant(), must(domain::TenantId::parse("other")));
    let (alice, bob) = (customer("alice"), customer("bob"));
    assert!(!must(store.is_subscribed((&shop, &alice)).await));
    must(store.unsubscribe((&shop, &alice)).await);
    for _ in 0..2 {
        must(store.subscribe((&shop, &alice)).await);
        assert!(must(store.is_subscribed((&shop, &alice)).await));
    }
    must(store.subscribe((&shop, &bob)).await);
    assert!(!must(store.is_subscribed((&other, &alice)).await));
    for _ in 0..2 {
        must(store.unsubscribe((&shop, &bob)).await);
        assert!(!must(store.is_subscribed((&shop, &bob)).await));
    }
    assert_eq!(all(store, 10).await.0, [alice]);
}

/// Everybody is on one page, wherever pages end.
pub async fn goes_through_all_who_want_to_hear_of_courses(
    store: &(impl KeepSubscribers + ListSubscribers),
) {
    assert_eq!(all(store, 10).await.0, []);
    let names = (0..150).map(|number| customer(&format!("customer-{number}")));
    let names: BTreeSet<CustomerId> = names.collect();
    for name in &names {
        must(store.subscribe((&tenant(), name)).await);
    }
    for limit in [1, 7, 150, 200] {
        let (found, pages) = all(store, limit).await;
        assert_eq!(found.len(), names.len(), "pages of {limit}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), names);
        assert!(pages >= names.len().div_ceil(limit.into()));
    }
}

/// Who comes or goes moves nobody else to another page.
pub async fn a_page_goes_on_where_the_one_before_ended_whoever_left(
    store: &(impl KeepSubscribers + ListSubscribers),
) {
    let shop = tenant();
    for number in 0..20 {
        must(
            store
                .subscribe((&shop, &customer(&format!("customer-{number}"))))
                .await,
        );
    }
    let first = must(store.subscribers(&shop, None, 10).await);
    for gone in &first.items {
        must(store.unsubscribe((&shop, gone)).await);
    }
    let rest = must(store.subscribers(&shop, first.next.as_deref(), 10).await);
    assert_eq!(rest.items.len(), 10);
    assert!(rest.items.iter().all(|it| !first.items.contains(it)));
}
