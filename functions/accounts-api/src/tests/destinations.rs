//! How the services stand that are told of profiles.

use domain::ports::KeepDestinations;
use domain::{DestinationName, DestinationState};

use super::*;

fn state(name: &str, behind: u32, failing: bool) -> DestinationState {
    DestinationState {
        name: DestinationName::parse(name).unwrap(),
        behind,
        failing_since: failing.then(|| at(5)),
        per_minute: 600,
        as_of: at(60),
    }
}

#[tokio::test]
async fn staff_see_how_each_service_stands() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let states = [
        state("crm", 0, false),
        state("newsletter", 1_000, true),
        state("support", 601, false),
    ];
    shop.store.save_destinations(&states).await.unwrap();
    let path = "/api/v1/admin/destinations";
    assert_eq!(shop.ask(alice.get(path)).await.status, 403);
    let answer = shop.ask(dora.get(path)).await;
    let as_of = "2026-07-20T12:01:00Z";
    let expected = json!({"destinations": [
        {"name": "crm", "status": "in-sync", "behind": 0, "minutes_left": 0, "per_minute": 600, "as_of": as_of},
        {"name": "newsletter", "status": "failing", "behind": 1_000,
         "failing_since": "2026-07-20T12:00:05Z", "per_minute": 600, "as_of": as_of},
        {"name": "support", "status": "behind", "behind": 601, "minutes_left": 2, "per_minute": 600, "as_of": as_of},
    ]});
    assert_eq!(answer.json(), expected);
}
