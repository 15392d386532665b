//! What becomes of one event.

use contracts::events::account_changed;
use domain::{Account, DestinationName};
use testkit::FakeClock;
use testkit::build::{an_account, at};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeCopies, FakeDestination, Mood};

use super::*;

struct World {
    accounts: FakeAccounts,
    copies: FakeCopies,
    services: Vec<FakeDestination>,
    destinations: Vec<Destination<FakeBreakers, FakeDestination>>,
    time: FakeClock,
}

impl World {
    fn new() -> Self {
        let breakers = FakeBreakers::default();
        let services: Vec<FakeDestination> = (0..3).map(|_| FakeDestination::default()).collect();
        let names = ["crm", "newsletter", "support"].into_iter().zip(&services);
        let destination = |(name, service): (&str, &FakeDestination)| {
            let name = DestinationName::parse(name).unwrap();
            Destination::new(name, 600, breakers.clone(), service.clone())
        };
        Self {
            accounts: FakeAccounts::default(),
            copies: FakeCopies::default(),
            destinations: names.map(destination).collect(),
            services,
            time: FakeClock::default(),
        }
    }

    async fn registered(&self) -> Account {
        self.accounts.register(an_account("ada")).await.unwrap()
    }

    async fn hear(&self, account: &Account) -> Result<(), SyncProfileError> {
        let event = account_changed(account);
        let (accounts, copies) = (&self.accounts, &self.copies);
        handle(accounts, copies, &self.destinations, event, &self.time).await
    }

    fn asked(&self) -> Vec<u32> {
        self.services.iter().map(FakeDestination::asked).collect()
    }
}

#[tokio::test]
async fn all_services_are_told_at_once() {
    let world = World::new();
    let ada = world.registered().await;
    world.hear(&ada).await.unwrap();
    for service in &world.services {
        assert_eq!(service.took(&ada.id), [ada.sequence()]);
    }
    assert!(
        world
            .copies
            .all()
            .iter()
            .all(domain::ProfileCopy::is_in_sync)
    );
}

#[tokio::test]
async fn an_event_that_comes_twice_is_told_once() {
    let world = World::new();
    let ada = world.registered().await;
    world.hear(&ada).await.unwrap();
    world.hear(&ada).await.unwrap();
    assert_eq!(world.asked(), [1, 1, 1]);
}

#[tokio::test]
async fn a_service_that_is_down_stops_neither_the_others_nor_the_message() {
    let world = World::new();
    world.services[1].feel(Mood::Down);
    let ada = world.registered().await;
    world.hear(&ada).await.unwrap();
    let behind: Vec<String> = (world.copies.all().iter())
        .filter(|copy| !copy.is_in_sync())
        .map(|copy| copy.destination.to_string())
        .collect();
    assert_eq!(behind, ["newsletter"]);
}

#[tokio::test]
async fn what_cannot_be_noted_goes_back_to_the_queue() {
    let world = World::new();
    let ada = world.registered().await;
    world.copies.fail(true);
    let error = world.hear(&ada).await.unwrap_err();
    assert_eq!(error.name(), ErrorName::Unavailable);
    world.copies.fail(false);
    world.hear(&ada).await.unwrap();
    assert_eq!(world.asked(), [1, 1, 1]);
}

#[tokio::test]
async fn sessions_passwords_and_links_are_told_to_nobody() {
    let world = World::new();
    let mut ada = world.registered().await;
    ada.end_sessions(at(1));
    world.hear(&ada).await.unwrap();
    assert!(ada.request_reset(at(2)));
    world.hear(&ada).await.unwrap();
    assert_eq!(world.asked(), [0, 0, 0]);
}

#[test]
fn the_environment_must_name_tables_and_services() {
    let error = Config::from_env(&Env::default()).unwrap_err().to_string();
    for name in ["ACCOUNTS_TABLE", "OPERATIONS_TABLE", "PROFILE_DESTINATIONS"] {
        assert!(error.contains(name), "{error}");
    }
    let env = Env::from_pairs([
        ("ACCOUNTS_TABLE", "accounts"),
        ("OPERATIONS_TABLE", "operations"),
        ("PROFILE_DESTINATIONS", "[]"),
    ]);
    assert!(Config::from_env(&env).unwrap().destinations.0.is_empty());
}
