//! What becomes of a minute.

use domain::CustomerId;
use profile_sync::want;
use testkit::FakeClock;
use testkit::build::{an_account, at};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeCopies, FakeDestination, Mood};

use super::*;

struct World {
    accounts: FakeAccounts,
    copies: FakeCopies,
    services: [FakeDestination; 2],
    destinations: Vec<Destination<FakeBreakers, FakeDestination>>,
    time: FakeClock,
}

impl World {
    /// Two services, each behind with so many profiles, which are due.
    async fn behind(profiles: u32) -> Self {
        let breakers = FakeBreakers::default();
        let services = [FakeDestination::default(), FakeDestination::default()];
        let names = ["crm", "support"].into_iter().zip(&services);
        let destination = |(name, service): (&str, &FakeDestination)| {
            let name = DestinationName::parse(name).unwrap();
            Destination::new(name, 10, breakers.clone(), service.clone())
        };
        let world = Self {
            accounts: FakeAccounts::default(),
            copies: FakeCopies::default(),
            destinations: names.map(destination).collect(),
            services,
            time: FakeClock::default(),
        };
        for number in 0..profiles {
            let account = an_account(&format!("user{number}"));
            let account = world.accounts.register(account).await.unwrap();
            for destination in &world.destinations {
                let (name, version) = (destination.name(), account.sequence());
                let now = world.time.now();
                let wanted = want(&world.copies, name, &account.id, version, now).await;
                assert!(wanted.unwrap());
            }
        }
        world.time.advance(SignedDuration::from_mins(2));
        world
    }

    async fn run(&self) -> Result<CaughtUp, CatchUpError> {
        handle(&self.accounts, &self.copies, &self.destinations, &self.time).await
    }
}

#[tokio::test]
async fn each_service_is_told_what_it_takes_in_a_minute() {
    let world = World::behind(25).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(world.run().await.unwrap().told);
        world.time.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(told, [20, 20, 10, 0]);
    for service in &world.services {
        assert_eq!(service.asked(), 25);
    }
}

#[tokio::test]
async fn a_service_that_is_down_stops_no_other_and_is_hardly_called() {
    let world = World::behind(25).await;
    world.services[0].feel(Mood::Down);
    for _ in 0..60 {
        world.run().await.unwrap();
        world.time.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(world.services[1].asked(), 25);
    // Ten at once before it is known, then a probe every ten minutes.
    let asked = world.services[0].asked();
    let states = world.copies.destinations().await.unwrap();
    let behind: Vec<_> = states.iter().map(|state| state.behind).collect();
    assert_eq!(behind, [25, 0]);
    assert_eq!(states[0].failing_since, Some(at(120)));
    assert_eq!(
        (states[0].minutes_left(), states[1].minutes_left()),
        (None, Some(0))
    );
    assert!(asked <= 20, "{asked} calls in an hour");
    world.services[0].feel(Mood::Well);
    for _ in 0..20 {
        world.run().await.unwrap();
        world.time.advance(SignedDuration::from_mins(1));
    }
    let user = CustomerId::parse("user7").unwrap();
    assert_eq!(world.services[0].took(&user).len(), 1);
    assert!(
        world
            .copies
            .all()
            .iter()
            .all(domain::ProfileCopy::is_in_sync)
    );
}

#[tokio::test]
async fn a_store_that_is_away_is_reported() {
    let world = World::behind(1).await;
    world.copies.fail(true);
    let error = world.run().await.unwrap_err();
    assert_eq!(error.name(), ErrorName::Unavailable);
    world.copies.fail(false);
    assert_eq!(world.run().await.unwrap().told, 2);
    assert_eq!(world.copies.destinations().await.unwrap().len(), 2);
}

#[test]
fn the_environment_must_name_tables_and_services() {
    let error = Config::from_env(&Env::default()).unwrap_err().to_string();
    for name in ["ACCOUNTS_TABLE", "OPERATIONS_TABLE", "PROFILE_DESTINATIONS"] {
        assert!(error.contains(name), "{error}");
    }
}
